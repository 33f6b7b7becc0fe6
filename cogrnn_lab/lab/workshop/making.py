"""Makes the networks that workshops begin with: `python -m cogrnn_lab.lab.workshop.making`, in some minutes.

Arguments are names of networks that are made again, such as "animal A"; all of them without any.
"""

import sys
from pathlib import Path
from typing import Any

from cogrnn_lab.discovery import Settling, WarmUp
from cogrnn_lab.lab.app import Lab
from cogrnn_lab.lab.settings.state import LabState
from cogrnn_lab.lab.workshop.shipped import NETWORKS, SHIPPED, ShippedNetwork
from cogrnn_lab.tasks import classical_models

LEVELS = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 16.0)
RIVALS = (
    "win-stay lose-shift", "Q-learning", "Q-learning, forgetting", "Q-learning, perseveration", "Bari 2019",
    "actor-critic",
)  # fmt: skip
SESSIONS, TRIALS, SEEDS = 100, 120, 2
NETWORK = {"n_latents": 4, "update_width": 8, "update_depth": 2, "choice_width": 4, "choice_depth": 2}


def make_network(shipped: ShippedNetwork, root: Path) -> Any:
    """Discover a small network in an agent's choices, and save its run with the discovery below `root`."""
    state = LabState()
    state.data.set_quietly(n_sessions=SESSIONS, n_trials=TRIALS)
    state.data.agent.kind = shipped.agent
    state.data.agent.parameters.set_quietly(**shipped.numbers)
    state.training.set_quietly(warmup_steps=100, steps=300)  # of a student's own network
    state.model.parameters.set_quietly(**NETWORK)
    state.view.set_quietly(equations=False)
    lab = Lab(state=state, runner="inline", folder=root)
    dataset: Any = lab.dataset
    classical = classical_models(dataset)
    lab.discover(
        seeds=SEEDS, levels=LEVELS, gru_units=None,
        warm_up=WarmUp(most=500, check_every=100),
        settling=Settling(most=500, check_every=100, beyond=100, cooling=50),
        equations={"n_starts": 1, "n_latents": (1, 2)},
        classical={name: classical[name] for name in RIVALS},
    )  # fmt: skip
    lab.wait(3600.0)
    lab.save(shipped.run)
    return lab


if __name__ == "__main__":
    for name in sys.argv[1:] or NETWORKS:
        made = make_network(NETWORKS[name], SHIPPED)
        sys.stdout.write(f"{name}: {made.top.message.value}\n{made.discovery}\n")
        made.close()
