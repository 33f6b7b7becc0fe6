"""Test of whether the penalties have closed every path from the past to the choice."""

from collections.abc import Sequence

from cogrnn_lab.analysis.reading.bottlenecks import Bottlenecks

OPEN = 0.1  # openness above which a channel counts as open, as in `Bottlenecks.open_latents`


def is_past_shut_out(bottlenecks: Bottlenecks) -> bool:
    """Tell whether nothing of the past reaches the choice, so that every prediction is the same.

    Information goes from the inputs into a latent, stays there from trial to trial, and goes on to the
    choice. It is shut out where no update network reads any input, or no latent is both open itself and open
    to the choice (openness above 0.1). A network without bottlenecks shuts out nothing.
    """
    groups = bottlenecks.groups
    if not {"latent", "update_input", "choice_latent"} <= set(groups):
        return False
    kept = groups["latent"].openness[:, 0] > OPEN
    told = groups["choice_latent"].openness[:, 0] > OPEN
    read = groups["update_input"].openness > OPEN
    return not ((kept & told).any() and read.any())


def highest_before(steps: Sequence[int], values: Sequence[float]) -> tuple[int, float] | None:
    """Return the step and the value of the highest score; None where it is the last one, or there is none."""
    if not values:
        return None
    best = max(range(len(values)), key=values.__getitem__)
    return (steps[best], values[best]) if values[best] > values[-1] else None
