"""Drift over sessions: numbers that move are found, those that do not are not, and shuffles tell which."""

from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.over_sessions.numbers import kept_fixed
from cogrnn_lab.analysis.over_sessions.trends import holm, mean_trend, shrunk, spread_between, trend
from cogrnn_lab.analysis.over_sessions.windows import windows_of


def sessions(rates: np.ndarray, n_subjects: int = 1, n_trials: int = 150, seed: int = 0) -> cl.Dataset:
    """A session of each subject for each of these learning rates, in this order."""
    of_each: Any = np.tile(rates, n_subjects)
    agent = cl.QLearning(of_each, 4.0)
    n = len(rates) * n_subjects
    data = cl.simulate(agent, cl.DriftingBandit(), n_sessions=1, n_trials=n_trials, seed=seed)
    assert data.n_sessions == n
    return data._replace(
        subject=np.repeat(np.arange(n_subjects), len(rates)).astype(np.int32),
        subject_names=tuple("abcdefghijklmnopqrst"[:n_subjects]),
        session_names=tuple(str(i + 1) for i in range(len(rates))) * n_subjects,
    )


@pytest.fixture(scope="module")
def learns_faster() -> cl.Dataset:
    return sessions(np.linspace(0.15, 0.85, 16), seed=1)


@pytest.fixture(scope="module")
def moves(learns_faster) -> cl.Drift:
    return cl.drift(cl.QLearning, learns_faster, window=1, n_shuffles=499)


def test_a_learning_rate_that_rises_is_found(moves):
    own = moves.slopes[moves.slopes["subject"] == ""].set_index("name")
    rate = own.loc["learning_rate"]
    assert rate["low"] < 0.7 / 15 < rate["high"]
    assert rate["drifts"]
    assert rate["p"] == pytest.approx(1 / 500)
    assert not own.loc["inverse_temperature", "drifts"]
    assert "In the subject learning rate rises by" in moves.text
    assert moves.drifts


def test_numbers_of_windows_are_shrunk_to_their_line_and_have_intervals(moves):
    rates = moves.numbers[moves.numbers["name"] == "learning_rate"]
    truth = np.linspace(0.15, 0.85, 16)
    inside = (rates["low"].to_numpy() <= truth) & (truth <= rates["high"].to_numpy())
    assert inside.sum() >= 13
    off = [float(np.abs(rates[which] - truth).mean()) for which in ("value", "alone")]
    assert off[0] < 0.7 * off[1]
    assert (rates["standard_error"] < rates["alone_error"]).all()
    assert rates["shrunk"].between(0, 1).all()
    assert list(rates["position"]) == list(range(1, 17))


def test_what_does_not_drift_is_not_said_to():
    """Of twenty subjects about one is said to, and of their mean nothing."""
    still = cl.drift(cl.QLearning, sessions(np.full(8, 0.4), 20, seed=2), window=1, n_shuffles=199)
    single = still.slopes[still.slopes["subject"] != ""]
    assert len(single) == 60
    assert (single["p"] <= 0.05).sum() <= 8
    assert single[single["drifts"]]["subject"].nunique() <= 3
    assert not still.drifts
    assert still.text.startswith("No drift can be told in the mean of 20 subjects")
    assert " of 20 drift, where 1 would by chance" in still.text
    with pytest.raises(ValueError, match=r"level=0.95 was meant"):
        cl.drift(cl.QLearning, sessions(np.full(8, 0.4), 20, seed=2), level=95.0)
    with pytest.raises(ValueError, match="n_shuffles is 50; of 3 slopes none could be told"):
        cl.drift(cl.QLearning, sessions(np.full(5, 0.4), n_trials=60), window=1, n_shuffles=50)


def test_the_likelihood_of_each_session_is_that_of_the_model_of_all(learns_faster, moves):
    fitted = cl.fit_agent(cl.QLearning, learns_faster)
    score = cl.evaluate(fitted, learns_faster).per_session
    np.testing.assert_allclose(moves.likelihood["likelihood"], score["normalized_likelihood"], rtol=1e-3)
    network = cl.DisRNN(2, 2, 2, key=jax.random.key(0))
    of_network = cl.drift(network, learns_faster, n_shuffles=19)
    assert len(of_network.numbers) == 0
    assert list(of_network.slopes["name"].unique()) == ["log likelihood"]
    with pytest.raises(ValueError, match="nothing to fit of a DisRNN"):
        cl.drift(network, learns_faster, fixed=("learning_rate",))


@pytest.mark.slow
def test_numbers_of_equations_drift_under_their_names(learns_faster):
    found = cl.equations(None, learns_faster, n_latents=(2,), n_starts=2, terms=())
    own = cl.drift(found, learns_faster, window=1, n_shuffles=199).slopes
    overall = own[own["subject"] == ""].set_index("name")
    assert set(found.numbers["name"]) == set(overall.index) - {"log likelihood"}
    rates = [name for name in overall.index if "rate" in name]
    assert overall.loc[rates, "drifts"].any()


def test_windows_are_of_consecutive_sessions_and_the_rest_joins_the_last():
    data = sessions(np.full(17, 0.3), n_trials=20)
    made, size, left_out = windows_of(data, 3)
    assert [own.sessions.tolist() for own in made][-2:] == [[9, 10, 11], [12, 13, 14, 15, 16]]
    assert [own.position for own in made] == [2.0, 5.0, 8.0, 11.0, 15.0]
    assert (size, left_out, made[0].n_choices) == (3, (), 60)
    assert windows_of(data, None)[1] == 2  # 8 windows come before 200 choices
    assert windows_of(sessions(np.full(9, 0.3), n_trials=300), None)[1] == 1
    few = data.concat(sessions(np.full(4, 0.3), n_trials=20).with_names(subject_names=["b"]))
    assert windows_of(few, 1)[2] == ("b",)
    with pytest.raises(ValueError, match=r"no subject has 5 windows of 4 .* has is 17"):
        windows_of(data, 4)


def test_slope_and_spread_have_closed_forms():
    x, errors = np.arange(6.0), np.full(6, 0.5)
    values = np.array([0.0, 1.1, 1.9, 3.2, 3.9, 5.0])
    how = {"level": 0.95, "n_shuffles": 99, "rng": np.random.default_rng(0)}
    one = trend(x, values, errors, **how)
    assert one.slope == pytest.approx(np.polyfit(x, values, 1)[0])
    again = trend(x, values[::-1], errors, **how)
    assert (again.slope, again.score) == pytest.approx((-one.slope, -one.score))
    assert spread_between(values, errors) == pytest.approx(values.var(ddof=1) - 0.25)
    alike = shrunk(x, 2.0 + 3.0 * x, errors)
    np.testing.assert_allclose([alike[0], alike[2]], [2.0 + 3.0 * x, np.ones(6)])
    far = shrunk(x, np.array([0.0, 9.0, 0.0, 9.0, 0.0, 9.0]), errors)
    residual = np.array([0.0, 9.0, 0.0, 9.0, 0.0, 9.0]) - np.polyval(np.polyfit(x, [0, 9, 0, 9, 0, 9], 1), x)
    between = (residual**2).sum() / 4 - 0.25
    np.testing.assert_allclose(far[2], 0.25 / (0.25 + between))
    pair = [replace(one, slope=1.0, error=0.1), replace(one, slope=3.0, error=1e6)]
    assert mean_trend(pair, 0.95).slope == pytest.approx(1.0, abs=1e-6)  # who tells nothing does not count
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, 0.03])), [0.06, 0.03, 0.06])


def test_the_figure_has_a_panel_for_each_number(moves):
    figure = cl.plots.plot_drift(moves)
    titles = [axes.get_title("left") for axes in figure.axes]
    names = moves.slopes[moves.slopes["subject"] == ""]["name"].str.replace("_", " ")
    assert [title.split(":")[0] for title in titles] == list(names)
    assert figure.get_size_inches()[0] == pytest.approx(3.4)
    for row in moves.slopes[moves.slopes["subject"] == ""].itertuples():
        axes = figure.axes[list(names).index(str(row.name).replace("_", " "))]
        line = axes.lines[-1]
        assert line.get_linestyle() == ("-" if row.drifts else "--")
    with pytest.raises(TypeError, match="expected a Drift"):
        cl.plots.plot_drift(replace)


def test_what_a_fit_held_fixed_is_fixed_in_windows():
    data = sessions(np.full(6, 0.4), 1, seed=3)
    fit = cl.fit_agent(cl.QLearning(0.4, 3.0), data, by="all", fixed=("inverse_temperature",), n_starts=2)
    moves = cl.drift(fit, data, window=1, n_shuffles=199, outcomes=(0.0, 1.0, 0.5))
    assert set(moves.numbers["name"]) == {"learning_rate"}


def test_an_array_of_an_agent_that_was_fitted_is_fitted_again():
    """Its entries have names of their own: none was that of the array, which counted as fixed."""
    data = sessions(np.full(6, 0.4), 1, seed=3)
    fit = cl.fit_agent(cl.HistoryRegression(2), data, by="all", n_starts=1)
    assert kept_fixed(fit) == {}
    held = cl.fit_agent(cl.HistoryRegression(2), data, by="all", n_starts=1, fixed=("choice_weights",))
    assert kept_fixed(held) == {"fixed": ("choice_weights",)}
