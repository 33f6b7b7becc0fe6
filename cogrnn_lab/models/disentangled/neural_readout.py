"""The part of a neuro network that predicts recorded activity on the present trial."""

import equinox as eqx
from jaxtyping import Array, Float

from cogrnn_lab.models.disentangled.bottleneck import Bottleneck
from cogrnn_lab.models.disentangled.residual_mlp import ResidualMLP


class NeuralReadout(eqx.Module):
    """A residual network that reads the new latents and the present inputs, each through a bottleneck.

    Fields: `bottleneck` (latent and input,), `network`.
    """

    bottleneck: Bottleneck
    network: ResidualMLP

    @property
    def n_signals(self) -> int:
        """Recorded signals that are predicted."""
        return self.network.out_bias.shape[-1]

    def __call__(
        self, observed: Float[Array, " source"], eps: Float[Array, " source"] | None, noise: float | Array
    ) -> Float[Array, " signal"]:
        """Predicted signals from what is observed (latents, then inputs)."""
        return self.network(self.bottleneck(observed, eps, noise))
