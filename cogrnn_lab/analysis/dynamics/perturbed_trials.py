"""A network along trials while something is done to it: one trial, and many sessions at once."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from cogrnn_lab.analysis.dynamics.intervention import Perturbation
from cogrnn_lab.analysis.dynamics.named_parts import channel_factors, unit_of
from cogrnn_lab.analysis.dynamics.weight_scaling import WeightScales, checked_scales, scaled
from cogrnn_lab.models import ConstrainedRNN, Network, Rollout
from cogrnn_lab.models.own_step import has_own_step


class Moment(NamedTuple):
    """What is done in one trial of a session; along trials the axes (session, time) or (time,) come first."""

    is_on: Any
    current: Any  # (unit,) or None
    clamp: Any
    seen: Any  # (input,), NaN where inputs are as they were, or None


class Change(eqx.Module):
    """Perturbation as arrays, ready to be compiled."""

    silent: Array  # (unit,)
    gain: Array  # (unit,) factor of a latent's own bottleneck
    scales: WeightScales

    def moves_states(self, model: Network, moment: Moment) -> bool:
        """Tell whether states are changed after a trial: its outputs are then read from the changed ones."""
        silences = bool(self.silent.any()) and not isinstance(model, ConstrainedRNN)
        scales = bool((self.gain != 1).any())
        return silences or scales or moment.current is not None or moment.clamp is not None


class Planned(NamedTuple):
    """A checked perturbation: what is the same in all trials, what is not, and named channels' openness."""

    change: Change
    moments: Moment  # arrays (session or 1, time, ...)
    openness: Mapping[str, float]


def planned(
    model: Network, perturbation: Perturbation, n_sessions: int, n_trials: int, states: np.ndarray | None
) -> Planned:
    """Check a perturbation and make arrays of it; `states` (session, time, unit) are those to patch from.

    Raises:
        ValueError: A part does not fit the network or the trials.
    """
    n_units = model.n_latents
    factors, gain, openness = {}, np.ones(n_units, np.float32), {}
    if perturbation.channels:
        factors, gain, openness = channel_factors(model, perturbation.channels)
    given = dict(perturbation.weight_scale or {})
    for path, factor in factors.items():
        given[path] = factor * np.asarray(given.get(path, 1.0), np.float32)
    change = Change(
        silent=jnp.asarray(_lesioned(perturbation.lesion, n_units)),
        gain=jnp.asarray(gain),
        scales=checked_scales(model, given, n_trials, perturbation.weights),
    )
    clamp = _clamp(perturbation, n_sessions, n_trials, n_units, states)
    moments = Moment(
        is_on=_during(perturbation.during, n_sessions, n_trials),
        current=_along(perturbation.current, "current", n_sessions, n_trials, n_units, "unit"),
        clamp=clamp,
        seen=_along(perturbation.inputs, "inputs", n_sessions, n_trials, model.n_inputs, "input"),
    )
    return Planned(change, moments, openness)


def perturbed_trial(
    model: Network,
    change: Change,
    state: Array,
    x: Array,
    factors: tuple[Array, ...],
    moment: Moment,
    reads: bool,
    **how: Any,
) -> tuple[Array, Array]:
    """Compute the state and the outputs after one trial; `reads` as `Change.moves_states` says."""
    is_on = moment.is_on
    if moment.seen is not None:
        x = jnp.where(is_on & ~jnp.isnan(moment.seen), moment.seen, x)
    changed = scaled(model, change.scales, factors, is_on)
    changed, state = _silenced(changed, state, change.silent & is_on)
    new, outputs = _moved(changed, state, x, **how)
    new = new * jnp.where(is_on, change.gain, 1.0)
    if moment.current is not None:
        new = new + jnp.where(is_on, _effect(model, moment.current), 0.0)
    _, new = _silenced(changed, new, change.silent & is_on)
    if moment.clamp is not None:
        new = jnp.where(is_on & ~jnp.isnan(moment.clamp), moment.clamp, new)
    if outputs is None or reads:
        outputs = changed.readout(new, subject=how.get("subject"))
    return new, outputs


@eqx.filter_jit
def perturbed_rollout(
    model: Network, inputs, change: Change, moments: Moment, subject, keys, noise, reads: bool
) -> Rollout:
    """Run along many sessions in one compiled call; `moments` have the axes (session or 1, time, ...)."""
    n_sessions, n_trials, _ = inputs.shape

    def over_sessions(values):
        return None if values is None else jnp.broadcast_to(values, (n_sessions, *values.shape[1:]))

    def session(inputs, subject, key, moments):
        keys = None if key is None else jax.random.split(key, n_trials)

        def trial(state, xs):
            x, factors, key, moment = xs
            how = {"subject": subject, "key": key, "noise": noise}
            new, outputs = perturbed_trial(model, change, state, x, factors, moment, reads, **how)
            return new, (outputs, new)

        xs = (inputs, change.scales.moving, keys, moments)
        return jax.lax.scan(trial, model.initial_state(subject), xs)[1]

    moments = Moment(*map(over_sessions, moments))
    axes = (0, None if subject is None else 0, None if keys is None else 0, 0)
    outputs, states = jax.vmap(session, in_axes=axes)(inputs, subject, keys, moments)
    return Rollout(outputs, states, {})


def _moved(model: Network, state: Array, inputs: Array, **how: Any) -> tuple[Array, Array | None]:
    """The state after a trial, and its outputs where a step of the network's own computes them."""
    if has_own_step(model):
        new, outputs, _ = model.step(state, inputs, **how)
        return new, outputs
    return model.next_state(state, inputs, **how), None


def _silenced(model: Network, state: Array, silent: Array) -> tuple[Any, Array]:
    """The network and its state with units that send nothing."""
    if isinstance(model, ConstrainedRNN):
        return model.without_output_of(silent), state
    return model, jnp.where(silent, 0.0, state)


def _effect(model: Network, current: Array) -> Array:
    """Change of the state in one step by a current."""
    return model.alpha * current if isinstance(model, ConstrainedRNN) else current


def _during(during: Any, n_sessions: int, n_trials: int) -> np.ndarray:
    """Whether it happens, (session or 1, time)."""
    if during is None:
        return np.ones((1, n_trials), bool)
    if isinstance(during, np.ndarray):
        if during.dtype != bool or during.shape not in ((n_trials,), (n_sessions, n_trials)):
            raise ValueError(
                f"during has shape {during.shape} and type {during.dtype}, expected bool ({n_trials},) or "
                f"{(n_sessions, n_trials)}"
            )
        if not during.any():
            raise ValueError("during is False on every trial, so that nothing would happen")
        return during.reshape(-1, n_trials)
    first, end = during
    if not 0 <= first < end <= n_trials:
        raise ValueError(f"during is {during}, expected (first, end) trials within 0 to {n_trials}")
    trials = np.arange(n_trials)
    return ((first <= trials) & (trials < end))[None]


def _lesioned(lesion: Any, n_units: int) -> np.ndarray:
    units = np.asarray([] if lesion is None else lesion)
    if units.dtype == bool:
        if units.shape != (n_units,):
            raise ValueError(f"lesion has shape {units.shape}, expected ({n_units},): one for each unit")
        return units
    silent = np.zeros(n_units, bool)
    given: Any = [] if lesion is None else lesion
    if any(isinstance(unit, str) for unit in given):
        silent[[unit_of(unit, n_units, "lesion") for unit in given]] = True
    elif units.size:
        if not np.issubdtype(units.dtype, np.integer) or units.min() < 0 or units.max() >= n_units:
            raise ValueError(f"lesion is {lesion!r}, expected indices of units from 0 to {n_units - 1}")
        silent[units] = True
    return silent


def _clamp(
    perturbation: Perturbation, n_sessions: int, n_trials: int, n_units: int, states: np.ndarray | None
) -> np.ndarray | None:
    """States in which units are held (session or 1, time, unit), NaN where they are free."""
    given = perturbation.clamp
    if isinstance(given, Mapping):
        clamp = np.full((n_sessions, n_trials, n_units), np.nan, np.float32)
        for name, values in given.items():
            array = np.asarray(values, np.float32)
            if array.shape not in ((), (n_trials,), (n_sessions, n_trials)):
                raise ValueError(
                    f"clamp[{name!r}] has shape {array.shape}, expected one number, (time,) {(n_trials,)} or "
                    f"(session, time) {(n_sessions, n_trials)}"
                )
            clamp[..., unit_of(name, n_units, "clamp")] = array
    else:
        clamp = _along(given, "clamp", n_sessions, n_trials, n_units, "unit")
    if not perturbation.patch:
        return clamp
    held = np.full((n_sessions, n_trials, n_units), np.nan, np.float32)
    held = held if clamp is None else np.broadcast_to(clamp, held.shape).copy()
    assert states is not None
    for name, session in perturbation.patch.items():
        unit = unit_of(name, n_units, "patch")
        if not np.isnan(held[..., unit]).all():
            raise ValueError(f"{name!r} is both clamped and patched; expected one of the two")
        if (
            isinstance(session, bool)
            or not isinstance(session, int | np.integer)
            or not 0 <= session < len(states)
        ):
            raise ValueError(
                f"patch[{name!r}] is {session!r}, expected the index of a session from 0 to {len(states) - 1}"
            )
        held[..., unit] = states[session, :, unit]
    return held


def _along(values: Any, name: str, n_sessions: int, n_trials: int, size: int, axis: str) -> Any:
    """Values over sessions (or 1), trials and units; None stays None."""
    if values is None:
        return None
    array = np.asarray(values, np.float32)
    shapes = ((size,), (n_trials, size), (n_sessions, n_trials, size))
    if array.shape not in shapes:
        raise ValueError(
            f"{name} has shape {array.shape}, expected ({axis},) {shapes[0]}, (time, {axis}) {shapes[1]} or "
            f"(session, time, {axis}) {shapes[2]}"
        )
    array = array.reshape((1,) * (3 - array.ndim) + array.shape)
    return np.broadcast_to(array, (array.shape[0], n_trials, size))
