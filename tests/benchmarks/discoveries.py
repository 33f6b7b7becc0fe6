"""What discoveries find in sets of a known agent: `python -m tests.benchmarks.discoveries --sets 20`.

A row for each set: how far the chosen level's networks are below the agent on sessions that nothing saw, how
many latents count in each seed's network, the most open of the other latents, and the equations, or with
`--path-only` the penalty path and the choice of its level alone.
"""

import argparse
import time

import jax
import numpy as np

import cogrnn_lab as cl
from cogrnn_lab.discovery.course.explained import explained
from cogrnn_lab.discovery.course.finished import Finished
from cogrnn_lab.discovery.course.level_by_equations import level_with_equations
from cogrnn_lab.discovery.parts import deal

from .recovery import AGENTS

PATH_HEADER = (
    "| agent | set | level | each network below the agent × 10⁻³ | latents of each | most open other "
    "| latents without equations | s | s of all cores |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)
HEADER = (
    "| agent | set | level | each network below the agent × 10⁻³ | latents of each | most open other "
    "| latents alike | equations | below the agent × 10⁻³ | s |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def data_of(name: str, seed: int) -> cl.Dataset:
    """Simulate 500 sessions of 200 trials."""
    known = AGENTS[name]
    return cl.simulate(known.agent, known.environment, n_sessions=500, n_trials=200, seed=seed)


def network_cells(name: str, seed: int, path: cl.Path, chosen: int, agent: float) -> list[str]:
    """What a row says of the chosen level: every network's distance from the agent, and its latents."""
    level = path.levels[chosen]
    likelihoods = np.exp(-path.units["report"].means(level.nll["report"]))
    counted = np.sort(level.openness, 1)[:, ::-1]
    others_open = max(own[n:].max(initial=0.0) for own, n in zip(counted, level.n_latents, strict=True))
    return [
        name,
        str(seed),
        f"{int(chosen)} of {len(path.levels)}, price {level.price:.2g}",
        " ".join(f"{1e3 * (agent - own):.2f}" for own in likelihoods),
        " ".join(map(str, level.n_latents)),
        f"{others_open:.3f}",
    ]


def path_row(name: str, seed: int, seeds: int, last: float) -> str:
    """Train the path and choose its level, by equations where they have a say, and nothing more."""
    data = data_of(name, seed)
    parts = deal(data)
    start, used = time.perf_counter(), time.process_time()
    network = cl.DisRNN(data.n_inputs, data.n_classes, key=jax.random.key(seed))
    ladder = cl.PriceLadder(last=last)
    path = cl.penalty_path(
        network, parts.train, parts.choose, parts.report, seeds=seeds, seed=seed, levels=ladder
    )
    chosen = path.choose()
    of_networks = f"{path.levels[chosen].n_latents[chosen.seed]} at level {int(chosen)}"

    def found() -> cl.Equations | None:
        return explained(path, chosen, parts, {"seed": seed}, Finished(None))[0]

    chosen = level_with_equations(path, chosen, found, parts)
    seconds, of_cores = time.perf_counter() - start, time.process_time() - used
    agent = cl.evaluate(AGENTS[name].agent, parts.report).normalized_likelihood
    cells = [
        *network_cells(name, seed, path, int(chosen), agent),
        of_networks,
        f"{seconds:.0f}",
        f"{of_cores:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def row(name: str, seed: int, seeds: int, yardsticks: bool) -> str:
    """Discover in one set: 300 sessions of 200 trials to train on, 100 to choose by, 100 to report."""
    data = data_of(name, seed)
    start = time.perf_counter()
    others = {} if yardsticks else {"classical": {}, "gru_units": None}
    found = cl.discover(data, seeds=seeds, seed=seed, **others)
    seconds = time.perf_counter() - start
    beside = found.yardsticks.set_index("model")["likelihood"]
    alike = "-" if found.agreement is None else found.agreement.text.split(".")[0]
    equations = found.equations
    cells = [
        *network_cells(name, seed, found.path, found.level, beside["generating agent"]),
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
    parser.add_argument("--path-only", action="store_true", help="path and choice of level alone")
    parser.add_argument("--last", type=float, default=100.0, help="dearest price of the path alone")
    asked = parser.parse_args()
    print(PATH_HEADER if asked.path_only else HEADER, flush=True)
    for seed in range(asked.first, asked.first + asked.sets):
        for name in asked.agents:
            if asked.path_only:
                print(path_row(name, seed, asked.seeds, asked.last), flush=True)
            else:
                print(row(name, seed, asked.seeds, asked.yardsticks), flush=True)


if __name__ == "__main__":
    main()
