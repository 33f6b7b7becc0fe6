"""Parts that every disentangled RNN has, and their start values."""

from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.counts import checked_count
from cogrnn_lab.models.activation import Activation, activation_name
from cogrnn_lab.models.disentangled.bottleneck import Bottleneck
from cogrnn_lab.models.disentangled.residual_mlp import ResidualMLP
from cogrnn_lab.random_numbers import subkeys, uniforms


@dataclass(frozen=True)
class Sizes:
    """Sizes, nonlinearity and limit of a disentangled RNN, with their defaults; see `DisRNN`."""

    n_inputs: int
    n_outputs: int
    n_latents: int = 5
    update_width: int = 8
    update_depth: int = 4
    choice_width: int = 4
    choice_depth: int = 2
    activation: str | Activation = "leaky_relu"
    max_latent: float = 2.0

    def __post_init__(self):
        for name in ("n_inputs", "n_outputs", "n_latents", "update_width", "choice_width"):
            object.__setattr__(self, name, checked_count(getattr(self, name), name))
        for name in ("update_depth", "choice_depth"):
            object.__setattr__(self, name, checked_count(getattr(self, name), name, least=0))
        if not self.max_latent > 0:
            raise ValueError(f"max_latent is {self.max_latent}, expected a positive number")
        object.__setattr__(self, "activation", activation_name(self.activation))
        object.__setattr__(self, "max_latent", float(self.max_latent))


class LatentCore(eqx.Module):
    """Update networks, choice network, their bottlenecks, and the start state.

    The start values are drawn by `key`, the start state uniform within ± `start_range`. All networks read
    `context_size` numbers about the subject before inputs and latents, through bottlenecks that are elsewhere
    (`SubjectContext`). The channels of `update_input` (input, latent) and `update_latent` (latent, latent)
    lead from the first axis to the update network of the second; `update_net` is stacked over latents.
    """

    update_input: Bottleneck
    update_latent: Bottleneck
    update_net: ResidualMLP
    latent: Bottleneck
    choice_latent: Bottleneck
    choice_net: ResidualMLP
    start: Float[Array, " latent"]
    sizes: Sizes = eqx.field(static=True)

    def __init__(self, sizes: Sizes, *, context_size: int = 0, start_range: float = 0.1, key: PRNGKeyArray):
        n_inputs, n_outputs, n_latents = sizes.n_inputs, sizes.n_outputs, sizes.n_latents
        activation = sizes.activation
        spread_key, update_key, choice_key, start_key = subkeys(key, 4)
        shapes = ((n_inputs, n_latents), (n_latents, n_latents), (n_latents,), (n_latents,))
        self.update_input, self.update_latent, self.latent, self.choice_latent = Bottleneck.several(
            shapes, multiplier=(True, True, False, True), key=spread_key
        )
        n_sources = context_size + n_inputs + n_latents
        self.update_net = ResidualMLP(
            n_sources,
            2,
            sizes.update_width,
            sizes.update_depth,
            activation=activation,
            stack=(n_latents,),
            key=update_key,
        )
        self.choice_net = ResidualMLP(
            context_size + n_latents,
            n_outputs,
            sizes.choice_width,
            sizes.choice_depth,
            activation=activation,
            key=choice_key,
        )
        self.start = jnp.asarray(start_range * (2.0 * uniforms(start_key, (n_latents,)) - 1.0))
        self.sizes = sizes
