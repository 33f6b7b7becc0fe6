"""Result of running a network along trials."""

from typing import NamedTuple

from jaxtyping import Array, Float


class Rollout(NamedTuple):
    """Outputs, states and information of a network along its trials.

    For one session (a model called by itself) the session axis is absent.

    Fields:
        outputs: Logits or means (session, time, output).
        states: States (session, time, latent) after each trial.
        information: {bottleneck group: nats (session, time)}, the unweighted Kullback-Leibler divergence.
        costs: {penalty: number (session, time)}, other penalties of each trial, unweighted, such as the mean
            squared rate of a constrained network.
    """

    outputs: Float[Array, "*session time output"]
    states: Float[Array, "*session time latent"]
    information: dict[str, Float[Array, "*session time"]]
    costs: dict[str, Float[Array, "*session time"]] = {}  # noqa: RUF012
