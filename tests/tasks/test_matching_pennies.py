"""The computer opponent against the published algorithm, written out trial by trial."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import binomtest

import cogrnn_lab as cl
from cogrnn_lab.tasks.bandits.matching_pennies import _significant


class Stubborn(cl.Agent):
    """Chooses arm 1 with probability 0.8, whatever happens."""

    def initial_state(self, n_arms):
        return jnp.zeros(())

    def logits(self, state):
        return jnp.log(jnp.array([0.2, 0.8]))

    def update(self, state, choice, reward):
        return state


def p_computer(choices, rewards, algorithm):
    """Probability of arm 1 from the whole history, by the words of Barraclough et al. 2004."""
    estimates = []
    histories = [(choices, range(5))]
    if algorithm == 2:
        histories.append((2 * choices + rewards, range(1, 5)))
    for history, depths in histories:
        for n in depths:
            if len(choices) < n:
                continue
            now = history[len(history) - n :]
            after = [choices[t] for t in range(n, len(choices)) if np.array_equal(history[t - n : t], now)]
            if after and binomtest(int(sum(after)), len(after)).pvalue < 0.05:
                estimates.append(np.mean(after))
    if not estimates:
        return 0.5
    return 1 - estimates[int(np.argmax([abs(estimate - 0.5) for estimate in estimates]))]


@pytest.mark.parametrize("algorithm", [0, 1, 2])
def test_the_computer_plays_against_habits(algorithm):
    data = cl.simulate(
        cl.QLearning(0.5, 4.0), cl.MatchingPennies(algorithm), n_sessions=4, n_trials=120, seed=1
    )
    choice, reward = data.columns["choice"], data.columns["reward"].astype(int)
    for session in range(4):
        for trial in range(0, 120, 3):
            past = choice[session, :trial], reward[session, :trial]
            expected = p_computer(*past, algorithm) if algorithm else 0.5
            assert data.columns["p_reward_2"][session, trial] == pytest.approx(expected, abs=1e-5)
    np.testing.assert_allclose(data.columns["p_reward_1"], 1 - data.columns["p_reward_2"], atol=1e-6)
    if algorithm:
        assert (np.abs(data.columns["p_reward_2"] - 0.5) > 0.05).mean() > 0.3


def test_a_habit_is_exploited_and_chance_is_not():
    def reward_rate(agent, algorithm):
        data = cl.simulate(agent, cl.MatchingPennies(algorithm), n_sessions=100, n_trials=300, seed=2)
        return data.columns["reward"][:, 100:].mean()

    # 0.8 of choices are arm 1, so the computer plays arm 1 with about 0.2
    assert reward_rate(Stubborn(), 1) == pytest.approx(0.8 * 0.2 + 0.2 * 0.8, abs=0.03)
    assert reward_rate(Stubborn(), 0) == pytest.approx(0.5, abs=0.01)
    assert reward_rate(cl.QLearning(0.0, 0.0), 1) == pytest.approx(0.5, abs=0.01)


def test_what_is_significant_is_what_the_binomial_test_says():
    for n in (1, 5, 6, 9, 20, 61, 150, 1000, 9999):
        k = int(_significant()[n])
        if k <= n:
            assert binomtest(k, n).pvalue < 0.05
        if k > 1:
            assert binomtest(min(k - 1, n), n).pvalue >= 0.05


def test_impossible_games_are_refused():
    with pytest.raises(ValueError, match="algorithm = 3; expected 0, 1 or 2"):
        cl.MatchingPennies(3)
    with pytest.raises(ValueError, match="at most 10000"):
        cl.simulate(cl.QLearning(), cl.MatchingPennies(), n_sessions=1, n_trials=10_001)
    with pytest.raises(ValueError, match="n_arms = 3"):
        cl.MatchingPennies(1, n_arms=3)
