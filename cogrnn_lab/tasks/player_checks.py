"""Slips in agents and environments that users write, said in words while their functions are traced."""

from typing import Any

import jax
import jax.numpy as jnp

from cogrnn_lab.models import Network
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.subject_parameters import SubjectParameters
from cogrnn_lab.tasks.bandits.environment import Environment

AGENT, ENVIRONMENT = ("agent", "cl.QLearning()"), ("environment", "cl.DriftingBandit()")


def check_player(given: Any, part: tuple[str, str]) -> None:
    """Raise a `TypeError` where the agent or the environment is something else.

    Arguments:
        given: What was given.
        part: Which of the two it should be, and an example: `AGENT` or `ENVIRONMENT`.

    Raises:
        TypeError: It is none.
    """
    name, example = part
    if isinstance(given, (Agent, SubjectParameters) if name == AGENT[0] else Environment):
        return
    got = f"the class {given.__name__}" if isinstance(given, type) else f"a {type(given).__name__}"
    slip = "; the agent comes first, then the environment" if isinstance(given, (Agent, Environment)) else ""
    slip = "; call the class to make one" if isinstance(given, type) else slip
    plays = isinstance(given, Network) or isinstance(getattr(given, "model", None), Network)
    slip = "; a network plays as cl.NetworkAgent(network)" if plays else slip
    raise TypeError(f"the {name} is {got}, expected an {name} such as {example}{slip}")


def check_logits(logits: Any, agent: Any, n_arms: int) -> None:
    """Refuse logits that are not one number for each arm."""
    if jnp.shape(logits) != (n_arms,):
        raise ValueError(
            f"{type(agent).__name__}.logits returns shape {jnp.shape(logits)}; expected ({n_arms},), a "
            "number for each arm."
        )


def check_reward(reward: Any, environment: Any) -> None:
    """Refuse a reward that is not one number."""
    if jnp.shape(reward) != ():
        raise ValueError(
            f"{type(environment).__name__}.step returns a reward of shape {jnp.shape(reward)}; expected one "
            "number. Is it the rewards of all arms?"
        )


def check_state(new: Any, old: Any, player: Any, update: str, start: str) -> None:
    """Refuse a next state of other fields, shapes or types than the state before."""
    got, expected = _layout(new), _layout(old)
    if got != expected:
        name = type(player).__name__
        raise ValueError(
            f"{name}.{update} returns a state of {got}; expected {expected}, as {name}.{start} returns. "
            "A state keeps its shape from trial to trial; start with floats if they become floats."
        )


def _layout(state: Any) -> str:
    leaves = [f"{jnp.result_type(leaf)}{list(jnp.shape(leaf))}" for leaf in jax.tree.leaves(state)]
    structure = jax.tree.structure(state)
    return ", ".join(leaves) if structure.num_nodes <= 1 else f"{', '.join(leaves)} in {structure}"
