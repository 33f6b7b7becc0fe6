"""Equations beside SPICE on the same choices: `python -m tests.benchmarks.spice --spice-python PATH`.

PATH is the Python of an environment with `autospice` 0.2.0, which is none of our dependencies. SPICE is given
its ready-made module for the agent, which names the states and what moves them; `cl.equations(None, data)` is
given the choices alone. Both run on one core (start with `taskset -c 1`), one after the other.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import cogrnn_lab as cl
from cogrnn_lab.data.outcomes import recorded_outcomes

from .peer_environments import _installed
from .recovery import AGENTS

DISTRIBUTION = "autospice"
WORK = Path(__file__).parent / "peers" / "spice_work.py"
# Each agent with the ready-made module of SPICE that has its states.
MODULES = {
    "Q-learning": "RescorlaWagnerRNN",
    "forgetting Q-learning, last choice (Bari 2019)": "ChoiceRNN",
}
# SPICE predicts a session in about a second.
NEW_SESSIONS = 100
HEADER = (
    "| agent, set | who | unseen likelihood (agent's own) | below the agent × 10⁻⁴ | s | what it reads |\n"
    "| --- | --- | --- | --- | --- | --- |"
)


def absent(python: str | None) -> str | None:
    """Why SPICE cannot run with this Python; None where it can."""
    made = (
        f"make an environment with {DISTRIBUTION} 0.2.0 (python -m venv ENV; ENV/bin/pip install torch "
        f"{DISTRIBUTION}==0.2.0) and give --spice-python ENV/bin/python"
    )
    if python is None:
        return f"SPICE is left out, as no Python that has it was given: {made}."
    version = _installed(Path(python), DISTRIBUTION)
    if version is None:
        return f"SPICE is left out, as {python} is not there or has no {DISTRIBUTION}: {made}."
    return None


def by_spice(python: str, name: str, data: cl.Dataset, new: cl.Dataset, epochs: int, seed: int) -> Any:
    """What SPICE makes of the choices of an agent, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        choices, answer = Path(folder) / "choices.npz", Path(folder) / "answer.json"
        arrays = {}
        for prefix, own in (("", data), ("new_", new)):
            arrays[prefix + "choice"], arrays[prefix + "reward"] = recorded_outcomes(own)
        np.savez(choices, module=MODULES[name], epochs=epochs, seed=seed, **arrays)
        done = subprocess.run(
            [python, str(WORK), str(choices), str(answer)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"SPICE ended with an error:\n{done.stderr[-2000:]}")
        return json.loads(answer.read_text())


def rows(name: str, seed: int, python: str | None, epochs: int, sessions: int, trials: int) -> list[str]:
    """The rows of one set of sessions."""
    known = AGENTS[name]
    data, new = (
        cl.simulate(known.agent, known.environment, n_sessions=n, n_trials=trials, seed=own)
        for n, own in ((sessions, seed), (NEW_SESSIONS, seed + 10_000))
    )
    # SPICE does not predict the first trial of a session, on which nothing had happened
    later = new._replace(mask=np.where(np.arange(trials)[None, :, None] == 0, False, new.mask))
    own = cl.evaluate(known.agent, later).nll
    began = time.perf_counter()
    found = cl.equations(None, data)
    seconds = time.perf_counter() - began
    read = "; ".join(f"{row['name']} {row['value']:.3g}" for _, row in found.numbers.iterrows())
    told = [_row(name, seed, "equations", cl.evaluate(found.agent, later).nll, own, seconds, read)]
    if python is not None:
        spice = by_spice(python, name, data, new, epochs, seed)
        told.append(_row(name, seed, "SPICE", spice["equations"], own, spice["seconds"], _read(spice)))
        told.append(_row(name, seed, "its network", spice["network"], own, spice["seconds"], "-"))
    return told


def _row(name: str, seed: int, who: str, nll: float, own: float, seconds: float, read: str) -> str:
    like, best = np.exp(-nll), np.exp(-own)
    below = 1e4 * (best - like)
    return f"| {name}, {seed} | {who} | {like:.5f} ({best:.5f}) | {below:.1f} | {seconds:.0f} | {read} |"


def _read(spice: Mapping[str, Any]) -> str:
    updates = [
        f"{module}: " + ", ".join(f"{value:+.3g} {term}" for term, value in terms.items() if value)
        for module, terms in spice["updates"].items()
    ]
    return "; ".join(
        [*updates, *(f"weight of {name} {value:.3g}" for name, value in spice["weights"].items())]
    )


def main() -> None:
    """Measure what the command line asks for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spice-python", metavar="PATH")
    parser.add_argument("--agents", nargs="+", choices=MODULES, default=list(MODULES), metavar="NAME")
    parser.add_argument("--sets", type=int, default=1)
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=300, help="of SPICE's network; its other settings stay")
    asked = parser.parse_args()
    why = absent(asked.spice_python)
    if why is not None:
        print(why, flush=True)
    python = None if why is not None else asked.spice_python
    print(f"{asked.sessions} sessions of {asked.trials} trials\n\n{HEADER}", flush=True)
    for name in asked.agents:
        for seed in range(asked.sets):
            print("\n".join(rows(name, seed, python, asked.epochs, asked.sessions, asked.trials)), flush=True)


if __name__ == "__main__":
    main()
