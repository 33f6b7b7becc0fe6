"""Where a discovery stands, as it tells while it runs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cogrnn_lab.analysis import Equations
from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.ascent import PathReport
from cogrnn_lab.discovery.choice import ChosenLevel
from cogrnn_lab.discovery.judge import CHOOSE
from cogrnn_lab.discovery.level import Level
from cogrnn_lab.models import Network

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
