"""The parts that every disentangled RNN has, and how they start."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from cogrnn_lab.models.activation import activation_function
from cogrnn_lab.models.disentangled.bottleneck import Bottleneck
from cogrnn_lab.models.disentangled.residual_mlp import ResidualMLP
from cogrnn_lab.random_numbers import subkeys, uniforms


class LatentCore(eqx.Module):
    """Update networks, choice network, their bottlenecks, and the start state.

    `context_size` numbers about the subject are read by all networks before inputs and latents, through
    bottlenecks that are not here; the start state is uniform within ± `start_range`. The other arguments are
    those of `DisRNN`.
    """

    update_input: Bottleneck  # (input, latent): the channel of each input to each latent's update network
    update_latent: (
        Bottleneck  # (latent, latent): from previous latent (first axis) to update network (second)
    )
    update_net: ResidualMLP  # stacked over latents
    latent: Bottleneck
    choice_latent: Bottleneck
    choice_net: ResidualMLP
    start: Float[Array, " latent"]
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    n_latents: int = eqx.field(static=True)
    update_width: int = eqx.field(static=True)
    update_depth: int = eqx.field(static=True)
    choice_width: int = eqx.field(static=True)
    choice_depth: int = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    max_latent: float = eqx.field(static=True)

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        n_latents: int = 5,
        *,
        update_width: int = 8,
        update_depth: int = 4,
        choice_width: int = 4,
        choice_depth: int = 2,
        activation: str = "leaky_relu",
        max_latent: float = 2.0,
        context_size: int = 0,
        start_range: float = 0.1,
        key: PRNGKeyArray,
    ):
        check_sizes(n_inputs=n_inputs, n_outputs=n_outputs, n_latents=n_latents)
        check_sizes(update_width=update_width, choice_width=choice_width)
        check_sizes(smallest=0, update_depth=update_depth, choice_depth=choice_depth)
        if not max_latent > 0:
            raise ValueError(f"max_latent is {max_latent}, expected a positive number")
        activation_function(activation)
        spread_key, update_key, choice_key, start_key = subkeys(key, 4)
        shapes = ((n_inputs, n_latents), (n_latents, n_latents), (n_latents,), (n_latents,))
        self.update_input, self.update_latent, self.latent, self.choice_latent = Bottleneck.several(
            shapes, multiplier=(True, True, False, True), key=spread_key
        )
        n_sources = context_size + n_inputs + n_latents
        self.update_net = ResidualMLP(
            n_sources,
            2,
            update_width,
            update_depth,
            activation=activation,
            stack=(n_latents,),
            key=update_key,
        )
        self.choice_net = ResidualMLP(
            context_size + n_latents,
            n_outputs,
            choice_width,
            choice_depth,
            activation=activation,
            key=choice_key,
        )
        self.start = jnp.asarray(start_range * (2.0 * uniforms(start_key, (n_latents,)) - 1.0))
        self.n_inputs, self.n_outputs, self.n_latents = n_inputs, n_outputs, n_latents
        self.update_width, self.update_depth = update_width, update_depth
        self.choice_width, self.choice_depth = choice_width, choice_depth
        self.activation, self.max_latent = activation, float(max_latent)


def check_sizes(smallest: int = 1, **sizes: int) -> None:
    """Refuse a size that is not a whole number of at least `smallest`."""
    for name, size in sizes.items():
        if not isinstance(size, int) or isinstance(size, bool) or size < smallest:
            raise ValueError(f"{name} is {size!r}, expected a whole number of at least {smallest}")
