"""How often equations are found from choices alone: `python -m tests.benchmarks.recovery --sets 20`.

Each known agent plays sets of sessions; `cl.equations` is given the choices and nothing else. A row tells
how often it ends with exactly the numbers that made the choices, how far each is off, how often its 95 %
interval holds the truth, how many sets have a term that is not in the agent, the likelihood of new sessions
beside the agent's own, and how often the equations say of themselves that they are an approximation.
"""

import argparse
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
import numpy as np

import cogrnn_lab as cl

RATE, TEMPERATURE, FORGETS = "learning rate", "inverse temperature", "forgetting rate"
GAINS, LOSSES = "learning rate after reward", "learning rate without reward"
LAST, TRACE_RATE, TRACE, BIAS = "last choice: weight", "habit: rate", "habit: weight", "bias to 1"


class DriftingAmounts(cl.DriftingBandit):
    """Bandit that pays whole amounts from 1 to 100 around means that drift."""

    def step(self, state: Any, choice: Any, key: Any) -> tuple[Any, Any]:
        """Amount of the chosen arm; then the means drift."""
        _, moved = super().step(state, choice, key)
        chosen = jnp.arange(self.n_arms) == choice
        mean = jnp.sum(jnp.where(chosen, state, 0.0))
        return jnp.round(1 + 99 * jnp.clip(mean + 0.4 * (key.uniform - 0.5), 0.0, 1.0)), moved


@dataclass(frozen=True)
class Known:
    """An agent, its numbers as equations name them, and the names that a simpler account may have instead."""

    agent: cl.Agent
    numbers: Mapping[str, float]
    simpler: frozenset[str] = frozenset()
    environment: cl.Environment = field(default_factory=cl.DriftingBandit)


AGENTS = {
    "Q-learning": Known(cl.QLearning(0.3, 3.0), {RATE: 0.3, TEMPERATURE: 3.0}),
    "Q-learning, three arms": Known(
        cl.QLearning(0.3, 3.0), {RATE: 0.3, TEMPERATURE: 3.0}, environment=cl.DriftingBandit(n_arms=3)
    ),
    "Q-learning, amounts 1 to 100": Known(
        cl.QLearning(0.3, 0.05), {RATE: 0.3, TEMPERATURE: 0.05}, environment=DriftingAmounts()
    ),
    "forgetting Q-learning, one rate": Known(
        cl.QLearning(0.25, 4.0, forget_rate=0.25), {RATE: 0.25, TEMPERATURE: 4.0}
    ),
    "forgetting Q-learning": Known(
        cl.QLearning(0.4, 3.0, forget_rate=0.2), {RATE: 0.4, TEMPERATURE: 3.0, FORGETS: 0.2}
    ),
    "gains and losses": Known(
        cl.QLearning(0.4, 3.0, loss_rate=0.15),
        {GAINS: 0.4, LOSSES: 0.15, TEMPERATURE: 3.0},
        frozenset({RATE}),
    ),
    "gains and losses, forgetting (Hattori 2019)": Known(
        cl.QLearning(0.4, 3.0, forget_rate=0.3, loss_rate=0.2),
        {GAINS: 0.4, LOSSES: 0.2, TEMPERATURE: 3.0, FORGETS: 0.3},
        frozenset({RATE}),
    ),
    "forgetting Q-learning, last choice (Bari 2019)": Known(
        cl.Perseveration(cl.QLearning(0.4, 2.5, forget_rate=0.2), choice_rate=None, choice_weight=0.6),
        {RATE: 0.4, TEMPERATURE: 2.5, FORGETS: 0.2, LAST: 0.6},
    ),
    "Q-learning, trace of choices": Known(
        cl.Perseveration(cl.QLearning(0.3, 3.0), choice_rate=0.3, choice_weight=0.8),
        {RATE: 0.3, TEMPERATURE: 3.0, TRACE_RATE: 0.3, TRACE: 0.8},
        frozenset({LAST}),
    ),
    "Q-learning, side bias": Known(
        cl.SideBias(cl.QLearning(0.3, 3.0), bias=0.4), {RATE: 0.3, TEMPERATURE: 3.0, BIAS: 0.4}
    ),
    "win-stay lose-shift": Known(
        cl.WinStayLoseShift(0.2), {"win-stay lose-shift: weight": float(np.log(9.0))}
    ),
    "actor-critic": Known(cl.LeakyActorCritic(), {}),
    "Pearce-Hall": Known(cl.PearceHall(), {}),
    "history regression": Known(
        cl.HistoryRegression(3, jnp.array([1.2, 0.6, 0.3]), jnp.array([0.4, 0.2, 0.0])), {}
    ),
}


@dataclass(frozen=True)
class Found:
    """What was found in one set of sessions."""

    exact: bool
    false: tuple[str, ...]
    errors: Mapping[str, float]
    covered: Mapping[str, bool]
    n_numbers: int
    mechanism: str
    below_agent: float
    seconds: float
    said: bool


def compared(known: Known, found: cl.Equations, new: cl.Dataset, seconds: float) -> Found:
    """Compare equations with the agent whose choices they were found from."""
    rows = found.numbers.set_index("name").to_dict("index")
    there = {name: rows[name] for name in known.numbers if name in rows}
    known_names = set(known.numbers) | known.simpler
    agent = cl.evaluate(known.agent, new).normalized_likelihood
    return Found(
        exact=bool(known.numbers) and set(rows) == set(known.numbers),
        false=tuple(sorted(set(rows) - known_names)) if known.numbers else (),
        errors={name: row["value"] - known.numbers[name] for name, row in there.items()},
        covered={name: row["low"] <= known.numbers[name] <= row["high"] for name, row in there.items()},
        n_numbers=found.complexity,
        mechanism=found.mechanism,
        below_agent=agent - cl.evaluate(found.agent, new).normalized_likelihood,
        seconds=seconds,
        said=found.is_approximation,
    )


def recovered(known: Known, seed: int, n_sessions: int, n_trials: int) -> Found:
    """Simulate a set, find its equations, and compare; new sessions are as many choices as 300 × 200."""
    data, new = (
        cl.simulate(known.agent, known.environment, n_sessions=n, n_trials=n_trials, seed=own)
        for n, own in ((n_sessions, seed), (60_000 // n_trials, seed + 10_000))
    )
    start = time.perf_counter()
    found = cl.equations(None, data)
    return compared(known, found, new, time.perf_counter() - start)


def summary(name: str, known: Known, found: Sequence[Found]) -> str:
    """A row of the table."""
    n = len(found)
    cells = [name, f"{sum(one.exact for one in found)} of {n}" if known.numbers else "-"]
    cells.append("; ".join(_of_number(key, truth, found) for key, truth in known.numbers.items()) or "-")
    covered = [inside for one in found for inside in one.covered.values()]
    cells.append(f"{sum(covered)} of {len(covered)}" if covered else "-")
    cells.append(f"{sum(bool(one.false) for one in found)}" if known.numbers else "-")
    below = 1e4 * np.array([one.below_agent for one in found])
    cells.append(f"{np.median(below):.1f} ({below.min():.1f} to {below.max():.1f})")
    cells.append(f"{sum(one.said for one in found)}")
    cells.append(f"{np.median([one.seconds for one in found]):.0f}")
    kinds = Counter(f"{one.mechanism} [{one.n_numbers}]" for one in found).most_common()
    cells.append("; ".join(f"{count}× {kind}" for kind, count in kinds))
    return "| " + " | ".join(cells) + " |"


def _of_number(name: str, truth: float, found: Sequence[Found]) -> str:
    errors = np.array([one.errors[name] for one in found if name in one.errors])
    if not len(errors):
        return f"{name} {truth:g}: never"
    return f"{name} {truth:.3g}: {errors.mean():+.2g} ± {errors.std():.2g}"


HEADER = (
    "| agent | exactly its numbers | numbers, mean error ± spread | in the 95 % interval | sets with a term "
    "that is not there | unseen likelihood below the agent's × 10⁻⁴ | said to be an "
    "approximation | s | mechanisms [numbers] |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def main() -> None:
    """Measure what the command line asks for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", nargs="+", choices=AGENTS, default=list(AGENTS), metavar="NAME")
    parser.add_argument("--sets", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="seed of the first set")
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--trials", type=int, default=200)
    asked = parser.parse_args()
    print(f"{asked.sets} sets of {asked.sessions} sessions of {asked.trials} trials\n\n{HEADER}", flush=True)
    for name in asked.agents:
        known = AGENTS[name]
        seeds = range(asked.first, asked.first + asked.sets)
        found = [recovered(known, seed, asked.sessions, asked.trials) for seed in seeds]
        print(summary(name, known, found), flush=True)


if __name__ == "__main__":
    main()
