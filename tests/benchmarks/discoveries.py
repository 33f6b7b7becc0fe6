"""What discoveries find in sets of a known agent: `python -m tests.benchmarks.discoveries --sets 20`.

A row for each set: how far the chosen level's network is below the agent on sessions that nothing saw, how
many latents count in each seed's network, the most open of the other latents, and the equations.
"""

import argparse
import time

import numpy as np

import cogrnn_lab as cl

from .recovery import AGENTS

HEADER = (
    "| agent | set | level | below the agent × 10⁻³ | latents of each seed | most open other | latents alike "
    "| equations | below the agent × 10⁻³ | s |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def row(name: str, seed: int, seeds: int, yardsticks: bool) -> str:
    """Discover in one set: 300 sessions of 200 trials to train on, 100 to choose by, 100 to report."""
    known = AGENTS[name]
    data = cl.simulate(known.agent, known.environment, n_sessions=500, n_trials=200, seed=seed)
    start = time.perf_counter()
    others = {} if yardsticks else {"classical": {}, "gru_units": None}
    found = cl.discover(data, seeds=seeds, seed=seed, **others)
    seconds = time.perf_counter() - start
    level, beside = found.path.levels[found.level], found.yardsticks.set_index("model")["likelihood"]
    counted = np.sort(level.openness, 1)[:, ::-1]
    others_open = max(own[n:].max(initial=0.0) for own, n in zip(counted, level.n_latents, strict=True))
    alike = "-" if found.agreement is None else found.agreement.text.split(".")[0]
    equations = found.equations
    cells = [
        name,
        str(seed),
        f"{int(found.level)} of {len(found.path.levels)}, price {level.price:.2g}",
        f"{1e3 * (beside['generating agent'] - beside['network']):.2f}",
        " ".join(map(str, level.n_latents)),
        f"{others_open:.3f}",
        alike,
        "none" if equations is None else f"{equations.mechanism} [{equations.complexity}]",
        "-" if equations is None else f"{1e3 * (beside['generating agent'] - beside['equations']):.2f}",
        f"{seconds:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Measure what the command line asks for, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = ["Q-learning", "actor-critic", "forgetting Q-learning, last choice (Bari 2019)"]
    parser.add_argument("--agents", nargs="+", choices=AGENTS, default=default, metavar="NAME")
    parser.add_argument("--sets", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="seed of the first set")
    parser.add_argument("--seeds", type=int, default=5, help="networks of each discovery")
    parser.add_argument("--yardsticks", action="store_true", help="fit classical models and a GRU as well")
    asked = parser.parse_args()
    print(HEADER, flush=True)
    for seed in range(asked.first, asked.first + asked.sets):
        for name in asked.agents:
            print(row(name, seed, asked.seeds, asked.yardsticks), flush=True)


if __name__ == "__main__":
    main()
