"""Numbers that tell at a glance how open a network is, to be logged along training."""

import numpy as np

from cogrnn_lab.analysis.reading.bottlenecks import bottlenecks
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork


def openness_metrics(model: Network | HoldsNetwork, threshold: float = 0.1) -> dict[str, float]:
    """Count the open latents and channels of a network, and sum the noise of its bottlenecks by group.

    Arguments:
        model: Any network, or a `Run` or a `Discovery` that has one; one without bottlenecks has no numbers.
        threshold: Openness, 1 - sigma, above which a channel counts as open.

    Returns:
        Numbers by name: `open_latents`, `open_channels` and `total_sigma` of the whole network, and
        `open_channels_latent`, `total_sigma_latent` and so on of each group.

    Source:
        get_auxiliary_metrics and get_total_sigma of the package disentangled_rnns.

    Example:
        >>> import cogrnn_lab as cl
        >>> metrics = cl.openness_metrics(cl.DisRNN(2, 2, 3, key=0))
        >>> metrics["open_latents"], metrics["open_channels_update_input"]
        (3.0, 6.0)
    """
    read = bottlenecks(model)
    if not read.groups:
        return {}
    opened = {name: float((group.openness > threshold).sum()) for name, group in read.groups.items()}
    sigma = {name: float(np.sum(group.sigma)) for name, group in read.groups.items()}
    return {
        "open_latents": float(len(read.open_latents(threshold))),
        "open_channels": sum(opened.values()),
        "total_sigma": sum(sigma.values()),
        **{f"open_channels_{name}": count for name, count in opened.items()},
        **{f"total_sigma_{name}": total for name, total in sigma.items()},
    }
