"""Simulated behavior: what is recorded, its statistics, reproducibility, and what is compiled when."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.data.previous_trial import previous_trial_inputs
from cogrnn_lab.random_numbers import normals_of, threefry, uniforms


class Impartial(cl.Agent):
    """Chooses by a fixed preference and counts how often it was traced."""

    preference: float = 0.0

    def initial_state(self, n_arms):
        return jnp.zeros(n_arms)

    def logits(self, state):
        TRACES.append(type(self).__name__)
        return state.at[1].add(self.preference)

    def update(self, state, choice, reward):
        return state


class Coins(cl.Environment):
    """Arm 1 pays with a given probability, arm 0 never; written as a user would, with a key per trial."""

    p: float = 0.7
    n_arms: int = 2

    def reset(self, key):
        return jnp.zeros(())

    def step(self, state, choice, key):
        return (choice == 1) & jax.random.bernoulli(key, self.p), state


TRACES = []


def test_what_is_recorded():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=5, n_trials=20)
    assert set(data.columns) == {"choice", "reward", "p_reward_1", "p_reward_2", "p_choice"}
    assert data.inputs.shape == (5, 20, 2)
    assert data.mask.all()
    assert data.valid.all()
    np.testing.assert_array_equal(data.targets[..., 0], data.columns["choice"])
    assert (data.inputs[:, 0] == 0).all()


@pytest.mark.parametrize("n_arms", [2, 3, 5])
def test_inputs_are_those_of_a_table(n_arms):
    data = cl.simulate(
        cl.QLearning(), cl.DriftingBandit(n_arms=n_arms, p_instructed=0.3), n_sessions=4, n_trials=30
    )
    expected = previous_trial_inputs(data.columns["choice"], data.columns["reward"], n_arms)
    np.testing.assert_array_equal(data.inputs, expected)
    table = cl.read_table(data.to_dataframe(), instructed="instructed")
    assert table.input_names == data.input_names


def test_simulated_data_pass_every_check_of_a_data_set():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(p_instructed=0.1), n_sessions=4, n_trials=30)
    again = cl.Dataset(
        data.inputs,
        data.targets,
        mask=data.mask,
        valid=data.valid,
        subject=data.subject,
        n_classes=data.n_classes,
        input_names=data.input_names,
        columns=data.columns,
    )
    for name in ("inputs", "targets", "mask", "valid", "subject"):
        assert getattr(again, name).dtype == getattr(data, name).dtype
        np.testing.assert_array_equal(getattr(again, name), getattr(data, name))
    assert again.class_names == data.class_names
    assert again.session_names == data.session_names
    assert again.subject_names == data.subject_names
    with pytest.raises(ValueError, match="read-only"):
        data.inputs[0, 0, 0] = 1


def test_the_same_seed_gives_the_same_data_and_more_sessions_keep_the_first():
    def play(n_sessions, seed):
        return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=n_sessions, n_trials=50, seed=seed)

    few, many, other = play(3, 5), play(7, 5), play(3, 6)
    np.testing.assert_array_equal(few.targets, play(3, 5).targets)
    np.testing.assert_array_equal(few.targets, many.targets[:3])
    np.testing.assert_array_equal(few.columns["p_reward_1"], many.columns["p_reward_1"][:3])
    assert (few.targets != other.targets).mean() > 0.2
    assert (few.targets[0] != few.targets[1]).mean() > 0.2


def test_other_parameters_and_seeds_compile_nothing_again():
    TRACES.clear()
    for preference, p, seed in [(0.0, 0.7, 0), (1, 0, 1), (0.5, 0.25, 2), (jnp.asarray(2.0), 1, 3)]:
        cl.simulate(Impartial(preference), Coins(p), n_sessions=3, n_trials=10, seed=seed)
    first = len(TRACES)
    assert first > 0
    TRACES.clear()
    for preference, p, seed in [(0.1, 0.2, 4), (0.3, 0.4, 5)]:
        cl.simulate(Impartial(preference), Coins(p), n_sessions=3, n_trials=10, seed=seed)
    assert not TRACES


def test_an_environment_with_a_key_for_each_trial():
    data = cl.simulate(Impartial(1.0), Coins(0.7), n_sessions=60, n_trials=100)
    choice, reward = data.columns["choice"], data.columns["reward"]
    assert choice.mean() == pytest.approx(1 / (1 + np.exp(-1)), abs=0.02)
    assert reward[choice == 1].mean() == pytest.approx(0.7, abs=0.03)
    assert (reward[choice == 0] == 0).all()


def test_choices_follow_the_probabilities_of_the_agent():
    data = cl.simulate(
        cl.QLearning(0.3, 3.0), cl.DriftingBandit(n_arms=3), n_sessions=200, n_trials=100, seed=3
    )
    logits = cl.agent_logits(cl.QLearning(0.3, 3.0), data)
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    for arm in range(3):
        for low in (0.1, 0.3, 0.5):
            at = (p[..., arm] > low) & (p[..., arm] < low + 0.1)
            assert (data.columns["choice"][at] == arm).mean() == pytest.approx(p[at][:, arm].mean(), abs=0.03)


def test_statistics_of_q_learning_on_the_drifting_bandit():
    """Reference values: 1,500 sessions by the disentangled_rnns package, its standard errors about 0.001."""
    data = cl.simulate(cl.QLearning(0.3, 3.0), cl.DriftingBandit(0.1), n_sessions=4000, n_trials=200, seed=1)
    assert data.generating_likelihood == pytest.approx(0.5915, abs=0.003)
    choice, reward = data.columns["choice"], data.columns["reward"]
    assert reward.mean() == pytest.approx(0.590, abs=0.006)
    stay = choice[:, 1:] == choice[:, :-1]
    assert stay[reward[:, :-1] == 1].mean() == pytest.approx(0.761, abs=0.006)
    assert stay[reward[:, :-1] == 0].mean() == pytest.approx(0.489, abs=0.006)


def test_statistics_of_the_bandit():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(0.1), n_sessions=1000, n_trials=200, seed=2)
    p = np.stack([data.columns["p_reward_1"], data.columns["p_reward_2"]], -1)
    assert ((p >= 0) & (p <= 1)).all()
    assert p[:, 0].mean() == pytest.approx(0.5, abs=0.03)
    assert p[:, 0].std() == pytest.approx(12**-0.5, abs=0.02)
    far_from_bounds = np.all(np.abs(p[:, :-1] - 0.5) < 0.1, axis=-1)
    steps = np.diff(p, axis=1)[far_from_bounds]
    assert steps.mean() == pytest.approx(0, abs=0.003)
    assert steps.std() == pytest.approx(0.1, abs=0.003)
    assert np.corrcoef(steps.T)[0, 1] == pytest.approx(0, abs=0.03)
    assert np.diff(p, axis=1).std() == pytest.approx(0.0923, abs=0.001)
    chosen = np.take_along_axis(p, data.columns["choice"][..., None], -1)[..., 0]
    assert np.mean(data.columns["reward"] - chosen) == pytest.approx(0, abs=0.004)


def test_still_probabilities_stay():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(drift=0), n_sessions=2, n_trials=20)
    assert (data.columns["p_reward_1"] == data.columns["p_reward_1"][:, :1]).all()


def test_instructed_trials_are_drawn_at_random_and_no_targets():
    data = cl.simulate(
        cl.QLearning(), cl.DriftingBandit(n_arms=3, p_instructed=0.25), n_sessions=200, n_trials=100
    )
    instructed = data.columns["instructed"] == 1
    assert instructed.mean() == pytest.approx(0.25, abs=0.01)
    np.testing.assert_array_equal(data.mask[..., 0], ~instructed)
    shares = np.bincount(data.columns["choice"][instructed], minlength=3) / instructed.sum()
    np.testing.assert_allclose(shares, 1 / 3, atol=0.02)
    before = instructed[:, :-1]
    assert (data.inputs[:, 1:, :3].sum(-1)[before] == 1).all()


class TooManyLogits(Impartial):
    def logits(self, state):
        return jnp.zeros(3)


class GrowingState(Impartial):
    def update(self, state, choice, reward):
        return jnp.append(state, reward)


class WholeNumbers(Impartial):
    def initial_state(self, n_arms):
        return jnp.zeros(n_arms, int)

    def logits(self, state):
        return state * 1.0

    def update(self, state, choice, reward):
        return state.at[choice].add(1) * 0.9


class RewardsOfAllArms(Coins):
    def step(self, state, choice, key):
        return jnp.ones(2), state


class TwoStates(Coins):
    def step(self, state, choice, key):
        return 1.0, (state, state)


@pytest.mark.parametrize(
    ("agent", "environment", "sentence"),
    [
        (TooManyLogits(), Coins(), r"TooManyLogits.logits returns shape \(3,\); expected \(2,\)"),
        (
            GrowingState(),
            Coins(),
            r"GrowingState.update returns a state of float32\[3\]; expected float32\[2\]",
        ),
        (WholeNumbers(), Coins(), r"WholeNumbers.update .*; expected int32\[2\].*start with floats"),
        (Impartial(), RewardsOfAllArms(), r"RewardsOfAllArms.step returns a reward of shape \(2,\)"),
        (
            Impartial(),
            TwoStates(),
            "TwoStates.step returns a state of .*; expected .* as TwoStates.reset returns",
        ),
    ],
)
def test_slips_in_user_classes_are_said_in_words(agent, environment, sentence):
    with pytest.raises(ValueError, match=sentence):
        cl.simulate(agent, environment, n_sessions=2, n_trials=3)


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match="n_trials = 0; expected 1 or more"):
        cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=1, n_trials=0)
    with pytest.raises(ValueError, match="every trial is instructed"):
        cl.simulate(cl.QLearning(), cl.DriftingBandit(p_instructed=1), n_sessions=2, n_trials=5)


def test_one_trial_is_a_session():
    assert cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=1, n_trials=1).inputs.shape == (
        1,
        1,
        2,
    )


def test_step_and_instruct_take_a_key_as_well():
    bandit = cl.DriftingBandit(p_instructed=0.5)
    keys = jax.random.split(jax.random.key(0), 2000)
    reward, state = jax.vmap(lambda key: bandit.step(jnp.array([0.2, 0.8]), jnp.asarray(1), key))(keys)
    assert reward.mean() == pytest.approx(0.8, abs=0.03)
    assert state.shape == (2000, 2)
    arm = jax.vmap(lambda key: bandit.instruct(jnp.zeros(2), key))(keys)
    np.testing.assert_allclose([(arm == k).mean() for k in (-1, 0, 1)], [0.5, 0.25, 0.25], atol=0.04)


def test_random_words_are_those_of_the_published_generator():
    """Known answers of Threefry-2x32 with 20 rounds, from Random123 (Salmon et al. 2011)."""
    ones, pi = 0xFFFFFFFF, (0x13198A2E, 0x03707344, 0x243F6A88, 0x85A308D3)
    for key, counter, answer in [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((ones, ones), (ones, ones), (0x1CB996FC, 0xBB002BE7)),
        (pi[:2], pi[2:], (0xC4923A9C, 0x483DF7A0)),
    ]:
        words = threefry(
            tuple(jnp.array([word], jnp.uint32) for word in key),
            jnp.array(counter[:1], jnp.uint32),
            jnp.array(counter[1:], jnp.uint32),
        )
        assert tuple(int(word[0]) for word in words) == answer


def test_random_numbers_have_their_distributions():
    u = jnp.asarray(uniforms(jax.random.key(1), (400, 5000)))
    z = normals_of(u)
    assert float(u.min()) >= 0
    assert float(u.max()) < 1
    np.testing.assert_allclose(np.histogram(u, 20, (0, 1))[0], 100_000, rtol=0.02)
    assert np.isfinite(z).all()
    np.testing.assert_allclose([z.mean(), z.std(), (z**3).mean(), (z**4).mean()], [0, 1, 0, 3], atol=0.03)
    assert abs(np.corrcoef(z[:, 0], z[:, 1])[0, 1]) < 0.2
