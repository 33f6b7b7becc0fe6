"""Causal experiments on a network: lesions, scaled weights, added currents, clamped units.

Song, Yang & Wang, PLoS Comput Biol 2016; Ehrlich et al., eNeuro 2021.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from cogrnn_lab.analysis.dynamics.weight_scaling import WeightScales, checked_scales, scaled
from cogrnn_lab.models import ConstrainedRNN, Network, Rollout
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.models.own_step import check_readout, has_own_step
from cogrnn_lab.random_numbers import KeyOrSeed, as_key


@dataclass(frozen=True)
class Perturbation:
    """Intervention on a running network; a part that is None changes nothing.

    Arguments:
        lesion: Units that fall silent: their indices, or a mask (unit,). A unit of a `ConstrainedRNN` then
            sends nothing to units and outputs; the state of any other network is held at 0 there.
        weight_scale: {name: factors} that multiply weights, of their shape or (time, *shape), or one number.
            Names are "w_in", "w_rec", "w_out", "b_rec", "b_out" of a `ConstrainedRNN` (effective weights); of
            another network the paths of its arrays, as "core.recurrent_weight".
        current: Current added at every step, (unit,), (time, unit) or (session, time, unit): to the input
            current of a `ConstrainedRNN` (its effect on the state is α times it), to the new state of another
            network.
        clamp: State in which units are held, of the same shapes; NaN where they are free.
        inputs: Inputs that replace the given ones, (input,), (time, input) or (session, time, input); NaN
            where inputs are as they were.
        during: (first, end) trials from 0 between which all of this happens; None: always.
    """

    lesion: Sequence[int] | np.ndarray | None = None
    weight_scale: Mapping[str, Any] | None = None
    current: Any = None
    clamp: Any = None
    inputs: Any = None
    during: tuple[int, int] | None = None


class Change(eqx.Module):
    """Perturbation as arrays over time, ready to be compiled."""

    is_on: Array  # (time,)
    silent: Array  # (unit,)
    scales: WeightScales
    current: Array | None  # (session or 1, time, unit)
    clamp: Array | None

    def moves_states(self, model: Network) -> bool:
        """Tell whether states are changed after a trial: its outputs are then read from the changed ones."""
        silences = bool(self.silent.any()) and not isinstance(model, ConstrainedRNN)
        return silences or self.current is not None or self.clamp is not None


def perturb(
    model: Network | HoldsNetwork,
    inputs: Float[Array | np.ndarray, "session time input"],
    perturbation: Perturbation,
    *,
    subject: Int[Array | np.ndarray, " session"] | None = None,
    key: KeyOrSeed | None = None,
    noise: float = 1.0,
) -> Rollout:
    """Run `model` along many sessions under a perturbation, in one compiled call.

    Arguments:
        model: Any network, or a `Run` or a `Discovery` that has one.
        inputs: (session, time, input).
        perturbation: The intervention.
        subject: (session,) indices, for a network that knows subjects.
        key: Random key of the noise, or a seed; None: no noise.
        noise: Scale of the network's noise.

    Returns:
        A `Rollout` of outputs (session, time, output) and states (session, time, unit); the information of
        bottlenecks is not counted.

    Raises:
        ValueError: A part of the perturbation does not fit the network or the inputs, or states are changed
            in a network whose own `step` computes outputs that `readout` does not know.

    Example:
        >>> import jax, numpy as np
        >>> import cogrnn_lab as cl
        >>> network = cl.ConstrainedRNN(1, 2, 10, key=jax.random.key(0))
        >>> inputs = np.ones((3, 20, 1), np.float32)
        >>> cl.perturb(network, inputs, cl.Perturbation(lesion=[0, 1])).outputs.shape
        (3, 20, 2)

    Source:
        Song, Yang & Wang, PLoS Comput Biol 2016; Ehrlich et al., eNeuro 2021.
    """
    model = network_of(model)
    inputs = np.asarray(inputs, np.float32)
    if inputs.ndim != 3 or inputs.shape[-1] != model.n_inputs:
        raise ValueError(
            f"inputs have shape {inputs.shape}, expected (session, time, {model.n_inputs}): this model was "
            f"made with n_inputs={model.n_inputs}"
        )
    n_sessions, n_trials, _ = inputs.shape
    is_on = _during(perturbation.during, n_trials)
    seen = _along(perturbation.inputs, "inputs", n_sessions, n_trials, model.n_inputs, "input")
    if seen is not None:
        inputs = np.where(is_on[None, :, None] & ~np.isnan(seen), seen, inputs)
    n_units = model.n_latents
    change = Change(
        is_on=jnp.asarray(is_on),
        silent=jnp.asarray(_lesioned(perturbation.lesion, n_units)),
        scales=checked_scales(model, perturbation.weight_scale or {}, n_trials),
        current=_array(_along(perturbation.current, "current", n_sessions, n_trials, n_units, "unit")),
        clamp=_array(_along(perturbation.clamp, "clamp", n_sessions, n_trials, n_units, "unit")),
    )
    reads = change.moves_states(model)
    if reads:
        check_readout(model)
    subject = None if subject is None else jnp.asarray(subject)
    keys = None if key is None else jax.random.split(as_key(key), n_sessions)
    return _run(model, jnp.asarray(inputs), change, subject, keys, jnp.asarray(noise, jnp.float32), reads)


@eqx.filter_jit
def _run(model: Network, inputs, change: Change, subject, keys, noise, reads: bool) -> Rollout:
    n_sessions, n_trials, _ = inputs.shape

    def over_sessions(values):
        return None if values is None else jnp.broadcast_to(values, (n_sessions, n_trials, model.n_latents))

    def session(inputs, subject, key, current, clamp):
        keys = None if key is None else jax.random.split(key, n_trials)

        def trial(state, xs):
            x, is_on, scale, key, current, clamp = xs
            changed = scaled(model, change.scales, scale, is_on)
            changed, state = _silenced(changed, state, change.silent & is_on)
            new, outputs = _moved(changed, state, x, subject=subject, key=key, noise=noise)
            if current is not None:
                new = new + jnp.where(is_on, _effect(model, current), 0.0)
            _, new = _silenced(changed, new, change.silent & is_on)
            if clamp is not None:
                new = jnp.where(is_on & ~jnp.isnan(clamp), clamp, new)
            if outputs is None or reads:
                outputs = changed.readout(new, subject=subject)
            return new, (outputs, new)

        xs = (inputs, change.is_on, change.scales.moving, keys, current, clamp)
        return jax.lax.scan(trial, model.initial_state(subject), xs)[1]

    many = (inputs, subject, keys, over_sessions(change.current), over_sessions(change.clamp))
    outputs, states = jax.vmap(session, in_axes=tuple(None if part is None else 0 for part in many))(*many)
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


def _during(during: tuple[int, int] | None, n_trials: int) -> np.ndarray:
    if during is None:
        return np.ones(n_trials, bool)
    first, end = during
    if not 0 <= first < end <= n_trials:
        raise ValueError(f"during is {during}, expected (first, end) trials within 0 to {n_trials}")
    trials = np.arange(n_trials)
    return (first <= trials) & (trials < end)


def _lesioned(lesion: Any, n_units: int) -> np.ndarray:
    units = np.asarray([] if lesion is None else lesion)
    if units.dtype == bool:
        if units.shape != (n_units,):
            raise ValueError(f"lesion has shape {units.shape}, expected ({n_units},): one for each unit")
        return units
    silent = np.zeros(n_units, bool)
    if units.size:
        if not np.issubdtype(units.dtype, np.integer) or units.min() < 0 or units.max() >= n_units:
            raise ValueError(f"lesion is {lesion!r}, expected indices of units from 0 to {n_units - 1}")
        silent[units] = True
    return silent


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


def _array(values: Any) -> Array | None:
    return None if values is None else jnp.asarray(values)
