"""The text of a data set: alternatives with counts, missed trials, people, sessions, rewards, notes."""

import numpy as np
import pandas as pd

import cogrnn_lab as cl


def table(**columns) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": ["ann"] * 4 + ["bob"] * 3,
            "session": 1,
            "choice": ["L", "R", "", "R", "R", "L", "R"],
            "reward": [1, 0, np.nan, 0.5, 1, 0, 0],
        }
        | columns
    )


def test_text_says_what_was_read():
    data = cl.read_table(table(), subject="subject")
    assert data.summary.splitlines() == [
        "2 subjects (ann, bob), 2 sessions of 3 to 4 trials",
        "choices: L × 2, R × 4; 1 missed trial",
        "rewards: 0 to 1; above 0 is a win (50% of the choices)",
        "inputs: previous choice, previous reward, previous trial missed",
    ]
    assert data.summary in str(data)
    assert "\n" not in repr(data)


def test_text_of_parts_counts_the_part():
    ann = cl.read_table(table(), subject="subject").select([0])
    assert "1 subject (ann), 1 session of 4 trials each" in ann.summary
    assert "L × 1, R × 2; 1 missed trial" in ann.summary


def test_choices_that_do_not_count_are_not_missed():
    data = cl.read_table(table(forced=[1, 1, 0, 0, 0, 0, 0]), subject="subject", instructed="forced")
    assert "L × 1, R × 3; 2 choices made that do not count; 1 missed trial" in data.summary


def test_where_all_rewards_are_wins_it_is_said():
    data = cl.read_table(table(reward=[20, 20, np.nan, 20, 20, 20, 20]), subject="subject")
    assert "rewards: 20 to 20; above 0 is a win (every choice)" in data.summary
    losses = cl.read_table(table(reward=[-1, -1, np.nan, -1, -1, -1, -1]), subject="subject")
    assert "rewards: -1 to -1; above -1 is a win (no choice)" in losses.summary


def test_what_counts_as_a_win_depends_on_the_range_of_the_rewards():
    points = cl.read_table(table(reward=[20, 30, np.nan, 50, 60, 70, 80]), subject="subject")
    assert (
        "rewards: 20 to 80; above 50 is a win (50% of the choices); agents take 20 as 0 and 80 as 1"
        in points.summary
    )
    losses = cl.read_table(table(reward=[-1, 0, np.nan, -1, 0, 0, 0]), subject="subject")
    assert "rewards: -1 to 0; above -1 is a win (67% of the choices); agents take -1 as 0" in losses.summary


def test_numbers_as_targets_and_trials_of_clicks_have_a_text_too():
    continuous = cl.Dataset(np.zeros((2, 5, 1)), np.ones((2, 5, 1)), kind="continuous", notes=["made up"])
    assert continuous.summary.splitlines()[-2:] == ["inputs: input 1", "note: made up"]
    assert "note: made up" in continuous.select([0]).summary
    simulated = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=10)
    assert "0 missed trials" in simulated.summary
    assert "rewards: 0 to 1" in simulated.summary
    clicks = cl.simulate_clicks(cl.BoundedAccumulator(), cl.PoissonClicks(), n_trials=3)
    assert clicks.summary.startswith("1 subject (0), 3 sessions")
    people, choices, _ = clicks.summary.splitlines()
    assert people.endswith("time bins")
    assert choices.endswith("; 0 missed trials"), "before, every bin without an answer was one"


def test_a_notebook_shows_the_text():
    class Printer:
        def text(self, shown):
            self.shown = shown

    printer, data = Printer(), cl.read_table(table(), subject="subject")
    data._repr_pretty_(printer, False)
    assert printer.shown == str(data)
