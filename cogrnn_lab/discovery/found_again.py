"""Whether discovery finds again what it found: simulated from the result, discovered anew, compared."""

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import pandas as pd

from cogrnn_lab.analysis import Equations
from cogrnn_lab.analysis.behavioral.closed_loop import played
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import PREVIOUS_MISSED
from cogrnn_lab.discovery.findings import Discovery, discover
from cogrnn_lab.discovery.mechanisms import Agreement, agreement
from cogrnn_lab.tasks import Environment

NETWORK, EQUATIONS = "network", "equations"


@dataclass(frozen=True)
class GenerativeCheck:
    """What was discovered, and what is discovered from its own choices.

    Fields:
        plays: "network" or "equations", whose choices they are.
        simulated: Those choices.
        again: The `Discovery` from them.
        agreement: Likeness of the two networks, the first being that which was found first.
        numbers: A row for each number of equations: `value` and `again`, each with `low` and `high`; NaN
            where one of the two has no such number. Empty where equations are missing.
        mechanism: Names of both equations, first and again; "" where there are none.
        text: What was found again, in sentences.
    """

    plays: str
    simulated: Dataset
    again: Discovery
    agreement: Agreement
    numbers: pd.DataFrame
    mechanism: tuple[str, str]
    text: str

    @property
    def found_again(self) -> bool:
        """Whether both networks have the same mechanism."""
        return bool(self.agreement.is_shared.all())

    def __repr__(self) -> str:
        return f"GenerativeCheck({self.text})"


def generative_check(
    discovery: Any,
    dataset: Dataset,
    *,
    plays: str = NETWORK,
    environment: Environment | str | None = None,
    seed: int = 0,
    **settings: Any,
) -> GenerativeCheck:
    """Let what was discovered play, discover again from its choices with the same settings, and compare.

    A mechanism that is not found again where it is known to be there cannot be told by as many choices.

    Arguments:
        discovery: What was found.
        dataset: The data it was found from, all sessions: as many are played, each as long.
        plays: "network" or "equations".
        environment: What is played, as in `behavior`.
        seed: Of what is played, and of the first network.
        settings: Arguments of `discover` to be changed, such as seeds=1 or equations={"n_starts": 2}.

    Returns:
        A `GenerativeCheck`.

    Raises:
        ValueError: There are no equations that could play, or the network reads what no bandit tells.
    """
    if not isinstance(discovery, Discovery):
        raise TypeError(
            f"got a {type(discovery).__name__}, expected a Discovery, as cl.discover(dataset) makes it"
        )
    if plays not in (NETWORK, EQUATIONS):
        raise ValueError(f'plays = {plays!r}; expected "{NETWORK}" or "{EQUATIONS}".')
    player = discovery.model if plays == NETWORK else discovery.equations
    if player is None:
        raise ValueError(f'no equations can play: {discovery.without_equations} plays="{NETWORK}" does.')
    simulated, how = played(player, dataset, environment, seed=seed)
    simulated = _as_it_was_shown(simulated, dataset)
    again = discover(simulated, seed=seed, **{**_same_settings(discovery, dataset, seed), **settings})
    alike = agreement([discovery.model, again.model], simulated)
    numbers = _numbers(discovery.equations, again.equations)
    mechanism = tuple("" if one.equations is None else one.equations.mechanism for one in (discovery, again))
    first, second = mechanism
    return GenerativeCheck(
        plays=plays,
        simulated=simulated,
        again=again,
        agreement=alike,
        numbers=numbers,
        mechanism=(first, second),
        text=_text(plays, simulated, alike, numbers, (first, second), how),
    )


def _as_it_was_shown(simulated: Dataset, dataset: Dataset) -> Dataset:
    """With the input "previous trial missed", always 0, where the data had it."""
    if dataset.input_names[-1:] != (PREVIOUS_MISSED,) or PREVIOUS_MISSED in simulated.input_names:
        return simulated
    inputs = np.concatenate(
        [simulated.inputs, np.zeros((*simulated.inputs.shape[:2], 1), np.float32)], axis=-1
    )
    return simulated._replace(inputs=inputs, input_names=(*simulated.input_names, PREVIOUS_MISSED))


def _same_settings(discovery: Discovery, dataset: Dataset, seed: int) -> dict[str, Any]:
    """Arguments of `discover` as the discovery was made; models beside it are not fitted again."""
    recipe: Any = discovery.recipe
    assert recipe.make is not None
    return {
        "model": [make(dataset, jax.random.key(seed)) for make in recipe.make],
        "hold_out": recipe.hold_out,
        "seeds": recipe.seeds,
        "rule": recipe.rule,
        "n_latents": recipe.n_latents,
        "equations": False if discovery.equations is None else recipe.equations,
        "classical": {},
        "gru_units": None,
        **recipe.options,
    }


def _numbers(first: Equations | None, again: Equations | None) -> pd.DataFrame:
    """Numbers of both by name."""
    columns = ["name", "unit", "value", "low", "high", "again", "again_low", "again_high"]
    if first is None or again is None:
        return pd.DataFrame(columns=columns)
    kept = ["name", "unit", "value", "low", "high"]
    new = again.numbers[kept].rename(columns={"value": "again", "low": "again_low", "high": "again_high"})
    both = first.numbers[kept].merge(new, on=["name", "unit"], how="outer")
    order = {name: place for place, name in enumerate([*first.numbers["name"], *again.numbers["name"]][::-1])}
    return both.sort_values("name", key=lambda names: -names.map(order), ignore_index=True)[columns]


def _text(
    plays: str,
    simulated: Dataset,
    alike: Agreement,
    numbers: pd.DataFrame,
    mechanism: tuple[str, str],
    how: str,
) -> str:
    n = int(simulated.mask.sum())
    said = [f"The {plays} played {n} choices in {simulated.n_sessions} sessions. {how}"]
    own = alike.n_latents
    if alike.is_shared.all():
        latents = "no latents" if own[0] == 0 else "one latent" if own[0] == 1 else f"all {own[0]} latents"
        said.append(f"Discovered again from them: the same mechanism, with {latents}.")
    else:
        said.append(
            f"Discovered again from them: another mechanism ({own[1]} latents for {own[0]}), so that as many "
            "choices cannot tell this one for sure."
        )
    if all(mechanism):
        same = mechanism[0] == mechanism[1]
        said.append(
            f"Both equations are {mechanism[0]}."
            if same
            else f"The equations were {mechanism[0]}, and are {mechanism[1]} now."
        )
        both = numbers.dropna(subset=["value", "again"])
        told = ", ".join(
            f"{row['name']} {row['value']:.3g} and {row['again']:.3g}" for _, row in both.iterrows()
        )
        said += [f"Numbers, first and again: {told}."] if told else []
    return " ".join(said)
