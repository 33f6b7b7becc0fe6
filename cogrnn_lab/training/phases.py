"""Phases of training, each with its own penalties, noise and learning rate, and the usual two of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cogrnn_lab.counts import checked_count
from cogrnn_lab.training.penalties import Penalties, as_penalties
from cogrnn_lab.training.recipe import DEFAULT_RECIPE


@dataclass(frozen=True)
class Phase:
    """Part of a training run under one setting, which begins with a fresh optimizer state.

    Arguments:
        steps: Training steps, at least 0.
        penalties: Weights of the penalties, `Penalties` or {name: weight}; by default none.
        noise: Scale of the network's noise: 0 for none, 1 for its own.
        learning_rate: Learning rate from here on; None leaves it as it was.
        name: Name shown in reports.

    Raises:
        ValueError: `steps` is not a whole number of at least 0, or `noise` is negative or not finite.
        TypeError: `noise` or `learning_rate` is no number, or `name` no text.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.Phase(500, cl.Penalties(latent=1e-3), learning_rate=1e-2, name="penalized").steps
        500
    """

    steps: int
    penalties: Any = field(default_factory=Penalties)
    noise: float = 1.0
    learning_rate: float | None = None
    name: str = ""

    def __post_init__(self):
        object.__setattr__(self, "penalties", as_penalties(self.penalties))
        steps = checked_count(self.steps, "steps", least=0, of="training steps")
        object.__setattr__(self, "steps", steps)
        if not (np.isfinite(self.noise) and self.noise >= 0):
            raise ValueError(f"noise is {self.noise}, expected a finite number of at least 0")


def warm_up_then_penalized(
    warm_up: int = DEFAULT_RECIPE.warm_up,
    steps: int = DEFAULT_RECIPE.steps,
    penalties: Penalties | Mapping[str, float] | None = None,
    noise: float = DEFAULT_RECIPE.noise,
    *,
    warm_up_rate: float | None = DEFAULT_RECIPE.warm_up_rate,
    rate: float | None = DEFAULT_RECIPE.rate,
) -> tuple[Phase, Phase]:
    """Make the two phases of the field's recipe: no noise and no penalties first, then both.

    The second learning rate is the smaller one, because bottlenecks that close too fast take others with them
    that the data need. The defaults are those of `DEFAULT_RECIPE`.

    Arguments:
        warm_up: Steps of the first phase.
        steps: Steps of the second phase.
        penalties: Penalties of the second phase, `Penalties` or {name: weight}; None for those of
            `DEFAULT_RECIPE`.
        noise: Scale of the network's noise in the second phase.
        warm_up_rate: Learning rate of the first phase; None leaves the trainer's, as an optimizer of your own
            needs.
        rate: Learning rate of the second phase, or None as above.

    Returns:
        The two phases, named "warm-up" and "penalized".

    Raises:
        ValueError: A number of steps is not a whole number of at least 0, or `noise` is negative.

    Source:
        Miller, Eckstein, Botvinick & Kurth-Nelson, "Cognitive model discovery via disentangled RNNs", NeurIPS
        2023.

    Example:
        >>> import cogrnn_lab as cl
        >>> [phase.name for phase in cl.warm_up_then_penalized(warm_up=100, steps=300)]
        ['warm-up', 'penalized']
    """
    penalties = DEFAULT_RECIPE.penalties if penalties is None else penalties
    return (
        Phase(warm_up, noise=0.0, learning_rate=warm_up_rate, name="warm-up"),
        Phase(steps, penalties, noise, learning_rate=rate, name="penalized"),
    )


def checked_phases(phases: Any, model: Any, *, own_rate: bool) -> list[Phase]:
    """Give the phases of a run as a list; those of the usual recipe where there are none.

    Arguments:
        phases: A phase, several, or None.
        model: The network, which has bottlenecks or none.
        own_rate: Whether the learning rate is given apart, so that the recipe brings none.

    Raises:
        TypeError: They are something else.
        ValueError: There are none in the list.
    """
    if phases is None:
        return list(_usual_phases(model, own_rate=own_rate))
    several = [phases] if isinstance(phases, Phase) or not isinstance(phases, list | tuple) else list(phases)
    if not several:
        raise ValueError("phases is empty; give at least one, e.g. phases=[cl.Phase(steps=500, noise=0.0)]")
    for phase in several:
        if not isinstance(phase, Phase):
            slip = f"; cl.Phase({phase}) is one of {phase} steps" if isinstance(phase, int) else ""
            called = isinstance(phase, Callable) and not isinstance(phase, type)
            slip = "; call the function: phases=cl.warm_up_then_penalized()" if called else slip
            raise TypeError(
                f"phases has {getattr(phase, '__name__', repr(phase))}, expected cl.Phase(...) or several, "
                f"such as cl.warm_up_then_penalized(500, 1500){slip}"
            )
    return several


def _usual_phases(model: Any, *, own_rate: bool) -> tuple[Phase, ...]:
    """Warm-up and penalized phase for a network with bottlenecks; for others one phase of as many steps."""
    recipe = DEFAULT_RECIPE
    if model.groups:
        return warm_up_then_penalized(warm_up_rate=None, rate=None) if own_rate else warm_up_then_penalized()
    rate = None if own_rate else recipe.rate
    return (Phase(recipe.warm_up + recipe.steps, learning_rate=rate, name="training"),)


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
