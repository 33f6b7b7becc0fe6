"""Bandits with blocks: lengths, baits and probabilities, trial by trial against the rules of the tasks."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.tasks.bandits.block_length import lengths_of_blocks

ROWS = ((0.4, 0.1), (0.1, 0.4), (0.25, 0.3))
RANDOM = cl.QLearning(0.0, 0.0)  # chooses at random


def runs(values):
    """Lengths of the runs of equal values that have a start and an end within their session."""
    lengths = []
    for row in values:
        changes = np.flatnonzero(np.diff(row)) + 1
        lengths += np.diff(changes).tolist()
    return np.array(lengths)


def play(environment, agent=RANDOM, n_sessions=300, n_trials=200, seed=0):
    return cl.simulate(agent, environment, n_sessions=n_sessions, n_trials=n_trials, seed=seed)


def columns(data, name):
    names = sorted(key for key in data.columns if key.startswith(name))
    return np.stack([data.columns[key] for key in names], -1)


@pytest.fixture(scope="module")
def baited():
    return play(cl.BlockBandit(ROWS, block_length=(10, 19), baited=True))


def test_blocks_have_lengths_from_their_range(baited):
    lengths = runs(baited.columns["p_reward_1"])
    assert (lengths.min(), lengths.max()) == (10, 19)
    # in a session of 200 trials blocks that end are a little shorter than all that begin
    shares = np.bincount(lengths, minlength=20)[10:] / len(lengths)
    np.testing.assert_allclose(shares, 0.1, atol=0.012)
    first = (baited.columns["p_reward_1"] != baited.columns["p_reward_1"][:, :1]).argmax(1)
    assert (first.min(), first.max()) == (10, 19)


def test_rows_of_probabilities_follow_each_other(baited):
    p = columns(baited, "p_reward")
    row = np.argmax((p[:, :, None] == np.float32(ROWS)).all(-1), axis=-1)
    assert (p == np.float32(ROWS)[row]).all()
    np.testing.assert_allclose(np.bincount(row[:, 0]) / 300, 1 / 3, atol=0.08)
    before, after = row[:, :-1], row[:, 1:]
    steps = (after - before)[after != before] % 3
    assert np.mean(steps == 1) == pytest.approx(0.5, abs=0.03)
    cyclic = play(cl.BlockBandit(ROWS, block_length=10, order="cyclic"), n_sessions=20, n_trials=100)
    p = columns(cyclic, "p_reward")
    row = np.argmax((p[:, :, None] == np.float32(ROWS)).all(-1), axis=-1)
    np.testing.assert_array_equal(row, (row[:, :1] + np.arange(100) // 10) % 3)


def test_baits_wait_until_they_are_taken(baited):
    """Every trial of every session against the rules; what is drawn has its probability."""
    bait, p = columns(baited, "bait").astype(bool), columns(baited, "p_reward")
    chosen = baited.columns["choice"][..., None] == np.arange(2)
    np.testing.assert_array_equal(baited.columns["reward"], (bait & chosen).any(-1))
    kept = bait[:, :-1] & ~chosen[:, :-1]
    assert bait[:, 1:][kept].all()
    fresh = ~kept
    for probability in np.unique(p):
        at = fresh & (p[:, 1:] == probability)
        assert bait[:, 1:][at].mean() == pytest.approx(probability, abs=0.012)
    first = bait[:, 0].mean() - p[:, 0].mean()
    assert first == pytest.approx(0, abs=0.05)


def test_an_arm_left_alone_pays_more_and_more(baited):
    """1 - (1 - p)^(n + 1) after n trials on the other arm within a block (Bari et al. 2019)."""
    choice, reward, p = (baited.columns[name] for name in ("choice", "reward", "p_reward_1"))
    away = np.zeros_like(choice)
    same = np.ones(choice.shape, bool)
    for trial in range(1, choice.shape[1]):
        away[:, trial] = np.where(choice[:, trial - 1] == 0, 0, away[:, trial - 1] + 1)
        unchanged = p[:, trial] == p[:, trial - 1]
        same[:, trial] = np.where(choice[:, trial - 1] == 0, unchanged, same[:, trial - 1] & unchanged)
    for n in range(4):
        for probability in (0.4, 0.1):
            at = (away == n) & (choice == 0) & same & np.isclose(p, probability)
            expected = 1 - (1 - probability) ** (n + 1)
            assert reward[at].mean() == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(at.sum()))


def test_without_baits_rewards_have_the_probability_of_the_arm():
    data = play(cl.BlockBandit(ROWS, block_length=(5, 9)))
    assert not [name for name in data.columns if name.startswith("bait")]
    p = np.take_along_axis(columns(data, "p_reward"), data.columns["choice"][..., None], -1)[..., 0]
    for probability in np.unique(p):
        at = p == probability
        assert data.columns["reward"][at].mean() == pytest.approx(probability, abs=0.015)
    reward = data.columns["reward"] - p
    assert np.mean(reward[:, 1:] * reward[:, :-1]) == pytest.approx(0, abs=0.005)


def test_a_hazard_makes_geometric_blocks():
    u = (np.arange(100_000) + 0.5) / 100_000
    lengths = np.asarray(lengths_of_blocks(None, 0.1).drawn(jnp.asarray(u, jnp.float32)))
    expected = 0.1 * 0.9 ** np.arange(10)
    np.testing.assert_allclose(np.bincount(lengths)[1:11] / len(u), expected, atol=2e-4)
    assert lengths.mean() == pytest.approx(10, rel=0.01)
    bounded = np.asarray(lengths_of_blocks((8, 12), 0.2).drawn(jnp.asarray(u, jnp.float32)))
    np.testing.assert_allclose(
        np.bincount(bounded)[8:13] / len(u), [*(0.2 * 0.8 ** np.arange(4)), 0.8**4], atol=2e-4
    )
    np.testing.assert_array_equal(lengths_of_blocks(None, 1.0).drawn(jnp.asarray([0.0, 0.999])), 1)
    np.testing.assert_array_equal(lengths_of_blocks(7, None).drawn(jnp.asarray([0.0, 0.999])), 7)


def test_any_number_of_arms_and_seeds():
    rows = np.eye(4) * 0.7 + 0.1
    environment = cl.BlockBandit(rows, hazard=0.05, baited=True)
    few, many = (play(environment, n_sessions=n, n_trials=60, seed=4) for n in (3, 6))
    assert few.n_classes == 4
    assert "bait_4" in few.columns
    for name in few.columns:
        np.testing.assert_array_equal(few.columns[name], many.columns[name][:3])
    other = play(environment, n_sessions=3, n_trials=60, seed=5)
    assert (other.columns["p_reward_1"] != few.columns["p_reward_1"]).any()


def test_arms_of_an_uncoupled_bandit_change_at_their_own_times():
    levels = np.float32([0.1, 0.5, 0.9])
    data = play(cl.UncoupledBandit(levels, block_length=(20, 35), baited=True), n_trials=300)
    p = columns(data, "p_reward")
    assert set(np.unique(p)) == set(levels)
    assert not (p == levels[0]).all(-1).any()
    for arm in range(2):
        # a block may follow one of its own level where no other is allowed: never with three levels
        lengths = runs(p[..., arm])
        assert (lengths.min(), lengths.max()) == (20, 35)
        assert lengths.mean() == pytest.approx(27.5, abs=0.5)
    changes = np.diff(p, axis=1) != 0
    together = changes.all(-1).mean() / changes.any(-1).mean()
    assert together < 0.05
    first = [(p[..., arm] != p[:, :1, arm]).argmax(1) for arm in range(2)]
    assert first[0].min() >= 20
    assert (first[1] < 20).mean() == pytest.approx(0.7, abs=0.1)
    bait = columns(data, "bait").astype(bool)
    chosen = data.columns["choice"][..., None] == np.arange(2)
    np.testing.assert_array_equal(data.columns["reward"], (bait & chosen).any(-1))
    assert bait[:, 1:][bait[:, :-1] & ~chosen[:, :-1]].all()


def test_levels_are_free_where_all_may_be_lowest():
    free = play(cl.UncoupledBandit((0.2, 0.6), never_all_lowest=False, block_length=(5, 8), n_arms=3))
    p = columns(free, "p_reward")
    assert (p == np.float32(0.2)).all(-1).mean() == pytest.approx(1 / 8, abs=0.02)
    tied = play(cl.UncoupledBandit((0.2, 0.6), block_length=(5, 8)), n_sessions=50)
    p = columns(tied, "p_reward")
    assert not (p == np.float32(0.2)).all(-1).any()


@eqx.filter_jit
def started_and_stepped(environment, keys):
    state = environment.reset(keys[0])
    return state, jax.vmap(lambda key: environment.step(state, jnp.asarray(0), key)[1])(keys)


def test_environments_take_a_key_as_well():
    keys = jax.random.split(jax.random.key(0), 500)
    for environment in (cl.BlockBandit(((0.9, 0.2), (0.2, 0.9))), cl.UncoupledBandit()):
        state, after = started_and_stepped(environment, keys)
        p = float(environment.describe(state)["p_reward_1"])
        assert after.offered[:, 0].mean() == pytest.approx(p, abs=0.07)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: cl.BlockBandit((0.8, 0.2)), r"p_reward has shape \(2,\); expected \(block, arm\)"),
        (
            lambda: cl.BlockBandit(((0.8, 0.2), (0.2, 1.8))),
            "p_reward holds 0.2 to 1.8; expected probabilities",
        ),
        (
            lambda: cl.BlockBandit(block_length=(30, 20)),
            r"block_length = \(30, 20\); expected .* shorter first",
        ),
        (lambda: cl.BlockBandit(block_length=2.5), "block_length = 2.5; expected a whole number"),
        (lambda: cl.BlockBandit(block_length=(5, np.inf)), "no longest block; give one, or a hazard"),
        (lambda: cl.BlockBandit(hazard=1.2), "hazard = 1.2; expected 1e-06 to 1. It is the probability"),
        (lambda: cl.BlockBandit(order="next"), 'order = "next"; expected one of random, cyclic'),
        (lambda: cl.UncoupledBandit((0.5, 0.5)), "levels = .*; expected two or more different"),
        (lambda: cl.UncoupledBandit((0.5, 1.5)), "levels holds 0.5 to 1.5; expected probabilities"),
        (lambda: cl.UncoupledBandit(n_arms=1), "n_arms = 1; expected 2 or more"),
    ],
)
def test_impossible_tasks_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def share_rewarded_after_absence(choice, reward, p, begins):
    """By (probability, trials on the other arm): rewards and returns to an arm within one block."""
    away, since = np.zeros(2, int), np.full(2, -1)
    counts = {}
    for t in range(len(choice)):
        if begins[t]:
            away[:], since[:] = 0, -1
        arm = choice[t]
        if since[arm] >= 0 and (p[since[arm] : t + 1, arm] == p[t, arm]).all():
            rewarded, n = counts.get((p[t, arm], away[arm]), (0, 0))
            counts[p[t, arm], away[arm]] = rewarded + reward[t], n + 1
        away += 1
        away[arm], since[arm] = 0, t
    return counts


def test_baits_are_those_of_the_task_of_real_mice(real_data):
    """Mice in a baited task find as many rewards after n trials elsewhere as agents in this one."""
    path = real_data / "mouse_dynamic_foraging_bari2019.csv.gz"
    if not path.is_file():
        pytest.skip(f"{path.name} is not in {real_data}")
    mice = pd.read_csv(path)
    counts = share_rewarded_after_absence(
        mice.choice.to_numpy(),
        mice.reward.to_numpy(),
        mice[["p_reward_left", "p_reward_right"]].to_numpy(),
        mice.trial.to_numpy() == 1,
    )
    task = cl.BlockBandit(((0.4, 0.1), (0.1, 0.4)), block_length=(40, 100), baited=True)
    agents = play(task, cl.QLearning(0.4, 2.0))
    p = columns(agents, "p_reward").astype(float).round(2).reshape(-1, 2)
    own = share_rewarded_after_absence(
        agents.columns["choice"].ravel(),
        agents.columns["reward"].ravel(),
        p,
        np.tile(np.arange(200) == 0, 300),
    )
    for probability in (0.1, 0.4):
        for n in range(4):
            shares = [
                rewarded / returns for rewarded, returns in (counts[probability, n], own[probability, n])
            ]
            fewest = min(counts[probability, n][1], own[probability, n][1])
            assert fewest > 200
            assert shares[0] == pytest.approx(shares[1], abs=4 * 0.5 / np.sqrt(fewest))
