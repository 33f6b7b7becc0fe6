"""A disentangled RNN that predicts recorded neural activity beside the choices."""

import equinox as eqx
from jaxtyping import PRNGKeyArray

from cogrnn_lab.models.disentangled.bottleneck import Bottleneck
from cogrnn_lab.models.disentangled.latent_core import LatentCore, check_sizes
from cogrnn_lab.models.disentangled.network import DisentangledNetwork
from cogrnn_lab.models.disentangled.neural_readout import NeuralReadout
from cogrnn_lab.models.disentangled.residual_mlp import ResidualMLP
from cogrnn_lab.random_numbers import subkeys


class NeuroDisRNN(DisentangledNetwork):
    """A `DisRNN` with one more network, which predicts `n_signals` recorded signals on the present trial.

    That network reads the new latents and the present inputs through one bottleneck each (`neural`). The
    choice is predicted for the next trial, the activity for the present one. Outputs are the logits of the
    alternatives, then the signals; targets are "mixed": the choice, then the signals.

    Arguments: those of `DisRNN` (`n_outputs` counts the alternatives alone), and `n_signals`, `neural_width`
    and `neural_depth`.

    Information groups: those of the `DisRNN`, and `neural`.
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
        activation: str = "leaky_relu",
        max_latent: float = 2.0,
        key: PRNGKeyArray,
    ):
        check_sizes(n_signals=n_signals, neural_width=neural_width)
        check_sizes(smallest=0, neural_depth=neural_depth)
        core_key, spread_key, network_key = subkeys(key, 3)
        self.core = LatentCore(
            n_inputs,
            n_outputs,
            n_latents,
            update_width=update_width,
            update_depth=update_depth,
            choice_width=choice_width,
            choice_depth=choice_depth,
            activation=activation,
            max_latent=max_latent,
            key=core_key,
        )
        n_observed = n_latents + n_inputs
        (bottleneck,) = Bottleneck.several([(n_observed,)], multiplier=[True], key=spread_key)
        network = ResidualMLP(
            n_observed, n_signals, neural_width, neural_depth, activation=activation, key=network_key
        )
        self.neural = NeuralReadout(bottleneck, network)
        self.neural_width, self.neural_depth = neural_width, neural_depth

    @property
    def subjects(self) -> None:
        """It knows no subjects."""

    n_signals = property(lambda self: self.neural.n_signals)
