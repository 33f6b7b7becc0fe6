"""The disentangled RNN: a recurrent network with a penalty on the information in each of its channels.

Miller, Eckstein, Botvinick & Kurth-Nelson, "Cognitive model discovery via disentangled RNNs", NeurIPS 2023.
"""

from cogrnn_lab.models.activation import Activation
from cogrnn_lab.models.disentangled.latent_core import LatentCore, Sizes
from cogrnn_lab.models.disentangled.network import DisentangledNetwork
from cogrnn_lab.random_numbers import KeyOrSeed, as_key


class DisRNN(DisentangledNetwork):
    """Disentangled RNN: a recurrent network with a penalty on the information in each of its channels.

    Each latent has an update network that reads the inputs and all previous latents through bottlenecks of
    its own and moves the latent by a gated step; a bottleneck on every new latent; and a choice network that
    reads the latents through one bottleneck each. The groups of bottlenecks are `latent`, `update_input`,
    `update_latent` and `choice_latent`.

    The network itself takes one session; `cl.rollout` takes many and is faster than `jax.vmap`.

    Arguments:
        n_inputs: Number of inputs.
        n_outputs: Number of alternatives.
        n_latents: Number of latents.
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
        Miller, Eckstein, Botvinick & Kurth-Nelson, "Cognitive model discovery via disentangled RNNs", NeurIPS
        2023.

    Example:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> model = cl.DisRNN(2, 2, n_latents=3, key=jax.random.key(0))
        >>> rolled = cl.rollout(model, jnp.zeros((4, 5, 2)), key=jax.random.key(1))
        >>> rolled.outputs.shape, rolled.states.shape
        ((4, 5, 2), (4, 5, 3))
    """

    core: LatentCore

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
        activation: str | Activation = "leaky_relu",
        max_latent: float = 2.0,
        key: KeyOrSeed | None = None,
    ):
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
        self.core = LatentCore(sizes, key=as_key(key, "a DisRNN"))

    @property
    def subjects(self) -> None:
        """None: the network knows no subjects."""

    @property
    def neural(self) -> None:
        """None: the network predicts no activity."""
