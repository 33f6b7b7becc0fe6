"""Where a discovery stands, as it tells while it runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cogrnn_lab.analysis import Equations
from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.ascent import PathReport
from cogrnn_lab.discovery.choice import ChosenLevel
from cogrnn_lab.discovery.judge import CHOOSE
from cogrnn_lab.discovery.level import Level
from cogrnn_lab.models import Network
from cogrnn_lab.workers import Door

PATH, EQUATIONS, YARDSTICKS = "penalty path", "equations", "yardsticks"


@dataclass(frozen=True)
class DiscoveryProgress:
    """State of a discovery.

    Fields:
        stage: "penalty path", "equations" or "yardsticks".
        text: What it does or has done, in words with numbers.
        is_done: Whether `text` tells of something that is finished, such as a level of the path.
        chosen: The level, once it is chosen.
        equations: The equations, once they are found.
    """

    stage: str
    text: str
    is_done: bool = False
    chosen: ChosenLevel | None = None
    equations: Equations | None = None


Watcher = Callable[[DiscoveryProgress], None]


def watchers(
    door: Door,
    watch: Watcher | None,
    callbacks: Sequence[Callable[[PathReport], None]],
    choose: Dataset,
    model: Network,
    of: int,
) -> tuple[Callable[[PathReport], None], ...]:
    """Callbacks of the path of a model, one of `of`; of one that workers make `watch` is told its beginning.

    Raises `ValueError` where functions of the user's own would be called by workers.
    """
    if door.is_here:
        return (*callbacks, *path_watchers(watch, choose, model, of))
    if callbacks:
        raise ValueError(
            "callbacks are called where a path is trained, which is on the workers of the client; leave "
            "callbacks or client out. watch is called here, with every part that ends"
        )
    if watch is not None:
        watch(DiscoveryProgress(PATH, f"the path of the {type(model).__name__} is made by workers"))
    return ()


def ended(door: Door, watch: Watcher | None, path: Any) -> Any:
    """Give a finished path; of one that workers made `watch` is told its end."""
    if not door.is_here and watch is not None:
        kind, n = type(path.warm_up.models[0]).__name__, len(path.levels)
        watch(DiscoveryProgress(PATH, f"the path of the {kind} is made: {n} levels", is_done=True))
    return path


def path_watchers(
    watch: Watcher | None, choose: Dataset, model: Network, of: int
) -> tuple[Callable[[PathReport], None], ...]:
    """Callbacks of the `penalty_path` of a model, one of `of`, that tell `watch` of it."""
    if watch is None:
        return ()
    whose = "" if of == 1 else f"{type(model).__name__}, "
    n_choices = int(choose.mask[..., 0].sum())

    def tell(report: PathReport) -> None:
        name = whose + ("warm-up" if report.level < 0 else f"level {report.level} (price {report.price:.3g})")
        if report.finished is None:
            loss = f"loss {float(np.mean(report.loss)):.4f} nats per choice"
            watch(DiscoveryProgress(PATH, f"{name}, step {report.steps:,}: {loss}"))
        else:
            watch(DiscoveryProgress(PATH, f"{name}: {_of_level(report.finished, n_choices)}", is_done=True))

    return (tell,)


def _of_level(level: Level, n_choices: int) -> str:
    likelihood = np.exp(-level.nll[CHOOSE].sum(-1) / n_choices)
    latents = ", ".join(str(n) for n in level.n_latents)
    return (
        f"{level.n_steps:,} steps, latents that count: {latents}; likelihood of the choices chosen by "
        f"{likelihood.max():.4f}"
    )
