"""Weights of the penalties on information, weights and activity."""

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace

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
