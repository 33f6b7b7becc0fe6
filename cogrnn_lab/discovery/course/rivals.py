"""Models that are fitted beside the network: begun here one after the other, or on workers all at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path as FilePath
from typing import Any

import jax
import numpy as np

from cogrnn_lab.analysis import Evaluation, evaluate
from cogrnn_lab.data.splits import fitted_by
from cogrnn_lab.discovery.ascent import PathReport
from cogrnn_lab.discovery.course.finished import Finished, Part, key_of, key_of_agent, key_of_parts
from cogrnn_lab.discovery.course.progress import YARDSTICKS, DiscoveryProgress, Watcher
from cogrnn_lab.discovery.judge import CHOOSE, REPORT
from cogrnn_lab.discovery.parts import Parts
from cogrnn_lab.discovery.path_training import penalty_path
from cogrnn_lab.discovery.schedule import Settling
from cogrnn_lab.discovery.units import Pairing
from cogrnn_lab.fitting import fit_agent
from cogrnn_lab.models import GRU
from cogrnn_lab.workers import Door, Here, Later

# Prices of squared weights among which the GRU is chosen, in multiples of the default of 1e-5.
GRU_PRICES = (1.0, 10.0, 100.0)
GRU_UNITS = 16


@dataclass(frozen=True)
class Rivals:
    """Models beside the network, each as a function that waits for what it comes to.

    Fields:
        pairing: {"choose", "report": units by which likelihoods are paired}.
        classical: {name: its nll of the choosing and the reported units, or why it could not be fitted}.
        gru: The GRU; None for none.
    """

    pairing: Mapping[str, Pairing]
    classical: Mapping[str, Later]
    gru: Later | None


def begun(
    parts: Parts,
    classical: Mapping[str, Any],
    gru_units: int | None,
    seed: int,
    finished: Finished,
    *,
    door: Door = Here(),  # noqa: B008 (it holds nothing)
    watch: Watcher | None = None,
) -> Rivals:
    """Begin to fit the models beside the network.

    Arguments: `parts` of the data; `classical` models by name; `gru_units` of the GRU, None for none; `seed`
    of both; `finished`, where they are kept; `door` through which they go; `watch`, told of each step.
    """
    pairing = {name: Pairing(parts.named[name]) for name in (CHOOSE, REPORT)}
    by = fitted_by(parts.train, *parts.named.values())
    key = key_of_parts(parts)
    shared, paired = door.keep(parts), door.keep(pairing)
    gru = None
    if gru_units is not None:
        file = finished.file("gru", key_of(key, gru_units, seed))
        tell = teller(watch if door.is_here else None)
        gru = door.begin("the GRU", _gru, shared, gru_units, seed, file, tell)
    fits = {}
    for name, agent in classical.items():
        own = key_of_agent(agent)
        kept_as = None if own is None else key_of(key, *own, by == "all", seed)
        fits[name] = door.begin(name, _classical, finished, kept_as, agent, shared, paired, by, seed)
    return Rivals(pairing, fits, gru)


def teller(watch: Watcher | None) -> Callable[[str], None]:
    """Give a function that tells `watch` what is fitted."""
    return partial(_tell, watch)


def _tell(watch: Watcher | None, text: str) -> None:
    if watch is not None:
        watch(DiscoveryProgress(YARDSTICKS, text))


def _classical(
    finished: Finished,
    key: str | None,
    agent: Any,
    parts: Parts,
    pairing: Mapping[str, Pairing],
    by: str,
    seed: int,
) -> Part:
    """What was kept of an agent, or its fit."""
    return finished.part("classical", key, partial(_fitted, agent, parts, pairing, by, seed))


def _fitted(agent: Any, parts: Parts, pairing: Mapping[str, Pairing], by: str, seed: int) -> Part:
    """Nll of the choosing and the reported units by an agent, or why it could not be fitted."""
    try:
        fit = fit_agent(agent, parts.train, by=by, seed=seed)
        return {}, {part: _by_unit(evaluate(fit, own.each)) for part, own in pairing.items()}
    except ValueError as error:  # as where rewards are not known
        return {"failed": str(error)}, {}


def _gru(
    parts: Parts, n_units: int, seed: int, checkpoint: FilePath | None, tell: Callable[[str], None]
) -> Any:
    """The GRU that predicts the choosing sessions best, of its warm-up and of every price of weights."""
    train = parts.train
    gru = GRU(train.n_inputs, int(train.n_classes or 0), n_units, key=jax.random.key(seed))

    def said(report: PathReport) -> None:
        where = "warm-up" if report.level < 0 else f"price {report.level + 1} of {len(GRU_PRICES)}"
        tell(f"training a GRU of {n_units} units: {where}, step {report.steps:,}")

    path = penalty_path(
        gru, train, parts.choose, levels=GRU_PRICES, seed=seed, settling=Settling(most=400),
        checkpoint=checkpoint, callbacks=[said],
    )  # fmt: skip
    levels = (path.warm_up, *path.levels)
    units = path.units[CHOOSE]
    return min(levels, key=lambda level: units.means(level.nll[CHOOSE][0])).models[0]


def _by_unit(evaluation: Evaluation) -> np.ndarray:
    return np.asarray(evaluation.session_nll, np.float64)
