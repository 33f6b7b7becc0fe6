"""Agents at work: whole data sets of simulated behavior in one compiled call."""

import dataclasses
import operator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree, UInt32

from cogrnn_lab.compilation_cache import keep_compilations
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import previous_trial_names
from cogrnn_lab.models.noise import uniforms
from cogrnn_lab.tasks.agent import Agent
from cogrnn_lab.tasks.environment import Environment
from cogrnn_lab.tasks.outcome_inputs import outcome_inputs
from cogrnn_lab.tasks.player_checks import check_logits, check_reward, check_state
from cogrnn_lab.tasks.session_chance import session_keys


def simulate(
    agent: Agent, environment: Environment, *, n_sessions: int, n_trials: int, seed: int = 0
) -> Dataset:
    """Lets an agent play an environment.

    **Arguments:**

    - `agent`, `environment`: what plays and what is played. Changing their parameters compiles nothing again.
    - `n_sessions`, `n_trials`: sizes; every session has all trials.
    - `seed`: the same seed gives the same data. Session s is the same whatever the number of sessions.

    **Returns:** a categorical `Dataset` of one subject. Inputs are the previous choice and the previous
    reward (zeros on the first trial; one-hot choices for more than two arms). `columns` hold "choice",
    "reward", "p_choice" (probability that the agent gave to that choice), "instructed" where choices were
    prescribed (these are no targets but stay inputs), and what the environment describes, as "p_reward_1".
    """
    for size, name in ((n_sessions, "n_sessions"), (n_trials, "n_trials")):
        if size < 1:
            raise ValueError(f"{name} = {size}; expected 1 or more.")
    environment.check_sizes(n_sessions, n_trials)
    keep_compilations()
    players = traced(agent), traced(environment)
    time_major = jax.device_get(_simulated(players, session_keys(seed, n_sessions, 3), n_trials))
    arrays, columns = jax.tree.map(lambda array: array.swapaxes(0, 1), time_major)
    if not arrays["mask"].any():
        raise ValueError(
            "every trial is instructed, so that no choice is left to the agent; lower p_instructed."
        )
    if arrays["mask"].all():
        del columns["instructed"]
    class_names = tuple(str(arm) for arm in range(environment.n_arms))
    return Dataset._trusted(
        **arrays,
        valid=np.ones((n_sessions, n_trials), bool),
        subject=np.zeros(n_sessions, np.int32),
        kind="categorical",
        n_classes=environment.n_arms,
        input_names=previous_trial_names(class_names),
        target_names=("choice",),
        action_mask=None,
        columns=columns,
        subject_names=("0",),
        session_names=tuple(str(session + 1) for session in range(n_sessions)),
        class_names=class_names,
    )


def traced(player: Any) -> Any:
    """The agent or environment with its parameters as arrays, which compiled code takes as arguments.

    Sizes and flags stay what they are; a field that is declared `float` is a parameter even if it holds 1.
    """
    for field in dataclasses.fields(player):
        value = getattr(player, field.name)
        if field.type in (float, "float") and isinstance(value, int):
            player = eqx.tree_at(operator.attrgetter(field.name), player, float(value))
    return jax.tree.map(lambda x: np.asarray(x, np.float32) if eqx.is_inexact_array_like(x) else x, player)


@eqx.filter_jit
def _simulated(
    players: tuple[Agent, Environment], keys: UInt32[Array | np.ndarray, "purpose session 2"], n_trials: int
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Fields of the data set and its columns, (trial, session, ...).

    All chance is drawn before the scan, which keeps the scan short.
    """
    agent, environment = players
    sessions = jnp.arange(keys.shape[1])
    choice_keys, chance_keys, start_keys = jax.random.wrap_key_data(jnp.asarray(keys))
    uniform = jax.vmap(lambda k: uniforms(k, (n_trials,)), out_axes=1)(choice_keys)
    chance = jax.vmap(lambda k: environment.draw(k, n_trials), out_axes=1)(chance_keys)
    world = jax.vmap(environment.start)(sessions, start_keys)
    mind = jax.vmap(lambda _: agent.initial_state(environment.n_arms))(sessions)

    def trial(carry: PyTree, drawn: PyTree) -> tuple[PyTree, dict[str, Array]]:
        return jax.vmap(lambda one, chance: _trial(agent, environment, one, chance))(carry, drawn)

    _, columns = jax.lax.scan(trial, (mind, world), (uniform, chance))
    before = outcome_inputs(columns["choice"][:-1], columns["reward"][:-1], environment.n_arms)
    free = (columns["instructed"] == 0)[..., None]
    arrays = {
        "inputs": jnp.concatenate([jnp.zeros((1, *before.shape[1:])), before]),
        "targets": jnp.where(free, columns["choice"][..., None].astype(jnp.float32), 0.0),
        "mask": free,
    }
    return arrays, columns


def _trial(
    agent: Agent, environment: Environment, carry: PyTree, drawn: PyTree
) -> tuple[PyTree, dict[str, Array]]:
    mind, world = carry
    uniform, (instruct_chance, step_chance) = drawn
    logits = agent.logits(mind)
    check_logits(logits, agent, environment.n_arms)
    probabilities = jax.nn.softmax(logits)
    instruction = environment.instruct(world, instruct_chance)
    choice = jnp.where(instruction < 0, _sample(probabilities, uniform), instruction)
    reward, next_world = environment.step(world, choice, step_chance)
    check_reward(reward, environment)
    check_state(next_world, world, environment, "step", "reset")
    reward = jnp.asarray(reward, jnp.float32)
    learned = agent.update(mind, choice, reward)
    check_state(learned, mind, agent, "update", "initial_state")
    record = {
        "choice": choice,
        "reward": reward,
        "instructed": (instruction >= 0).astype(jnp.int32),
        **environment.describe(world),
        "p_choice": jnp.sum(jnp.where(jnp.arange(environment.n_arms) == choice, probabilities, 0.0)),
    }
    return (learned, next_world), record


def _sample(probabilities: Float[Array, " arm"], uniform: Float[Array, ""]) -> Int[Array, ""]:
    """The arm in whose share of [0, 1) the number falls."""
    choice, total = jnp.zeros((), jnp.int32), jnp.zeros(())
    for arm in range(probabilities.size - 1):
        total = total + probabilities[arm]
        choice = choice + (uniform >= total)
    return choice
