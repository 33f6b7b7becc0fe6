"""The parameters of a network of gated units, and how they start."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray


class RecurrentCore(eqx.Module):
    """Weights of one layer of gated units, its linear readout, and the state before the first trial.

    The first axis of weights and biases is the gate. All start as is usual in the field: weights from the
    inputs and to the outputs uniform within ± sqrt(6 / (fan-in + fan-out)) (Glorot & Bengio, AISTATS 2010),
    recurrent weights orthogonal (Saxe, McClelland & Ganguli, ICLR 2014), each gate by itself; biases and the
    start state at 0.
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
        """Start values for layers of these sizes."""
        input_key, recurrent_key, out_key = jax.random.split(key, 3)
        shapes = (n_gates, n_hidden, n_inputs), (n_outputs, n_hidden)
        limits = ((6.0 / sum(shape[-2:])) ** 0.5 for shape in shapes)
        inputs, outputs = (
            jax.random.uniform(k, shape, minval=-limit, maxval=limit)
            for k, shape, limit in zip((input_key, out_key), shapes, limits, strict=True)
        )
        return cls(
            input_weight=inputs,
            recurrent_weight=jax.random.orthogonal(recurrent_key, n_hidden, (n_gates,)),
            bias=jnp.zeros((n_gates, n_hidden)),
            out_weight=outputs,
            out_bias=jnp.zeros(n_outputs),
            start=jnp.zeros(n_state),
        )

    @property
    def gates(self) -> Float[Array, "gate unit source"]:
        """Weights of every gate on what it reads: the hidden units, the inputs, and a constant 1."""
        parts = [self.recurrent_weight, self.input_weight, self.bias[..., None]]
        return jnp.concatenate(parts, axis=-1)

    def read(self, hidden: Float[Array, " unit"]) -> Float[Array, " output"]:
        """Outputs for an activity of the hidden units."""
        return self.out_weight @ hidden + self.out_bias


# Drawn one by one in a fresh process, the parts would cost seconds.
compiled_core = eqx.filter_jit(RecurrentCore.make)


def read_columns(
    weight: Float[Array, "output unit"],
    bias: Float[Array, " output"],
    activity: Float[Array, "time unit session"],
) -> Float[Array, "session time output"]:
    """A linear readout of all trials of all sessions at once."""
    n_trials, n_units, n_rows = activity.shape
    columns = jnp.swapaxes(activity, 0, 1).reshape(n_units, n_trials * n_rows)
    outputs = weight @ columns + bias[:, None]
    return jnp.transpose(outputs.reshape(-1, n_trials, n_rows), (2, 1, 0))
