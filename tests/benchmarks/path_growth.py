"""How the time of a penalty path grows: `python -m tests.benchmarks.path_growth`.

Seconds of all cores for a path of a fixed number of steps, with twice and four times the sessions, latents,
seeds and levels; and all seeds of a level in one call beside one after the other. Each path runs twice and
the second, which compiles nothing, is timed. Seconds by the clock, which need a quiet machine, are beside.
"""

import argparse
import time
from dataclasses import dataclass, replace

import jax

import cogrnn_lab as cl
from cogrnn_lab.discovery.schedule import Settling, WarmUp

HEADER = "| path | s of all cores | × the first | s by the clock |\n| --- | --- | --- | --- |"


@dataclass(frozen=True)
class Size:
    """Sizes of a path; `batch_size` None is the default, about 4,000 trials a step."""

    sessions: int = 100
    latents: int = 5
    seeds: int = 2
    levels: int = 3
    batch_size: int | None = None


def seconds(size: Size, steps: int, first_seed: int = 0) -> tuple[float, float]:
    """Seconds of all cores and by the clock of a path that is compiled."""
    agent, bandit = cl.QLearning(0.3, 3.0), cl.DriftingBandit()
    data = cl.simulate(agent, bandit, n_sessions=size.sessions + 20, n_trials=100, seed=0)
    train = data.select(range(size.sessions))
    choose = data.select(range(size.sessions, data.n_sessions))
    network = cl.DisRNN(2, 2, size.latents, key=jax.random.key(first_seed))
    prices = [0.1 * 2**i for i in range(size.levels)]
    taken = []
    for _ in range(2):
        used, began = time.process_time(), time.perf_counter()
        cl.penalty_path(
            network, train, choose, levels=prices, seeds=size.seeds, seed=first_seed,
            warm_up=WarmUp(most=steps, check_every=steps), batch_size=size.batch_size,
            settling=Settling(most=steps, check_every=steps, beyond=steps, cooling=0),
        )  # fmt: skip
        taken.append((time.process_time() - used, time.perf_counter() - began))
    return taken[-1]


def main() -> None:
    """Measure what the command line asks for, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200, help="steps of the warm-up and of each level")
    steps = parser.parse_args().steps
    base = Size()
    rows = {"100 sessions of 100 trials, 5 latents, 2 seeds, 3 levels": base}
    grown = {"sessions": (200, 400), "latents": (10, 20), "seeds": (1, 4, 8), "levels": (6, 12)}
    for name, values in grown.items():
        rows |= {f"{value} {name}": replace(base, **{name: value}) for value in values}
    rows["400 sessions, all in each step"] = replace(base, sessions=400, batch_size=400)
    print(HEADER, flush=True)
    first = None
    for name, size in rows.items():
        used, clock = seconds(size, steps)
        first = first or used
        print(f"| {name} | {used:.1f} | {used / first:.2f} | {clock:.1f} |", flush=True)
    alone = [seconds(replace(base, seeds=1), steps, i) for i in range(4)]
    used, clock = (sum(of) for of in zip(*alone, strict=True))
    print(f"| 4 seeds, one after the other | {used:.1f} | {used / first:.2f} | {clock:.1f} |", flush=True)


if __name__ == "__main__":
    main()
