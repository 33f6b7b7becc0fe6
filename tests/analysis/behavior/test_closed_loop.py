"""What models play in place of the animals, and how far their behavior is apart."""

import jax
import numpy as np
import pytest
from made_discovery import made_equations

import cogrnn_lab as cl

BAITED = cl.BlockBandit(((0.4, 0.1), (0.1, 0.4)), block_length=(30, 40), baited=True)


@pytest.fixture(scope="module")
def learner() -> cl.Dataset:
    return cl.simulate(cl.QLearning(0.4, 4.0), BAITED, n_sessions=16, n_trials=150, seed=2)


def without(dataset: cl.Dataset, *prefixes: str) -> cl.Dataset:
    """The data set without columns whose names begin so."""
    kept = {name: v for name, v in dataset.columns.items() if not name.startswith(prefixes)}
    return dataset._replace(columns=kept)


def test_an_agent_cannot_be_told_from_itself_and_another_can(learner):
    models = {"itself": cl.QLearning(0.4, 4.0), "win-stay": cl.WinStayLoseShift(0.1)}
    compared = cl.compare_behavior(learner, models, BAITED, seed=7)
    rows = compared.distances.set_index("model")
    assert rows.loc["itself", "within"]
    assert not rows.loc["win-stay", "within"]
    assert rows.loc["itself", "distance"] < 2 * rows.loc["itself", "expected"]
    assert rows.loc["win-stay", "distance"] > 5 * rows.loc["itself", "distance"]
    assert "itself: " in compared.text
    assert "cannot be told" in compared.text
    assert "otherwise" in compared.text
    assert set(compared.table["model"]) == {"data", "itself", "win-stay"}


def test_the_expected_distance_is_that_of_simulations_of_the_same_agent(learner):
    models = {
        str(seed): cl.behavior(learner, cl.QLearning(0.4, 4.0), environment=BAITED, seed=seed)
        for seed in range(10, 18)
    }
    rows = cl.compare_behavior(learner, models).distances
    seen = np.sqrt((rows["distance"] ** 2).mean())
    assert seen == pytest.approx(rows["expected"][0], rel=0.35)


def test_rewards_that_wait_are_seen_in_the_data(learner):
    unbaited = without(learner, "bait_")
    found = cl.behavior(unbaited, cl.QLearning(0.4, 4.0))
    assert "wait until they are taken, as the animal's were paid oftener" in found.notes[0]
    rate = np.mean(found.dataset.rewards)
    assert rate == pytest.approx(np.mean(learner.rewards), abs=0.03)
    plain = cl.simulate(cl.QLearning(0.4, 4.0), cl.BlockBandit(), n_sessions=10, n_trials=150, seed=2)
    assert "wait" not in cl.behavior(plain, cl.QLearning()).notes[0]


def test_an_unknown_environment_is_made_of_the_outcomes_and_said(learner):
    found = cl.behavior(without(learner, "bait_", "p_reward"), cl.QLearning(0.4, 4.0))
    assert "is not known" in found.notes[0]
    assert "recorded around that trial" in found.notes[0]
    assert np.mean(found.dataset.rewards) == pytest.approx(np.mean(learner.rewards), abs=0.05)


def test_what_is_held_out_does_not_count_when_it_is_played(learner):
    train, _ = learner.split(0.5, hold_out="blocks")
    found = cl.behavior(train, cl.QLearning(), environment=BAITED)
    np.testing.assert_array_equal(found.dataset.mask, train.mask)
    assert found.n_choices == train.mask.sum()


def test_models_that_are_compared_play(learner):
    with pytest.raises(ValueError, match="play by themselves"):
        cl.compare_behavior(learner, {"Q": cl.QLearning()}, BAITED, open_loop=True)


def test_an_opponent_that_follows_choices_is_not_replayed():
    data = cl.simulate(cl.QLearning(), cl.MatchingPennies(), n_sessions=4, n_trials=100)
    with pytest.raises(ValueError, match="matching pennies"):
        cl.behavior(data, cl.QLearning())
    assert "given" in cl.behavior(data, cl.QLearning(), environment=cl.MatchingPennies()).notes[0]
    assert "record" in cl.behavior(data, cl.QLearning(), environment="recorded").notes[0]


def test_a_network_plays_as_the_agent_that_it_is(learner):
    network = cl.GRU(2, 2, 4, key=jax.random.key(1))
    mine = cl.behavior(learner, network, environment=BAITED, seed=4)
    theirs = cl.simulate(cl.NetworkAgent(network), BAITED, n_sessions=16, n_trials=150, seed=4)
    np.testing.assert_array_equal(mine.dataset.choices, theirs.choices)


def test_every_subject_is_played_by_its_own_part_of_a_network():
    data = cl.simulate(cl.QLearning([0.2, 0.8]), cl.BlockBandit(), n_sessions=3, n_trials=60)
    network = cl.MultisubjectDisRNN(2, 2, 2, n_subjects=2, key=jax.random.key(0))
    network = network.with_subject_names(("1", "0"))
    found = cl.behavior(data, network, environment=cl.BlockBandit(), seed=1).dataset
    for subject, own in ((0, 1), (1, 0)):
        sessions = found.select(found.subject == subject)
        inputs = np.asarray(sessions.inputs)
        logits = cl.rollout(network, inputs, subject=np.full(3, own)).outputs
        p = np.asarray(jax.nn.softmax(logits))
        made = np.take_along_axis(p, sessions.choices[..., None], 2)[..., 0]
        np.testing.assert_allclose(made, sessions.columns["p_choice"], atol=1e-4)


def test_fitted_agents_play_by_subject():
    data = cl.simulate(cl.QLearning([0.1, 0.9], 3.0), cl.BlockBandit(), n_sessions=4, n_trials=100)
    fit = cl.fit_agent(cl.QLearning(), data)
    found = cl.behavior(data, fit, seed=3)
    assert found.dataset.n_sessions == 8
    odds = np.exp(fit.logits(found.dataset))
    made = np.take_along_axis(odds, found.dataset.choices[..., None], 2)[..., 0] / odds.sum(-1)
    np.testing.assert_allclose(made, found.dataset.columns["p_choice"], atol=1e-4)
    mixed = np.exp(cl.agent_logits(fit.agent("0"), found.dataset))
    assert np.abs(mixed[4:, :, 1] / mixed[4:].sum(-1) - odds[4:, :, 1] / odds[4:].sum(-1)).max() > 0.1


def test_inputs_that_nobody_tells_are_refused(learner):
    network = cl.GRU(3, 2, 4, key=jax.random.key(1)).with_names(
        input_names=("previous choice", "previous reward", "stimulus")
    )
    with pytest.raises(ValueError, match="open_loop=True"):
        cl.behavior(learner, network)
    missed = network.with_names(input_names=("previous choice", "previous reward", "previous trial missed"))
    assert cl.behavior(learner, missed).n_choices == 16 * 150


class NeverFirst:
    """Gives the first alternative no chance."""

    def logits(self, dataset):
        return np.broadcast_to(np.array([-np.inf, 0.0]), (*dataset.valid.shape, 2))


def test_the_advantage_lies_after_the_histories_where_the_models_differ():
    agent = cl.WinStayLoseShift(lapse_rate=0.2)
    data = cl.simulate(agent, cl.BlockBandit(), n_sessions=10, n_trials=100, seed=1)

    class WinStayOnly:
        """Right after wins, at chance after losses."""

        def logits(self, dataset):
            logits = cl.agent_logits(agent, dataset)
            lost = np.roll(dataset.rewards, 1, axis=1) == 0
            lost[:, 0] = False
            return np.where(lost[..., None], 0.0, logits)

    found = cl.likelihood_advantage(data, agent, WinStayOnly(), names=("agent", "win-stay"), n_back=1)
    rows = found.table.set_index("history")
    assert set(rows.index) == {"lost", "won", "no known past"}
    assert rows.loc["won", "advantage"] == pytest.approx(0.0, abs=1e-6)
    # Followed on .9 of these trials: .9 log(.9/.5) + .1 log(.1/.5)
    assert rows.loc["lost", "advantage"] == pytest.approx(0.368, abs=0.06)
    assert rows.loc["lost", "low"] > 0.25
    assert rows["contribution"].sum() == pytest.approx(found.total)
    assert found.low > 0
    likelihoods = [cl.evaluate(model, data).normalized_likelihood for model in (agent, WinStayOnly())]
    assert found.total == pytest.approx(np.log(likelihoods[0] / likelihoods[1]), abs=1e-5)
    assert 'after "lost"' in found.text
    for by in ("run length", "position", (np.arange(1000) % 2).reshape(10, 100)):
        other = cl.likelihood_advantage(data, agent, WinStayOnly(), by=by)
        assert other.table["contribution"].sum() == pytest.approx(found.total)
    with pytest.raises(ValueError, match="expected"):
        cl.likelihood_advantage(data, agent, WinStayOnly(), by="weather")
    with pytest.raises(ValueError, match="probability 0 to"):
        cl.likelihood_advantage(data, agent, NeverFirst())


def test_equations_play_as_their_agent(learner):
    equations = made_equations()
    found = cl.behavior(learner, equations, environment=BAITED, seed=5).dataset
    theirs = cl.simulate(equations.agent, BAITED, n_sessions=16, n_trials=150, seed=5)
    np.testing.assert_array_equal(found.choices, theirs.choices)


def test_three_alternatives_and_amounts_are_played_from_their_outcomes():
    bandit = cl.BlockBandit(np.eye(3) * 0.6 + 0.2, block_length=25)
    data = cl.simulate(cl.QLearning(0.5, 4.0), bandit, n_sessions=6, n_trials=100, seed=1)
    amounts = {**data.columns, "reward": 10 + 5 * data.rewards}
    paid = without(data._replace(columns=amounts), "p_reward").with_outcomes(None)
    found = cl.behavior(paid, cl.ScaledOutcomes(cl.QLearning(0.5, 4.0), paid.outcomes))
    assert set(np.unique(found.dataset.rewards)) == {10.0, 15.0}
    known = paid._replace(columns=data.columns | {"reward": paid.columns["reward"]})
    replayed = cl.behavior(known, cl.ScaledOutcomes(cl.QLearning(0.5, 4.0), paid.outcomes))
    assert "reward probabilities that the data record." in replayed.notes[0]
    assert replayed.around_switches.value[-1] > 0.5
    # With the true probabilities the agent is itself again; outcomes pooled over trials blur the blocks.
    own = cl.behavior(paid).win_stay
    assert replayed.win_stay == pytest.approx(own, abs=0.06)
    assert found.win_stay < own
    assert "may be of this environment rather than of the model" in found.notes[0]


def test_columns_of_two_readings_are_refused_and_sides_are_said(learner):
    p = {"p_reward_left": learner.columns["p_reward_1"], "p_reward_right": learner.columns["p_reward_2"]}
    sides = without(learner, "bait_", "p_reward")
    sides = sides._replace(columns={**sides.columns, **p})
    assert any("p_reward_left is taken as that of alternative 0" in note for note in cl.behavior(sides).notes)
    mine, theirs = (cl.behavior(one).around_switches.value for one in (sides, learner))
    np.testing.assert_array_equal(mine, theirs)
    turned = sides.with_names(class_names=("right", "left"))
    assert cl.behavior(turned).around_switches.value[-1] == pytest.approx(1 - theirs[-1])
    numbered = learner.with_names(class_names=("2", "1"))
    with pytest.raises(ValueError, match="can be read as"):
        cl.behavior(numbered)
