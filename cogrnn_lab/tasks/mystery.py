"""A mystery agent: one of the classical agents with numbers of its own, to be guessed from its choices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_parameters import agent_parameters
from cogrnn_lab.tasks.bandits.environment import Environment
from cogrnn_lab.tasks.registry import AGENTS
from cogrnn_lab.tasks.simulation import simulate

# In this order for ever: it is what a number stands for.
KINDS = (
    "win-stay lose-shift",
    "Q-learning",
    "Q-learning, gains and losses",
    "Q-learning, forgetting",
    "Q-learning, perseveration",
    "Bari 2019",
    "Pearce-Hall, forgetting",
    "actor-critic",
)
# Points of a guess, of 100: for the agent, and for its numbers together. A number that is off by this share
# of its plausible range, or more, gets none.
OF_AGENT, OF_NUMBERS, TOO_FAR = 40.0, 60.0, 0.5
_DRAW = 20_231_211  # beside the seed, so that simulations with the same seed draw other numbers


@dataclass(frozen=True)
class MysteryAnswer:
    """Which agent it is.

    Fields:
        kind: Name of the agent, as it is registered.
        numbers: Its hidden parameters by name.
        ranges: {name: (low, high)} between which each was drawn.
    """

    kind: str
    numbers: dict[str, float]
    ranges: dict[str, tuple[float, float]]

    def agent(self, n_arms: int = 2) -> Agent:
        """Make the agent.

        Arguments:
            n_arms: Number of alternatives.

        Returns:
            The agent.
        """
        return AGENTS[self.kind].make(n_arms=n_arms, **self.numbers)


@dataclass(frozen=True)
class MysteryScore:
    """How good a guess is.

    Fields:
        points: From 0 to 100.
        is_right: Whether the agent is the right one.
        table: A row for each hidden number: `name`, `true`, `guess` (NaN where the guessed agent has none of
            that name), `off` (distance as a share of the plausible range), `points`.
    """

    points: float
    is_right: bool
    table: pd.DataFrame


class MysteryAgent:
    """Agent whose kind and numbers are hidden: neither its text nor its data set tell them.

    Arguments:
        seed: A whole number of at least 0; each stands for another agent, the same for ever.

    Raises:
        ValueError: `seed` is not such a number.

    Example:
        >>> import cogrnn_lab as cl
        >>> sheet = [cl.MysteryAgent(seed) for seed in range(40)]
        >>> sheet[1].reveal().kind
        'Q-learning, forgetting'
    """

    def __init__(self, seed: int):
        self.seed = checked_count(seed, "seed", least=0)

    def __repr__(self) -> str:
        return f"MysteryAgent({self.seed})"

    def simulate(self, environment: Environment, *, n_sessions: int, n_trials: int, seed: int = 0) -> Dataset:
        """Let it play an environment.

        Arguments:
            environment: The environment.
            n_sessions: Number of sessions.
            n_trials: Trials of each session.
            seed: Of the simulation.

        Returns:
            A categorical `Dataset`, as `cl.simulate` makes it.
        """
        agent = self.reveal().agent(environment.n_arms)
        return simulate(agent, environment, n_sessions=n_sessions, n_trials=n_trials, seed=seed)

    def reveal(self) -> MysteryAnswer:
        """Tell which agent it is.

        Returns:
            A `MysteryAnswer`.
        """
        random = np.random.default_rng([_DRAW, self.seed])
        kind = KINDS[random.integers(len(KINDS))]
        ranges = plausible_ranges(kind)
        numbers = {name: round(float(random.uniform(*ends)), 2) for name, ends in ranges.items()}
        return MysteryAnswer(kind, numbers, ranges)

    def score(self, kind: str, numbers: Mapping[str, float]) -> MysteryScore:
        """Score a guess.

        40 of 100 points are for the agent, all or nothing. 60 are shared equally by its hidden numbers. Of a
        number that is off by d, as a share of its plausible range (high - low), 1 - 2 d of its points are
        kept, none where it is off by half of the range. A number counts by its name, also where the agent
        that was guessed is another one with a number of that name.

        Arguments:
            kind: Name of the agent that was guessed.
            numbers: Its parameters by name.

        Returns:
            A `MysteryScore`.

        Raises:
            ValueError: `kind` is none of the agents that it can be.
        """
        if kind not in KINDS:
            raise ValueError(f"kind is {kind!r}, expected one of {', '.join(KINDS)}")
        answer, rows = self.reveal(), []
        share = OF_NUMBERS / len(answer.numbers)
        for name, true in answer.numbers.items():
            low, high = answer.ranges[name]
            guess = float(numbers.get(name, np.nan))
            off = abs(guess - true) / (high - low)
            kept = 0.0 if np.isnan(off) else share * max(0.0, 1.0 - off / TOO_FAR)
            rows.append({"name": name, "true": true, "guess": guess, "off": off, "points": kept})
        table = pd.DataFrame(rows)
        is_right = kind == answer.kind
        points = OF_AGENT * is_right + float(table["points"].sum())
        return MysteryScore(points, is_right, table)


def mystery_agent(seed: int) -> MysteryAgent:
    """Make an agent whose kind and numbers are hidden, to be guessed from its choices.

    Arguments:
        seed: A whole number of at least 0; each stands for another agent, the same for ever, so that a
            teacher can hand out as many as there are students.

    Returns:
        A `MysteryAgent`, which plays by `simulate`, and tells what it is by `reveal`.

    Raises:
        ValueError: `seed` is not such a number.

    Example:
        >>> import cogrnn_lab as cl
        >>> mystery = cl.mystery_agent(7)
        >>> data = mystery.simulate(cl.DriftingBandit(), n_sessions=2, n_trials=50)
        >>> mystery
        MysteryAgent(7)
        >>> answer = mystery.reveal()
        >>> mystery.score(answer.kind, answer.numbers).points
        100.0
    """
    return MysteryAgent(seed)


def plausible_ranges(kind: str) -> dict[str, tuple[float, float]]:
    """{parameter: (low, high)} of the hidden numbers of an agent: single ones of which values are typical."""
    found: dict[str, Any] = {}
    for one in agent_parameters(AGENTS[kind].template):
        if one.shape == () and one.limits.typical is not None:
            found[one.name] = one.limits.typical
    return found
