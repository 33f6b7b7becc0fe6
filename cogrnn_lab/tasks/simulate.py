"""Agents at work: whole data sets of simulated behavior in one compiled call."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, PyTree

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.previous_trial import previous_trial_inputs, previous_trial_names
from cogrnn_lab.tasks.agent import Agent
from cogrnn_lab.tasks.environment import Environment


def simulate(
    agent: Agent, environment: Environment, *, n_sessions: int, n_trials: int, seed: int = 0
) -> Dataset:
    """Lets an agent play an environment.

    **Arguments:**

    - `agent`, `environment`: what plays and what is played. Changing their parameters compiles nothing again.
    - `n_sessions`, `n_trials`: sizes; every session has all trials.
    - `seed`: the same seed gives the same data. Session s is the same whatever the number of sessions.

    **Returns:** a categorical `Dataset` `(session, trial)`. Inputs are the previous choice and the previous reward
    (zeros on the first trial; one-hot choices for more than two arms). `columns` hold "choice", "reward",
    "p_choice" (probability that the agent gave to that choice), "instructed" where the environment prescribes
    choices (these are no targets), and what the environment describes, such as "p_reward_1".
    """
    for size, name in ((n_sessions, "n_sessions"), (n_trials, "n_trials")):
        if size < 1:
            raise ValueError(f"{name} = {size}; expected 1 or more.")
    players = jax.tree.map(_traced, (agent, environment))
    records = jax.device_get(_simulated(players, jax.random.key(seed), n_sessions, n_trials))
    choice, reward = records["choice"], records["reward"]
    class_names = tuple(str(i) for i in range(environment.n_arms))
    instructs = type(environment).instruct is not Environment.instruct
    mask = records["instructed"] == 0
    if not instructs:
        del records["instructed"]
    return Dataset(
        previous_trial_inputs(choice, reward, environment.n_arms),
        choice[..., None],
        mask=mask,
        n_classes=environment.n_arms,
        input_names=previous_trial_names(class_names),
        columns=records,
    )


def _traced(leaf: Any) -> Any:
    """Numbers become arrays, which compiled code takes as arguments; sizes and flags stay what they are."""
    return jnp.asarray(leaf, jnp.float32) if eqx.is_inexact_array_like(leaf) else leaf


@eqx.filter_jit
def _simulated(
    players: tuple[Agent, Environment], key: Key[Array, ""], n_sessions: int, n_trials: int
) -> dict[str, Array]:
    agent, environment = players
    keys = jax.vmap(lambda s: jax.random.fold_in(key, s))(jnp.arange(n_sessions))
    start_keys, choice_keys, chance_keys = jnp.moveaxis(
        jax.vmap(lambda k: jax.random.split(k, 3))(keys), 1, 0
    )
    chance = jax.vmap(lambda k: environment.draw(k, n_trials), out_axes=1)(chance_keys)
    uniform = jax.vmap(lambda k: jax.random.uniform(k, (n_trials,)), out_axes=1)(choice_keys)
    state = jax.vmap(environment.reset)(start_keys)
    mind = jax.tree.map(
        lambda leaf: jnp.broadcast_to(leaf, (n_sessions, *jnp.shape(leaf))),
        agent.initial_state(environment.n_arms),
    )

    def trial(carry, drawn):
        return jax.vmap(lambda c, d: _trial(agent, environment, c, d))(carry, drawn)

    _, records = jax.lax.scan(trial, (mind, state), (uniform, chance))
    return jax.tree.map(lambda leaf: jnp.swapaxes(leaf, 0, 1), records)


def _trial(
    agent: Agent, environment: Environment, carry: PyTree, drawn: PyTree
) -> tuple[PyTree, dict[str, Array]]:
    mind, state = carry
    uniform, (instruct_chance, step_chance) = drawn
    probabilities = jax.nn.softmax(agent.logits(mind))
    instruction = environment.instruct(state, instruct_chance)
    choice = jnp.where(instruction < 0, _sample(probabilities, uniform), instruction)
    reward, next_state = environment.step(state, choice, step_chance)
    reward = jnp.asarray(reward, jnp.float32)
    record = {
        "choice": choice,
        "reward": reward,
        "instructed": (instruction >= 0).astype(jnp.int32),
        **environment.describe(state),
        "p_choice": jnp.sum(jnp.where(jnp.arange(environment.n_arms) == choice, probabilities, 0.0)),
    }
    return (agent.update(mind, choice, reward), next_state), record


def _sample(probabilities: Float[Array, " arm"], uniform: Float[Array, ""]) -> Int[Array, ""]:
    """The arm in whose share of [0, 1) the number falls."""
    choice, total = jnp.zeros((), jnp.int32), jnp.zeros(())
    for arm in range(probabilities.size - 1):
        total = total + probabilities[arm]
        choice = choice + (uniform >= total)
    return choice
