"""A disentangled RNN that predicts recorded neural activity beside the choices."""

import equinox as eqx

from cogrnn_lab.counts import checked_count, checked_counts
from cogrnn_lab.models.activation import Activation
from cogrnn_lab.models.disentangled.bottleneck import Bottleneck
from cogrnn_lab.models.disentangled.latent_core import LatentCore, Sizes
from cogrnn_lab.models.disentangled.network import DisentangledNetwork
from cogrnn_lab.models.disentangled.neural_readout import NeuralReadout
from cogrnn_lab.models.disentangled.residual_mlp import ResidualMLP
from cogrnn_lab.random_numbers import KeyOrSeed, as_key, subkeys


class NeuroDisRNN(DisentangledNetwork):
    """Disentangled RNN with one more network, which predicts recorded signals on the present trial.

    That network reads the new latents and the present inputs through one bottleneck each (group `neural`; the
    others are those of the `DisRNN`). The choice is predicted for the next trial, the activity for the
    present one. Outputs are the logits of the alternatives, then the signals; targets are "mixed": the
    choice, then the signals.

    Arguments:
        n_inputs: Number of inputs.
        n_outputs: Number of alternatives, without the signals.
        n_latents: Number of latents.
        n_signals: Number of recorded signals.
        neural_width: Units of the network that predicts the signals.
        neural_depth: Residual layers of that network, may be 0.
        update_width: Units of each update network.
        update_depth: Residual layers of each update network, may be 0.
        choice_width: Units of the choice network.
        choice_depth: Residual layers of the choice network, may be 0.
        activation: Nonlinearity by name, such as "leaky_relu", or a function, such as `jax.nn.elu`.
        max_latent: Limit within which updates keep the latents, ± this.
        key: Random key of the start values, or a seed.

    Raises:
        ValueError: A size is no whole number of at least 1 (a depth: 0), `max_latent` is not positive, or the
            activation is not known.

    Source:
        As `HkNeuroDisentangledRNN` of the package disentangled_rnns.

    Example:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> model = cl.NeuroDisRNN(2, 2, 3, n_signals=4, key=jax.random.key(0))
        >>> cl.rollout(model, jnp.zeros((2, 5, 2))).outputs.shape
        (2, 5, 6)
    """

    core: LatentCore
    neural: NeuralReadout
    neural_width: int = eqx.field(static=True)
    neural_depth: int = eqx.field(static=True)

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        n_latents: int = 5,
        *,
        n_signals: int = 1,
        neural_width: int = 8,
        neural_depth: int = 2,
        update_width: int = 8,
        update_depth: int = 4,
        choice_width: int = 4,
        choice_depth: int = 2,
        activation: str | Activation = "leaky_relu",
        max_latent: float = 2.0,
        key: KeyOrSeed | None = None,
    ):
        n_signals, neural_width = checked_counts(n_signals=n_signals, neural_width=neural_width)
        neural_depth = checked_count(neural_depth, "neural_depth", least=0)
        core_key, spread_key, network_key = subkeys(as_key(key, "a NeuroDisRNN"), 3)
        sizes = Sizes(
            n_inputs,
            n_outputs,
            n_latents,
            update_width,
            update_depth,
            choice_width,
            choice_depth,
            activation,
            max_latent,
        )
        self.core = LatentCore(sizes, key=core_key)
        n_observed = n_latents + n_inputs
        (bottleneck,) = Bottleneck.several([(n_observed,)], multiplier=[True], key=spread_key)
        network = ResidualMLP(
            n_observed, n_signals, neural_width, neural_depth, activation=activation, key=network_key
        )
        self.neural = NeuralReadout(bottleneck, network)
        self.neural_width, self.neural_depth = neural_width, neural_depth

    @property
    def subjects(self) -> None:
        """None: the network knows no subjects."""

    n_signals = property(lambda self: self.neural.n_signals)
