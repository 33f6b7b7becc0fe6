"""What a network gives for a sequence of trials."""

from typing import NamedTuple

from jaxtyping import Array, Float


class Rollout(NamedTuple):
    """Outputs, states and information of a network along its trials.

    `outputs` (session, time, output): logits or means · `states` (session, time, latent) after each step ·
    `information` {bottleneck group: (session, time)}: unweighted Kullback-Leibler divergence in nats ·
    `costs` {penalty: (session, time)}: what else is priced at each trial, unweighted, such as the mean
    squared rate of a constrained network. For one session (a model called by itself) the session axis is
    absent.
    """

    outputs: Float[Array, "*session time output"]
    states: Float[Array, "*session time latent"]
    information: dict[str, Float[Array, "*session time"]]
    costs: dict[str, Float[Array, "*session time"]] = {}  # noqa: RUF012
