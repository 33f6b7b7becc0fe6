"""Parameters of a network of gated units, and their start values."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.random_numbers import standard_normals, subkeys, uniforms


class RecurrentCore(eqx.Module):
    """Weights of one layer of gated units, its linear readout, and the state before the first trial.

    The first axis of weights and biases is the gate. Weights from the inputs and to the outputs start uniform
    within ± sqrt(6 / (fan-in + fan-out)), recurrent weights orthogonal, each gate by itself; biases and the
    start state at 0.

    Source:
        Glorot & Bengio, AISTATS 2010; orthogonal: Saxe, McClelland & Ganguli, ICLR 2014.
    """

    input_weight: Float[Array, "gate unit input"]
    recurrent_weight: Float[Array, "gate unit unit"]
    bias: Float[Array, "gate unit"]
    out_weight: Float[Array, "output unit"]
    out_bias: Float[Array, " output"]
    start: Float[Array, " state"]

    @classmethod
    def make(
        cls, n_gates: int, n_inputs: int, n_outputs: int, n_hidden: int, n_state: int, *, key: PRNGKeyArray
    ) -> "RecurrentCore":
        """Draw start values for layers of these sizes."""
        return cls(
            **draw_layer(key, n_gates, n_inputs, n_hidden, n_state),
            out_weight=_glorot_uniform(subkeys(key, 3)[2], (n_outputs, n_hidden)),
            out_bias=_zeros(n_outputs),
        )

    @property
    def gates(self) -> Float[Array, "gate unit source"]:
        """Weights of every gate on what it reads: the hidden units, the inputs, and a constant 1."""
        return gates_of(self)

    def read(self, hidden: Float[Array, " unit"]) -> Float[Array, " output"]:
        """Compute the outputs for an activity of the hidden units."""
        return self.out_weight @ hidden + self.out_bias


def gates_of(layer: Any) -> Float[Array, "gate unit source"]:
    """Weights of every gate of a layer on what it reads: hidden units, what is below, a constant 1."""
    parts = [layer.recurrent_weight, layer.input_weight, layer.bias[..., None]]
    return jnp.concatenate(parts, axis=-1)


def draw_layer(key: PRNGKeyArray, n_gates: int, n_inputs: int, n_hidden: int, n_state: int) -> dict[str, Any]:
    """Draw start values of a layer of gated units, by name."""
    input_key, recurrent_key, _ = subkeys(key, 3)
    return {
        "input_weight": _glorot_uniform(input_key, (n_gates, n_hidden, n_inputs)),
        "recurrent_weight": _orthogonal(recurrent_key, (n_gates, n_hidden, n_hidden)),
        "bias": _zeros(n_gates, n_hidden),
        "start": _zeros(n_state),
    }


def _glorot_uniform(key: PRNGKeyArray, shape: tuple[int, ...]) -> Array:
    limit = np.float32((6.0 / sum(shape[-2:])) ** 0.5)
    return jnp.asarray(limit * (2.0 * uniforms(key, shape) - 1.0))


def _orthogonal(key: PRNGKeyArray, shape: tuple[int, ...]) -> Array:
    """Orthogonal matrices, uniformly drawn (Mezzadri, Notices AMS 2007)."""
    draws = standard_normals(key, {"weights": shape})["weights"]
    xp: Any = np if isinstance(draws, np.ndarray) else jnp
    q, r = xp.linalg.qr(draws)
    return jnp.asarray(q * xp.sign(xp.diagonal(r, axis1=-2, axis2=-1))[..., None, :])


def _zeros(*shape: int) -> Array:
    return jnp.asarray(np.zeros(shape, np.float32))


def read_columns(
    weight: Float[Array, "output unit"],
    bias: Float[Array, " output"],
    activity: Float[Array, "time unit session"],
) -> Float[Array, "session time output"]:
    """Compute a linear readout of all trials of all sessions at once."""
    n_trials, n_units, n_rows = activity.shape
    columns = jnp.swapaxes(activity, 0, 1).reshape(n_units, n_trials * n_rows)
    outputs = weight @ columns + bias[:, None]
    return jnp.transpose(outputs.reshape(-1, n_trials, n_rows), (2, 1, 0))
