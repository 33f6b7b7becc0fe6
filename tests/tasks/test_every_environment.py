"""Properties that every environment must have, over one table of all of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.tasks.registry import ENVIRONMENTS

N_TRIALS = 40
ALL = {name: entry.make() for name, entry in ENVIRONMENTS.items()} | {
    "four arms": cl.DriftingBandit(n_arms=4, p_instructed=0.2),
    "baited": cl.BlockBandit(((0.4, 0.1), (0.1, 0.4)), baited=True),
    "baited, uncoupled": cl.UncoupledBandit(n_arms=3, baited=True),
    "payouts": cl.PayoutMatrix(np.random.default_rng(0).normal(size=(N_TRIALS, 2))),
    "chances": cl.PayoutMatrix(np.random.default_rng(1).random((N_TRIALS, 3)), probabilities=True),
}


@pytest.fixture(scope="module", params=ALL)
def case(request):
    environment = ALL[request.param]
    played = cl.simulate(cl.QLearning(), environment, n_sessions=30, n_trials=N_TRIALS, seed=4)
    return environment, played


def test_the_same_seed_gives_the_same_sessions_however_many_there_are(case):
    environment, played = case
    fewer = cl.simulate(cl.QLearning(), environment, n_sessions=3, n_trials=N_TRIALS, seed=4)
    for name, column in fewer.columns.items():
        np.testing.assert_array_equal(column, played.columns[name][:3], err_msg=name)
    other = cl.simulate(cl.QLearning(), environment, n_sessions=30, n_trials=N_TRIALS, seed=5)
    assert (other.columns["choice"] != played.columns["choice"]).any()


def test_rewards_are_what_its_columns_say(case):
    """Exactly, of payouts and of baits; on average, within 4 standard errors, of probabilities."""
    environment, played = case
    chosen, reward = played.choices, played.rewards

    def of_chosen(name):
        arms = np.stack([played.columns[f"{name}_{i + 1}"] for i in range(environment.n_arms)], axis=-1)
        return np.take_along_axis(arms, chosen[..., None], -1)[..., 0]

    if "payout_1" in played.columns:
        np.testing.assert_array_equal(reward, of_chosen("payout"))
    elif "bait_1" in played.columns:
        np.testing.assert_array_equal(reward, of_chosen("bait"))
    else:
        p = of_chosen("p_reward").astype(float)
        assert abs((reward - p).sum()) < 4 * np.sqrt((p * (1 - p)).sum())


def test_a_step_takes_a_key_as_well_as_the_numbers_drawn_for_the_session(case):
    environment, _ = case

    @jax.jit  # as simulate calls them: a key outside of compiled code would give NumPy numbers
    def first_step(key, chance):
        state = environment.start(jnp.zeros((), jnp.int32), key)
        return state, environment.step(state, jnp.zeros((), jnp.int32), chance)

    drawn = jax.jit(lambda key: environment.draw(key, N_TRIALS)[1])(jax.random.key(1))
    for chance in (jax.random.key(2), jax.tree.map(lambda leaf: leaf[0], drawn)):
        state, (reward, after) = first_step(jax.random.key(0), chance)
        assert np.shape(reward) == ()
        assert jax.tree.structure(after) == jax.tree.structure(state)
        for new, old in zip(jax.tree.leaves(after), jax.tree.leaves(state), strict=True):
            assert (new.shape, new.dtype) == (old.shape, old.dtype)


def test_an_evenly_guessing_agent_never_leaves_an_arm_out(case):
    environment, _ = case
    guessing = cl.Lapse(cl.QLearning(), 1.0)
    played = cl.simulate(guessing, environment, n_sessions=10, n_trials=N_TRIALS)
    np.testing.assert_allclose(played.columns["p_choice"], 1 / environment.n_arms, rtol=1e-5)
    assert set(np.unique(played.choices)) == set(range(environment.n_arms))
