"""Statistics of behavior are those of agents whose probabilities are known."""

import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl

BLOCKS = cl.BlockBandit(((0.9, 0.1), (0.1, 0.9)), block_length=(20, 30), order="cyclic")


class Repeats(cl.Agent):
    """Chooses the first arm first, and then always the same, except with a given probability."""

    p_switch: float = 0.2

    def initial_state(self, n_arms):
        return jnp.zeros(n_arms).at[0].set(1.0)

    def logits(self, state):
        other = (1 - state) / (state.size - 1)
        return jnp.log((1 - self.p_switch) * state + self.p_switch * other)

    def update(self, state, choice, reward):
        return jnp.zeros_like(state).at[choice].set(1.0)


@pytest.fixture(scope="module")
def wsls() -> cl.Dataset:
    agent = cl.WinStayLoseShift(lapse_rate=0.3)
    return cl.simulate(agent, BLOCKS, n_sessions=20, n_trials=200, seed=3)


def table(choices, rewards, **more) -> cl.Dataset:
    """A data set of choices and rewards (session, trial); a choice of NaN is missed."""
    choices = np.asarray(choices, float)
    columns = {"reward": np.asarray(rewards, float)}
    return cl.Dataset(np.zeros((*choices.shape, 1)), choices[..., None], columns=columns, **more)


def test_win_stay_lose_shift_has_its_probabilities(wsls):
    found = cl.behavior(wsls)
    # With a lapse of .3 the rule is followed on .7 of the trials and by chance on half of the others.
    np.testing.assert_allclose([found.win_stay, found.lose_shift], 0.85, atol=0.02)
    curve = found.stay_and_shift
    assert np.all((curve.low < 0.85) & (curve.high > 0.85))
    assert np.all(curve.high - curve.low < 0.06)
    by_outcomes = found.switch_by_outcomes.table.set_index("condition")["value"]
    assert list(by_outcomes.index[:2]) == ["lost, lost, lost", "won, lost, lost"]
    for condition, value in by_outcomes.items():
        assert value == pytest.approx(0.15 if condition.endswith("won") else 0.85, abs=0.05), condition
    assert found.resampled_by == "sessions within subjects"
    assert "85 %" in found.text or "84 %" in found.text or "86 %" in found.text


def test_who_only_repeats_switches_as_often_after_any_run():
    data = cl.simulate(Repeats(0.2), cl.DriftingBandit(), n_sessions=20, n_trials=200, seed=1)
    found = cl.behavior(data, longest_run=4)
    np.testing.assert_allclose(found.switch_by_run.value, 0.2, atol=0.03)
    # Lengths of runs are geometric, though the ends of sessions cut some off.
    np.testing.assert_allclose(found.run_lengths.value, [0.2, 0.16, 0.128, 0.512], atol=0.03)
    assert found.run_lengths.value.sum() == pytest.approx(1.0)
    words = found.choice_words.table.set_index("condition")["value"]
    assert words["0 0 0"] + words["1 1 1"] == pytest.approx(0.64, abs=0.04)
    assert words.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("n_arms", [2, 3])
def test_the_regression_recovers_an_agents_weights(n_arms):
    reward, choice = (1.5, 0.8, 0.0), (0.5, -0.3, 0.2)
    agent = cl.HistoryRegression(3, reward_weights=reward, choice_weights=choice)
    bandit = cl.DriftingBandit(n_arms=n_arms)
    data = cl.simulate(agent, bandit, n_sessions=25, n_trials=200, seed=5)
    history = cl.behavior(data, n_lags=3).history
    truth = {"choice x reward": reward, "choice": choice, "reward": (0.0,) * 3}
    for term, weights in truth.items():
        alternative = "1" if term == "reward" else ""
        places = history.places(term, alternative)
        error = np.abs(history.value[places] - weights) / history.standard_error[places]
        assert error.max() < 3.0, (term, history.value[places])
        assert history.standard_error[places].max() < 0.2
    assert history.places("bias", str(n_arms - 1)).size == 1
    assert len(history.table) == 3 * (2 + n_arms - 1) + n_arms - 1


def test_one_step_from_the_estimate_is_nearly_the_fit_of_the_resample(wsls):
    from cogrnn_lab.analysis.behavioral.curves import Drawn
    from cogrnn_lab.analysis.behavioral.history_weights import history_weights
    from cogrnn_lab.analysis.behavioral.past_trials import PastTrials

    # Sessions that are there twice are as sessions of weight 2: the refit is exact, the step is not.
    twice = np.r_[np.arange(10), np.arange(10)]
    weights = np.tile(np.where(np.arange(20) < 10, 2.0, 0.0), (2, 1))
    stepped, _ = history_weights(PastTrials.of(wsls), 2, Drawn(weights, ""), 0.95)
    trials = PastTrials.of(wsls)
    part = PastTrials(
        *(
            getattr(trials, name)[twice]
            for name in ("choice", "won", "amount", "counted", "offered", "present")
        ),
        names=trials.names,
    )
    refitted, _ = history_weights(part, 2, Drawn(None, ""), 0.95)
    np.testing.assert_allclose(stepped.low, refitted.value, atol=0.02)
    assert np.abs(stepped.value - refitted.value).max() > 0.06


def test_the_curve_around_a_switch_is_that_of_a_block_bandit(wsls):
    curve = cl.behavior(wsls, before_switch=5, after_switch=15).around_switches
    at = dict(zip(curve.x.astype(int), curve.value, strict=True))
    # Stationary share of the better arm of win-stay lose-shift: leave it with .85 x .1 + .15 x .9 = .22.
    leave, come = 0.1 * 0.85 + 0.9 * 0.15, 0.9 * 0.85 + 0.1 * 0.15
    best = come / (come + leave)
    np.testing.assert_allclose([at[-1], at[0]], 1 - best, atol=0.08)  # not yet known on the switch itself
    assert at[14] == pytest.approx(best, abs=0.08)
    assert at[1] > at[0] + 0.2
    drifting = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=3, n_trials=40)
    found = cl.behavior(drifting)
    assert found.around_switches is None
    assert any("drift" in note for note in found.notes)


def test_a_switch_counts_trials_of_its_two_blocks_alone():
    p = np.repeat([0.9, 0.1, 0.9], [6, 6, 6])[None]
    choices = np.repeat([0.0, 1.0, 0.0], [6, 6, 6])[None]
    columns = {"p_reward_1": p, "p_reward_2": 1 - p}
    data = cl.Dataset(
        np.zeros((1, 18, 1)), choices[..., None], columns={**columns, "reward": np.ones((1, 18))}
    )
    curve = cl.behavior(data, before_switch=8, after_switch=8).around_switches
    np.testing.assert_array_equal(curve.n, [0, 0, *[2] * 12, 0, 0])
    np.testing.assert_array_equal(curve.value[2:-2], [0.0] * 6 + [1.0] * 6)
    assert np.isnan(curve.low).all()  # one session


def test_missed_trials_break_the_past_and_padding_counts_nothing():
    nan = np.nan
    choices = [[0, 0, nan, 0, 1, 1], [1, 0, 0, 0, nan, nan]]
    rewards = [[1, 0, 0, 1, 0, 1], [1, 1, 0, 1, 0, 0]]
    valid = [[True] * 6, [True] * 4 + [False] * 2]
    found = cl.behavior(
        table(choices, rewards, valid=np.array(valid)), longest_run=2, word_length=2, n_outcomes=2
    )
    # Pairs: session 1 (0,0) after a win, (0,1) after a win, (1,1) after a loss; session 2 (1,0) after a win,
    # (0,0) after a win, (0,0) after a loss. Bridged, the trial after the miss would be a stay after a loss.
    np.testing.assert_array_equal(found.stay_and_shift.n, [4, 2])
    assert (found.win_stay, found.lose_shift) == (0.5, 0.0)
    # Runs of length 1 that a session or a switch began: followed by stay or switch.
    np.testing.assert_array_equal(found.switch_by_run.n, [4, 1])
    np.testing.assert_array_equal(found.switch_by_run.value, [0.25, 0.0])
    np.testing.assert_array_equal(found.choice_words.n, [6, 6, 6, 6])
    assert any(note.startswith("1 trial was missed") for note in found.notes)


def test_amounts_count_as_the_data_say(wsls):
    paid = np.where(wsls.rewards == 1, 80.0, 20.0)
    other = cl.Dataset(
        wsls.inputs, wsls.targets, mask=wsls.mask, subject=wsls.subject, columns={"reward": paid}
    )
    mine, theirs = cl.behavior(wsls), cl.behavior(other)
    np.testing.assert_array_equal(mine.switch_by_outcomes.value, theirs.switch_by_outcomes.value)
    np.testing.assert_allclose(mine.history.value, theirs.history.value, atol=1e-5)


def test_an_agent_plays_what_simulate_has_it_play(wsls):
    agent = cl.WinStayLoseShift(lapse_rate=0.3)
    found = cl.behavior(wsls, agent, environment=BLOCKS, seed=3)
    np.testing.assert_array_equal(found.dataset.choices, wsls.choices)
    assert "BlockBandit" in found.notes[0]


def test_unequal_sessions_are_played_as_long(wsls):
    valid = np.arange(200) < np.linspace(50, 200, 20).astype(int)[:, None]
    data = cl.Dataset(
        wsls.inputs, wsls.targets, valid=valid, subject=wsls.subject,
        columns={name: wsls.columns[name] for name in ("reward", "p_reward_1", "p_reward_2")},
        class_names=("left", "right"), session_names=[f"s{i}" for i in range(20)],
    )  # fmt: skip
    found = cl.behavior(data, cl.QLearning(0.5, 5.0))
    np.testing.assert_array_equal(found.dataset.lengths, data.lengths)
    assert found.dataset.session_names == data.session_names
    assert found.dataset.class_names == (
        "left",
        "right",
    )
    assert "reward probabilities that the data record." in found.notes[0]
    np.testing.assert_allclose(
        found.dataset.columns["p_reward_1"][valid], data.columns["p_reward_1"][valid], atol=1e-6
    )
    assert found.around_switches is not None


def test_open_loop_takes_probabilities_in_place_of_choices(wsls):
    found = cl.behavior(wsls, cl.WinStayLoseShift(lapse_rate=0.3), open_loop=True)
    np.testing.assert_allclose([found.win_stay, found.lose_shift], 0.85, atol=1e-5)
    np.testing.assert_array_equal(found.stay_and_shift.n, cl.behavior(wsls).stay_and_shift.n)


def test_what_cannot_be_described_is_refused(wsls):
    with pytest.raises(ValueError, match="continuous"):
        cl.behavior(cl.Dataset(np.zeros((1, 3, 1)), np.zeros((1, 3, 1)), kind="continuous"))
    with pytest.raises(ValueError, match="256 or fewer"):
        cl.behavior(wsls, word_length=9)
    with pytest.raises(TypeError, match="can play"):
        cl.behavior(wsls, 3)
    with pytest.raises(ValueError, match="give the model, too"):
        cl.behavior(wsls, environment=BLOCKS)
    with pytest.raises(ValueError, match="p_left"):
        cl.behavior(wsls, p_reward=("p_left", "p_right"))
