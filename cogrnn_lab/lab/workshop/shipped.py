"""Discoveries of small networks that are shipped, so that figures have content before anyone trains."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cogrnn_lab.lab.settings.state import SIMULATED

SHIPPED = Path(__file__).parent / "shipped"  # a folder of runs as the lab saves them; `making.py` makes it


@dataclass(frozen=True)
class ShippedNetwork:
    """A discovery that is shipped: the agent that made its choices.

    Fields:
        name: In the words of questions.
        agent: Name of the agent, as it is registered.
        numbers: The agent's parameters by name.
    """

    name: str
    agent: str
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def run(self) -> str:
        """Name of its run below `SHIPPED`."""
        return self.name.replace(" ", "_")


Q_LEARNING = ShippedNetwork(
    "animal A", "Q-learning", {"learning_rate": 0.4, "inverse_temperature": 4.0}
)  # fmt: skip
FORGETTING = ShippedNetwork(
    "animal B", "Bari 2019",
    {"learning_rate": 0.5, "inverse_temperature": 3.5, "forget_rate": 0.4, "choice_weight": 0.9, "bias": 0.0},
)  # fmt: skip
ACTOR_CRITIC = ShippedNetwork(
    "animal C", "actor-critic",
    {"critic_rate": 0.3, "actor_rate": 1.0, "forget_rate": 0.1, "initial_value": 0.5, "bias": 0.0},
)  # fmt: skip
NETWORKS: dict[str, ShippedNetwork] = {one.name: one for one in (Q_LEARNING, FORGETTING, ACTOR_CRITIC)}


def is_of(network: ShippedNetwork, settings: Mapping[str, Any]) -> bool:
    """Tell whether a run with these settings is on the choices of a shipped network."""
    agent = settings["data"].get("agent", {})
    numbers = agent.get("parameters", {})
    environment = settings["data"].get("environment", {}).get("parameters", {})
    return (
        settings["data"].get("source") == SIMULATED
        and agent.get("kind") == network.agent
        and environment.get("n_arms", 2) == 2  # questions are of two
        and all(numbers.get(name) == value for name, value in network.numbers.items())
    )
