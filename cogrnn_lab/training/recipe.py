"""The numbers of a training run by default: one place for `fit`, the command line, the lab and the README."""

from dataclasses import dataclass

from cogrnn_lab.training.penalties import DEFAULT_PENALTIES, Penalties, as_penalties


@dataclass(frozen=True)
class TrainingRecipe:
    """Numbers of a training run in two phases, a warm-up and a penalized one; see `warm_up_then_penalized`.

    Fields:
        warm_up: Steps of the warm-up.
        steps: Penalized steps after it.
        warm_up_rate: Learning rate of the warm-up.
        rate: Learning rate of the penalized phase.
        penalties: Weights of the penalties after the warm-up.
        noise: Scale of the network's noise after the warm-up.
        batch_size: Sessions, or trials of a task, in a training step.
        max_grad_norm: Norm to which gradients are clipped.
    """

    warm_up: int = 500
    steps: int = 1500
    warm_up_rate: float = 1e-2
    rate: float = 3e-3
    penalties: Penalties = DEFAULT_PENALTIES
    noise: float = 1.0
    batch_size: int = 128
    max_grad_norm: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "penalties", as_penalties(self.penalties))


DEFAULT_RECIPE = TrainingRecipe()
