"""The disentangled RNN: a recurrent network whose every channel pays for the information it passes.

Miller, Eckstein, Botvinick & Kurth-Nelson, "Cognitive model discovery via disentangled RNNs", NeurIPS 2023.
"""

from jaxtyping import PRNGKeyArray

from cogrnn_lab.models.disentangled.latent_core import LatentCore
from cogrnn_lab.models.disentangled.network import DisentangledNetwork


class DisRNN(DisentangledNetwork):
    """Disentangled RNN for one session of trials; callers vmap it, or use `rollout`, which is faster.

    Each latent has an update network that reads the inputs and all previous latents through bottlenecks of
    its own and moves the latent by a gated step; a bottleneck on every new latent; and a choice network that
    reads the latents through one bottleneck each.

    Arguments: `n_inputs`; `n_outputs` (alternatives); `n_latents`; `update_width` and `update_depth` (units
    and residual layers of the update networks); `choice_width` and `choice_depth`; `activation` by name;
    `max_latent` (updates keep the latents within ± this); `key`.

    Information groups: `latent`, `update_input`, `update_latent`, `choice_latent`.
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
        activation: str = "leaky_relu",
        max_latent: float = 2.0,
        key: PRNGKeyArray,
    ):
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
            key=key,
        )

    @property
    def subjects(self) -> None:
        """It knows no subjects."""

    @property
    def neural(self) -> None:
        """It predicts no activity."""
