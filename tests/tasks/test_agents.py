"""Agents against the equations that define them, written out by hand."""

import doctest
import importlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl

CHOICES = [0, 1, 1, 0, 2, 2, 0]
REWARDS = [1.0, 0.0, 1.0, 0.5, 0.0, 1.0, 1.0]


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def led_along(agent, n_arms=3):
    state = agent.initial_state(n_arms)
    logits = [agent.logits(state)]
    for choice, reward in zip(CHOICES, REWARDS, strict=True):
        state = agent.update(state, jnp.asarray(choice), jnp.asarray(reward))
        logits.append(agent.logits(state))
    return np.stack(logits)


def test_q_learning_is_the_delta_rule():
    values = np.full(3, 0.5)
    expected = [2.0 * values]
    for choice, reward in zip(CHOICES, REWARDS, strict=True):
        values = values.copy()
        values[choice] = (1 - 0.4) * values[choice] + 0.4 * reward
        expected.append(2.0 * values)
    np.testing.assert_allclose(led_along(cl.QLearning(0.4, 2)), expected, rtol=1e-6)


def test_actor_critic_follows_the_gradient_and_forgets():
    theta, value = np.zeros(3), 0.3
    expected = [theta]
    for choice, reward in zip(CHOICES, REWARDS, strict=True):
        gradient = np.eye(3)[choice] - softmax(theta)
        theta = (1 - 0.1) * theta + 0.7 * (reward - value) * gradient
        value = (1 - 0.2) * value + 0.2 * reward
        expected.append(theta)
    np.testing.assert_allclose(
        led_along(cl.LeakyActorCritic(0.2, 0.7, 0.1, 0.3)), expected, rtol=1e-5, atol=1e-7
    )


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: cl.QLearning(1.2), "learning_rate = 1.2; expected 0 to 1. It is a fraction of the error"),
        (lambda: cl.QLearning(-0.1), "learning_rate = -0.1"),
        (lambda: cl.QLearning(0.1, float("nan")), "inverse_temperature = nan; expected a finite number"),
        (lambda: cl.QLearning(jnp.asarray(1.5)), "learning_rate = 1.5"),
        (lambda: cl.LeakyActorCritic(critic_rate=2), "critic_rate = 2"),
        (lambda: cl.LeakyActorCritic(forget_rate=-1), "forget_rate = -1"),
        (lambda: cl.LeakyActorCritic(actor_rate=-1), "actor_rate = -1.0; expected 0 or more"),
        (
            lambda: cl.DriftingBandit(drift=-0.1),
            "drift = -0.1; expected 0 or more. It is the standard deviation",
        ),
        (lambda: cl.DriftingBandit(p_instructed=1.1), "p_instructed = 1.1; expected 0 to 1"),
        (lambda: cl.DriftingBandit(n_arms=1), "n_arms = 1; expected 2 or more"),
    ],
)
def test_impossible_parameters_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_parameters_can_be_traced():
    def value_after_reward(rate):
        agent = cl.QLearning(rate, 1.0)
        return agent.update(agent.initial_state(2), jnp.asarray(0), jnp.asarray(1.0))[0]

    value, slope = jax.jit(jax.value_and_grad(value_after_reward))(0.3)
    assert value == pytest.approx(0.65)
    assert slope == pytest.approx(0.5)
    agents = jax.vmap(cl.QLearning)(jnp.linspace(0.0, 1.0, 5), jnp.ones(5))
    assert np.shape(agents.learning_rate) == (5,)


def test_a_class_without_its_functions_says_which():
    with pytest.raises(NotImplementedError, match=r"Agent needs initial_state\(n_arms\)"):
        cl.Agent().initial_state(2)


@pytest.mark.parametrize("name", ["agents.agent", "bandits.environment"])
def test_examples_in_the_docstrings_run(name):
    module = importlib.import_module(f"cogrnn_lab.tasks.{name}")
    result = doctest.testmod(module)
    assert result.attempted >= 4
    assert result.failed == 0
