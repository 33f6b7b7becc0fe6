"""Parameters of a layer of gated units above the first one."""

import equinox as eqx
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.models.gated.recurrent_core import draw_layer, gates_of
from cogrnn_lab.random_numbers import subkeys


class RecurrentLayer(eqx.Module):
    """Weights of a layer that reads the hidden units of the layer below, and its start state.

    As a `RecurrentCore`, which is the first layer, without a readout.
    """

    input_weight: Float[Array, "gate unit input"]
    recurrent_weight: Float[Array, "gate unit unit"]
    bias: Float[Array, "gate unit"]
    start: Float[Array, " state"]

    @classmethod
    def several(
        cls, n_layers: int, n_gates: int, n_hidden: int, n_state: int, *, key: PRNGKeyArray
    ) -> "tuple[RecurrentLayer, ...]":
        """Draw start values for so many layers."""
        # Another use of the key than that of the first layer: other numbers.
        keys = subkeys(key, n_layers, use=1) if n_layers else []
        return tuple(cls(**draw_layer(own, n_gates, n_hidden, n_hidden, n_state)) for own in keys)

    @property
    def gates(self) -> Float[Array, "gate unit source"]:
        """Weights of every gate on what it reads: the hidden units, the layer below, and a constant 1."""
        return gates_of(self)
