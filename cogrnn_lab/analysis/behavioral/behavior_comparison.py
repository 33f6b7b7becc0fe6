"""Behavior of the data and of models that play, side by side, with their distances."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.analysis.behavioral.behavior import Behavior, behavior
from cogrnn_lab.analysis.behavioral.behavior_distance import distance, distance_from_itself
from cogrnn_lab.data import Dataset
from cogrnn_lab.tasks import Environment

DATA = "data"


@dataclass(frozen=True)
class BehaviorComparison:
    """Behavior of the data and of models, side by side.

    Fields:
        behaviors: `Behavior` by name, "data" first.
        distances: A row for each model: its distance from the data, `expected` if it behaved as the data do,
            `most` (exceeded by 2.5 % of such), whether it is `within` that, and the distance of each curve.
            Distances are root mean square differences of proportions.
        text: Sentences: who behaves like the data, and what each played.
    """

    behaviors: dict[str, Behavior]
    distances: pd.DataFrame
    text: str

    @property
    def table(self) -> pd.DataFrame:
        """A row for each model, curve and condition."""
        parts = [one.table.assign(model=name) for name, one in self.behaviors.items()]
        return pd.concat(parts, ignore_index=True)

    def __repr__(self) -> str:
        return f"BehaviorComparison({self.text})"


def compare_behavior(
    dataset: Dataset,
    models: Mapping[str, Any],
    environment: Environment | str | None = None,
    *,
    seed: int = 0,
    **settings: Any,
) -> BehaviorComparison:
    """Let models play, and set their behavior beside that of the data.

    What distance to expect of a model that behaves as the data do is found from the data against themselves:
    random halves of their sessions.

    Arguments:
        dataset: Choices of animals, people, or a simulation.
        models: Agents, fits, equations, networks, runs or discoveries by name; a `Behavior` is taken as it
            is.
        environment: What they play; None: that of the data, as in `behavior`.
        seed: Of what is played, of the resamples and of the halves.
        settings: Further arguments of `behavior`, such as n_outcomes=2.

    Returns:
        A `BehaviorComparison`.

    Raises:
        TypeError: A model cannot play.
        ValueError: There is no model, one is called "data", or the environment is not known.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=8, n_trials=60)
        >>> compared = cl.compare_behavior(data, {"chance": cl.QLearning(inverse_temperature=0.0)})
        >>> list(compared.behaviors)
        ['data', 'chance']
    """
    if not isinstance(models, Mapping) or not models:
        raise ValueError('expected models by name, such as {"network": run, "Q-learning": fit}.')
    if DATA in models:
        raise ValueError('a model is called "data", which is the name of the data themselves.')
    if "open_loop" in settings:
        # Along the data a model shares their chance, so that the distance to expect is another.
        raise ValueError(
            "models that are compared play by themselves; cl.behavior(..., open_loop=True) does not."
        )
    behaviors = {DATA: behavior(dataset, seed=seed, **settings)}
    for name, model in models.items():
        if isinstance(model, Behavior):
            behaviors[name] = model
        else:
            behaviors[name] = behavior(dataset, model, environment=environment, seed=seed, **settings)
    own, halved = distance_from_itself(behaviors[DATA], np.asarray(dataset.subject), seed)
    expected, most = _of(own)
    rows = []
    for name in list(behaviors)[1:]:
        apart = distance(behaviors[DATA], behaviors[name])
        within = None if np.isnan(most) else bool(apart.overall <= most)
        row = {"model": name, "distance": apart.overall, "expected": expected, "most": most, "within": within}
        rows.append(row | apart.by_curve)
    table = pd.DataFrame(rows)
    return BehaviorComparison(behaviors, table, _text(table, behaviors, halved))


def _of(own: list[Any]) -> tuple[float, float]:
    """Expected distance, and that which 2.5 % exceed; NaN where there is one session."""
    if not own:
        return float("nan"), float("nan")
    overall = np.array([one.overall for one in own])
    return float(np.sqrt((overall**2).mean())), float(np.quantile(overall, 0.975))


def _text(table: pd.DataFrame, behaviors: dict[str, Behavior], halved: str) -> str:
    curves = [
        name for name in table.columns if name not in ("model", "distance", "expected", "most", "within")
    ]
    said = []
    for _, row in table.iterrows():
        text = f"{row['model']}: proportions of choices differ from the data's by {row['distance']:.3f}"
        if row["within"] is None or np.isnan(row["most"]):
            said.append(f"{text}; what to expect is not known ({halved}).")
            continue
        text += f", where {row['expected']:.3f} is expected of one like them"
        text += f" ({halved}; at most {row['most']:.3f})"
        if row["within"]:
            said.append(f"{text}: its behavior cannot be told from that of the data.")
        else:
            widest = max((name for name in curves if np.isfinite(row[name])), key=lambda name: row[name])
            said.append(f"{text}: it behaves otherwise, most in {widest} ({row[widest]:.3f}).")
    played = dict.fromkeys(
        note for name in table["model"] for note in behaviors[name].notes[:1] if "played" in note
    )
    return " ".join([*said, *played])
