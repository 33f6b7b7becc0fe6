"""Payout matrices, networks as agents, and agents led along records."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl


class TinyNetwork(eqx.Module):
    """A linear recurrent network with the protocol of the package's own."""

    into: jax.Array
    out: jax.Array
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)

    def initial_state(self, subject=None):
        return jnp.full(3, 0.1 if subject is None else float(subject))

    def step(self, state, inputs, *, subject=None, key=None, noise=1.0):
        assert key is None
        new = jnp.tanh(0.8 * state + self.into @ inputs)
        return new, self.out @ new, {}


def tiny(n_inputs=2, n_outputs=2, seed=0):
    rng = np.random.default_rng(seed)
    into, out = rng.normal(size=(3, n_inputs)), rng.normal(size=(n_outputs, 3))
    return TinyNetwork(jnp.asarray(into, jnp.float32), jnp.asarray(out, jnp.float32), n_inputs, n_outputs)


@pytest.mark.parametrize("n_arms", [2, 3])
def test_a_network_that_plays_sees_the_inputs_of_its_own_data(n_arms):
    network = tiny(2 if n_arms == 2 else n_arms + 1, n_arms)
    data = cl.simulate(cl.NetworkAgent(network), cl.DriftingBandit(n_arms=n_arms), n_sessions=3, n_trials=25)
    for s in range(3):
        state = network.initial_state()
        for t in range(25):
            state, logits, _ = network.step(state, jnp.asarray(data.inputs[s, t]))
            p = jax.nn.softmax(logits)[int(data.targets[s, t, 0])]
            assert float(p) == pytest.approx(float(data.columns["p_choice"][s, t]), rel=1e-4)


def test_a_disrnn_plays_as_it_predicts():
    model = cl.DisRNN(2, 2, 2, update_depth=1, choice_depth=1, key=jax.random.key(0))
    data = cl.simulate(cl.NetworkAgent(model), cl.DriftingBandit(), n_sessions=3, n_trials=40)
    outputs = cl.rollout(model, jnp.asarray(data.inputs)).outputs
    np.testing.assert_allclose(cl.agent_logits(cl.NetworkAgent(model), data), outputs, rtol=1e-4, atol=1e-5)


def test_the_subject_reaches_the_network():
    data = cl.simulate(cl.NetworkAgent(tiny(), subject=2), cl.DriftingBandit(), n_sessions=1, n_trials=5)
    other = cl.agent_logits(cl.NetworkAgent(tiny(), subject=0), data)
    assert not np.allclose(other[:, 0], cl.agent_logits(cl.NetworkAgent(tiny(), subject=2), data)[:, 0])


def test_a_network_of_other_sizes_is_refused():
    bandit = cl.DriftingBandit(n_arms=3)
    with pytest.raises(ValueError, match=r"the network has 2 inputs; a task with 3 arms gives 4"):
        cl.simulate(cl.NetworkAgent(tiny(2, 3)), bandit, n_sessions=1, n_trials=2)
    with pytest.raises(ValueError, match="the network has 2 outputs; the task has 3 arms"):
        cl.simulate(cl.NetworkAgent(tiny(4, 2)), bandit, n_sessions=1, n_trials=2)


def test_inputs_that_the_task_lacks_are_held():
    agent = cl.NetworkAgent(tiny(3), other_inputs=(0.0,))
    narrow = eqx.tree_at(lambda n: n.into, tiny(2), tiny(3).into[:, :2])
    narrow = eqx.tree_at(lambda n: n.out, narrow, tiny(3).out)
    data = cl.simulate(agent, cl.DriftingBandit(), n_sessions=2, n_trials=10)
    same = cl.simulate(cl.NetworkAgent(narrow), cl.DriftingBandit(), n_sessions=2, n_trials=10)
    np.testing.assert_allclose(data.columns["p_choice"], same.columns["p_choice"], rtol=1e-5)


def test_payouts_are_paid():
    payouts = np.random.default_rng(0).normal(size=(4, 12, 3))
    data = cl.simulate(cl.QLearning(), cl.PayoutMatrix(payouts), n_sessions=4, n_trials=12)
    paid = np.take_along_axis(payouts, data.columns["choice"][..., None], -1)[..., 0]
    np.testing.assert_allclose(data.columns["reward"], paid, rtol=1e-6)
    np.testing.assert_allclose(data.columns["payout_3"], payouts[..., 2], rtol=1e-6)
    assert "instructed" not in data.columns


def test_one_matrix_serves_every_session_and_instructions_are_followed():
    payouts = np.arange(20.0).reshape(10, 2)
    instructed = np.where(np.arange(10) % 3 == 0, 1.0, np.nan)
    data = cl.simulate(cl.QLearning(), cl.PayoutMatrix(payouts, instructed), n_sessions=6, n_trials=10)
    assert (data.columns["choice"][:, ::3] == 1).all()
    assert not data.mask[:, ::3].any()
    assert data.mask[:, 1::3].all()
    np.testing.assert_array_equal(data.columns["payout_1"], np.tile(payouts[:, 0], (6, 1)))
    by_session = np.full((6, 10), -1)
    by_session[4] = 0
    data = cl.simulate(cl.QLearning(), cl.PayoutMatrix(payouts, by_session), n_sessions=6, n_trials=10)
    np.testing.assert_array_equal(data.columns["instructed"], by_session == 0)


def test_payouts_as_probabilities():
    p = np.tile([0.2, 0.9], (50, 1))
    data = cl.simulate(cl.QLearning(), cl.PayoutMatrix(p, probabilities=True), n_sessions=100, n_trials=50)
    choice, reward = data.columns["choice"], data.columns["reward"]
    assert reward[choice == 0].mean() == pytest.approx(0.2, abs=0.03)
    assert reward[choice == 1].mean() == pytest.approx(0.9, abs=0.03)
    np.testing.assert_allclose(data.columns["p_reward_2"], 0.9, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((np.zeros(5),), r"payouts has shape \(5,\); expected \(trial, arm\)"),
        ((np.zeros((5, 1)),), "payouts has 1 arm; expected 2 or more"),
        ((np.full((5, 2), np.nan),), "10 payouts are NaN or infinite"),
        (
            (np.zeros((5, 2)), np.zeros(4)),
            r"instructed has shape \(4,\); expected .* 1 sessions and 5 trials",
        ),
        ((np.zeros((3, 5, 2)), np.zeros((2, 5))), r"instructed has shape \(2, 5\)"),
        ((np.zeros((5, 2)), np.full(5, 2)), "instructed holds 2; expected an arm 0 to 1, or -1 where free"),
    ],
)
def test_impossible_payouts_are_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        cl.PayoutMatrix(*arguments)


def test_payouts_that_are_no_probabilities_are_refused():
    with pytest.raises(ValueError, match="payouts are 0 to 2; expected probabilities, 0 to 1"):
        cl.PayoutMatrix(np.array([[0, 2.0]]), probabilities=True)


def test_other_sizes_than_the_matrix_are_refused():
    matrix = cl.PayoutMatrix(np.zeros((3, 5, 2)))
    with pytest.raises(ValueError, match="n_trials = 6; expected 5, the trials of the payouts"):
        cl.simulate(cl.QLearning(), matrix, n_sessions=3, n_trials=6)
    with pytest.raises(ValueError, match="n_sessions = 2; expected 3, the sessions of payouts"):
        cl.simulate(cl.QLearning(), matrix, n_sessions=2, n_trials=5)


@pytest.mark.parametrize("agent", [cl.QLearning(0.4, 2.5), cl.LeakyActorCritic()], ids=["q", "actor-critic"])
def test_an_agent_led_along_its_own_record_finds_its_probabilities(agent):
    data = cl.simulate(agent, cl.DriftingBandit(p_instructed=0.2), n_sessions=4, n_trials=30)
    logits = cl.agent_logits(agent, data)
    p = np.asarray(jax.nn.softmax(logits))
    chosen = np.take_along_axis(p, data.columns["choice"][..., None], -1)[..., 0]
    np.testing.assert_allclose(chosen, data.columns["p_choice"], rtol=1e-4)


def test_records_without_columns_are_read_from_targets_and_inputs():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=30)
    bare = cl.Dataset(data.inputs, data.targets, input_names=data.input_names)
    np.testing.assert_array_equal(
        cl.agent_logits(cl.QLearning(), bare), cl.agent_logits(cl.QLearning(), data)
    )
    with pytest.raises(
        ValueError, match=r'no column "reward" and no input "previous reward", only the inputs input 1'
    ):
        cl.agent_logits(cl.QLearning(), cl.Dataset(data.inputs, data.targets))


def test_missed_trials_and_padding_teach_nothing():
    choice, reward = np.array([[0, -1, 1, 1]]), np.array([[1.0, np.nan, 0.0, 1.0]])
    data = cl.Dataset(
        np.zeros((1, 4, 2)),
        np.where(choice < 0, np.nan, choice)[..., None],
        valid=[[1, 1, 1, 0]],
        columns={"choice": choice, "reward": reward},
    )
    logits = cl.agent_logits(cl.QLearning(0.5, 1.0), data)
    np.testing.assert_allclose(logits[0], [[0.5, 0.5], [0.75, 0.5], [0.75, 0.5], [0.75, 0.25]])
