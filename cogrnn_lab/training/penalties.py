"""What a network pays for information, and the phases of training that set it."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace

import jax
import jax.numpy as jnp
import numpy as np


@dataclass(frozen=True)
class Penalties:
    """Price of each bottleneck group, in loss per nat and counted target, of weights and of activity.

    `l2` is on the sum of the squared weights that a network counts (`model.l2()`). For a `ConstrainedRNN`:
    `l1_input`, `l1_recurrent`, `l1_output` on the mean absolute effective weight of a layer, `l2_input`,
    `l2_recurrent`, `l2_output` on the mean squared one, and `rates` on the squared firing rate, averaged over
    units and valid trials (Ehrlich et al., eNeuro 2021). A price for what a network does not have costs
    nothing; training warns of it, unless it is that of the default recipe.

    Only numbers that enter the compiled training step: changing them never recompiles.
    """

    latent: float = 0.0
    update_input: float = 0.0
    update_latent: float = 0.0
    choice_latent: float = 0.0
    subject: float = 0.0
    update_subject: float = 0.0
    choice_subject: float = 0.0
    neural: float = 0.0
    l2: float = 0.0
    l1_input: float = 0.0
    l1_recurrent: float = 0.0
    l1_output: float = 0.0
    l2_input: float = 0.0
    l2_recurrent: float = 0.0
    l2_output: float = 0.0
    rates: float = 0.0

    def __post_init__(self):
        for name, value in self.as_dict().items():
            if isinstance(value, int | float | np.number) and not (np.isfinite(value) and value >= 0):
                raise ValueError(f"penalty {name} is {value}, expected a finite number of at least 0")

    @classmethod
    def uniform(cls, groups: tuple[str, ...], weight: float, l2: float = 0.0) -> "Penalties":
        """One weight for every bottleneck group of a network (`model.groups`)."""
        return cls(**dict.fromkeys(groups, weight), l2=l2)

    def as_dict(self) -> dict[str, float]:
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def replace(self, **changes: float) -> "Penalties":
        """A copy with some weights changed."""
        return replace(self, **changes)

    def as_arrays(self) -> dict[str, jax.Array]:
        """The weights as traced values."""
        return {name: jnp.asarray(value, jnp.float32) for name, value in self.as_dict().items()}


@dataclass(frozen=True)
class Phase:
    """A stretch of training under one setting; each phase begins with a fresh optimizer state.

    Arguments: `steps`; `penalties`; `noise` (0: none, 1: the bottlenecks' own); `learning_rate` from here on
    (None: as it was); `name` shown in reports.
    """

    steps: int
    penalties: Penalties = field(default_factory=Penalties)
    noise: float = 1.0
    learning_rate: float | None = None
    name: str = ""

    def __post_init__(self):
        if isinstance(self.steps, bool) or int(self.steps) != self.steps or self.steps < 0:
            raise ValueError(f"a phase has a whole number of steps, got steps={self.steps!r}")
        if not (np.isfinite(self.noise) and self.noise >= 0):
            raise ValueError(f"noise is {self.noise}, expected a finite number of at least 0")


def check_rates(phases: Sequence[Phase], learning_rate: float | None, *, has_optimizer: bool) -> None:
    """Raise a `ValueError` where a learning rate would have no effect in these phases."""
    own = [phase for phase in phases if phase.learning_rate is not None]
    told = ", ".join(f"{p.learning_rate:g}" + (f' ("{p.name}")' if p.name else "") for p in own)
    if has_optimizer and own:
        raise ValueError(
            f"the learning rates of the phases, {told}, would have no effect: your own optimizer "
            "brings its own. Leave them out, as by warm_up_then_penalized(warm_up_rate=None, rate=None)"
        )
    first = next((phase for phase in phases if phase.steps), None)
    if learning_rate is not None and first is not None and first.learning_rate is not None:
        raise ValueError(
            f"learning_rate = {learning_rate:g} would have no effect: the phases bring their own, {told}. "
            "Leave it out, or the phases' rates, as by warm_up_then_penalized(warm_up_rate=None, rate=None)"
        )


def warn_of_idle(penalties: Penalties, known: Callable[[], Iterable[str] | None]) -> None:
    """Warn of prices for what a network does not have, other than those of the default recipe.

    `known` gives the names of the penalties that it has, or None where it does not say; it is asked where
    something may be wrong alone.
    """
    default = DEFAULT_PENALTIES.as_dict()
    priced = {name: value for name, value in penalties.as_dict().items() if value and value != default[name]}
    names = known() if priced else None
    idle = [] if names is None else [name for name in priced if name not in names]
    if idle:
        told = ", ".join(f"{name}={priced[name]:g}" for name in idle)
        warnings.warn(
            f"the penalties {told} have no effect: the network has only {', '.join(names or ()) or 'none'}",
            stacklevel=3,
        )


def warm_up_then_penalized(
    warm_up: int = 500,
    steps: int = 1500,
    penalties: Penalties | None = None,
    noise: float = 1.0,
    *,
    warm_up_rate: float | None = 1e-2,
    rate: float | None = 3e-3,
) -> tuple[Phase, Phase]:
    """The recipe of the field: a warm-up without noise and penalties, then training with both.

    The default penalties are 3e-3 on the latents, 1e-3 on every other channel and 1e-5 on squared weights.
    The learning rate is `warm_up_rate`, then `rate`: smaller, because channels that close too fast take
    others with them that the data need (None: leave the trainer's, as for an optimizer of your own).
    """
    penalties = DEFAULT_PENALTIES if penalties is None else penalties
    return (
        Phase(warm_up, noise=0.0, learning_rate=warm_up_rate, name="warm-up"),
        Phase(steps, penalties, noise, learning_rate=rate, name="penalized"),
    )


DEFAULT_PENALTIES = Penalties(
    latent=3e-3,
    update_input=1e-3,
    update_latent=1e-3,
    choice_latent=1e-3,
    subject=1e-3,
    update_subject=1e-3,
    choice_subject=1e-3,
    neural=1e-3,
    l2=1e-5,
)
