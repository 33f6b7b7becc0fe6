"""Agents, environments and tasks that can be picked by name: those of the package, and a user's own."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_parameters import as_agent
from cogrnn_lab.tasks.agents.library.classical_models import CLASSICAL_MODELS, COUNTERFACTUAL_MODELS
from cogrnn_lab.tasks.agents.library.history_regression import HistoryRegression
from cogrnn_lab.tasks.agents.library.pearce_hall import PearceHall
from cogrnn_lab.tasks.agents.library.q_learning import QLearning
from cogrnn_lab.tasks.agents.library.reward_seeking import RewardSeeking
from cogrnn_lab.tasks.agents.library.side_bias import SideBias
from cogrnn_lab.tasks.bandits.drifting_bandit import DriftingBandit
from cogrnn_lab.tasks.bandits.environment import Environment
from cogrnn_lab.tasks.bandits.matching_pennies import MatchingPennies
from cogrnn_lab.tasks.bandits.two_arm_blocks import reversals, uncoupled_blocks
from cogrnn_lab.tasks.registry_entry import AgentEntry, Entry, Limited
from cogrnn_lab.tasks.trials.library.context_integration import ContextIntegration
from cogrnn_lab.tasks.trials.library.delayed_discrimination import DelayedDiscrimination
from cogrnn_lab.tasks.trials.library.delayed_match_to_sample import DelayedMatchToSample
from cogrnn_lab.tasks.trials.library.flip_flop import FlipFlop
from cogrnn_lab.tasks.trials.library.go_no_go import GoNoGo
from cogrnn_lab.tasks.trials.library.interval_reproduction import IntervalReproduction
from cogrnn_lab.tasks.trials.library.match_to_category import MatchToCategory
from cogrnn_lab.tasks.trials.library.multisensory_integration import MultisensoryIntegration
from cogrnn_lab.tasks.trials.library.perceptual_discrimination import PerceptualDiscrimination
from cogrnn_lab.tasks.trials.library.reward_biased_discrimination import RewardBiasedDiscrimination
from cogrnn_lab.tasks.trials.numpy_task import NumpyTask
from cogrnn_lab.tasks.trials.task import Task


def _history_regression() -> Agent:
    """An animal's usual weights, so that a simulation shows something; fits start from zeros."""
    weights = (1.5, 0.9, 0.5, 0.3, 0.2), (0.4, 0.2, 0.1, 0.0, 0.0)
    return SideBias(HistoryRegression(5, *weights))


def _classical(name: str) -> Callable[[], Agent]:
    return lambda: (CLASSICAL_MODELS | COUNTERFACTUAL_MODELS)[name](0.0)


_MADE: dict[str, Callable[[], Agent]] = {
    "Q-learning": QLearning,
    **{name: _classical(name) for name in CLASSICAL_MODELS if name != "Q-learning"},
    "Pearce-Hall": lambda: SideBias(PearceHall()),
    "history regression": _history_regression,
    "reward seeking": RewardSeeking,
    **{name: _classical(name) for name in COUNTERFACTUAL_MODELS},
}
_DRIFT = {"drift": (0.0, math.inf), "n_arms": (2, 20), "p_instructed": (0.0, 1.0)}
_BLOCKS = {
    **dict.fromkeys(("high", "middle", "low"), (0.0, 1.0)),
    **dict.fromkeys(("shortest_block", "longest_block"), (1, 10_000)),
}

AGENTS: dict[str, AgentEntry] = {name: AgentEntry(name, make) for name, make in _MADE.items()}
ENVIRONMENTS: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry("drifting bandit", DriftingBandit, _DRIFT),
        Entry("blocks with reversals", reversals, _BLOCKS),
        Entry("uncoupled blocks", uncoupled_blocks, _BLOCKS),
        Entry("matching pennies", MatchingPennies, {"algorithm": (0, 2), "n_arms": (2, 2)}),
    )
}
TASKS: dict[str, Entry] = {
    name: Entry(name, task)
    for name, task in {
        "perceptual discrimination": PerceptualDiscrimination,
        "delayed discrimination": DelayedDiscrimination,
        "context-dependent integration": ContextIntegration,
        "multisensory integration": MultisensoryIntegration,
        "match to category": MatchToCategory,
        "delayed match to sample": DelayedMatchToSample,
        "go / no-go": GoNoGo,
        "flip-flop": FlipFlop,
        "interval reproduction": IntervalReproduction,
        "reward-biased discrimination": RewardBiasedDiscrimination,
    }.items()
}
_OF_THE_PACKAGE = frozenset((*AGENTS, *ENVIRONMENTS, *TASKS))

# Names under which earlier versions saved the same model.
FORMER_NAMES = {"leaky actor-critic": "actor-critic"}


def register_agent(name: str, agent: Any, *, limits: Limited = None) -> None:
    """Add an agent to those that can be picked by name, in the lab too.

    Arguments:
        name: As it is shown. A name of one's own that is there already is replaced, so that a notebook cell
            can be run again.
        agent: An agent, whose parameters are the defaults, or a class or function that makes one without
            arguments.
        limits: (lowest, highest) of parameters, by name, for those whose field declares none.

    Raises:
        TypeError: Where it makes no agent.
        ValueError: Where the package has an agent of that name, or a limit belongs to no parameter.

    Example:
        >>> import cogrnn_lab as cl
        >>> from cogrnn_lab.tasks.registry import AGENTS
        >>> cl.register_agent("Q-learning with lapses", cl.Lapse(cl.QLearning()))
        >>> AGENTS["Q-learning with lapses"].make(lapse_rate=0.2).lapse_rate
        0.2
        >>> del AGENTS["Q-learning with lapses"]
    """
    _register(AGENTS, AgentEntry(name, agent, limits), as_agent)


def register_environment(name: str, environment: Any, *, limits: Limited = None) -> None:
    """Add an environment to those that can be picked by name, in the lab too.

    Arguments:
        name: As it is shown. A name of one's own that is there already is replaced.
        environment: An environment, whose numbers are the defaults, or a class or function that makes one
            without arguments; then its keywords with a default are the settings.
        limits: (lowest, highest) of settings, by name, for those whose field declares none.

    Raises:
        TypeError: Where it makes no environment.
        ValueError: Where the package has an environment of that name, or a limit belongs to no setting.

    Example:
        >>> import cogrnn_lab as cl
        >>> from cogrnn_lab.tasks.registry import ENVIRONMENTS
        >>> cl.register_environment("slow drift", cl.DriftingBandit(drift=0.02))
        >>> ENVIRONMENTS["slow drift"].make().drift
        0.02
        >>> del ENVIRONMENTS["slow drift"]
    """
    check = partial(_check_makes, kind=Environment, expected="an environment, such as cl.DriftingBandit()")
    _register(ENVIRONMENTS, Entry(name, environment, limits), check)


def register_task(name: str, task: Any, *, limits: Limited = None) -> None:
    """Add a trial task to those that can be picked by name, in the lab too.

    Arguments:
        name: As it is shown. A name of one's own that is there already is replaced.
        task: A task, whose numbers are the defaults, or a class or function that makes one without arguments;
            then its keywords with a default are the settings.
        limits: (lowest, highest) of settings, by name, for those whose field declares none.

    Raises:
        TypeError: Where it makes no task.
        ValueError: Where the package has a task of that name, or a limit belongs to no setting.

    Example:
        >>> import cogrnn_lab as cl
        >>> from cogrnn_lab.tasks.registry import TASKS
        >>> cl.register_task("long flip-flop", cl.FlipFlop(duration=4000.0))
        >>> TASKS["long flip-flop"].make().duration
        4000.0
        >>> del TASKS["long flip-flop"]
    """
    check = partial(_check_makes, kind=(Task, NumpyTask), expected="a task, such as cl.FlipFlop()")
    _register(TASKS, Entry(name, task, limits), check)


def _register(registry: dict[str, Any], entry: Entry, check: Callable[[Any], object]) -> None:
    """Put an entry into a registry, whose `check` raises where its source makes something else."""
    check(entry.source)
    if entry.name in registry and entry.name in _OF_THE_PACKAGE:
        raise ValueError(f'"{entry.name}" is a name of the package; register it under another name.')
    known = [one.name for one in entry.settings]
    for name in entry.limits or ():
        if name not in known:
            raise ValueError(
                f'limits are given for "{name}", which is no setting; expected some of {", ".join(known)}.'
            )
    registry[entry.name] = entry


def _check_makes(source: Any, kind: Any, expected: str) -> None:
    try:
        made = source() if callable(source) else source
    except TypeError as error:
        name = getattr(source, "__name__", repr(source))
        raise TypeError(f"{name} cannot be made without arguments ({error}); pass {expected}.") from error
    if not isinstance(made, kind):
        raise TypeError(f"got {made!r}; expected {expected}.")
