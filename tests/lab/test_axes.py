"""What the figures share: limits and ticks of axes, lines that are kept, strokes, colors, words."""

from types import SimpleNamespace

import bqplot as bq
import numpy as np
import pytest

from cogrnn_lab.data import OutcomeScale
from cogrnn_lab.lab.controls.parameter_picker import parameter_options
from cogrnn_lab.lab.figures.choice_ticks import ChoiceTicks
from cogrnn_lab.lab.figures.plot import axis, limit, more_lines, nice_range, nothing, round_ticks, segments
from cogrnn_lab.lab.page.style import RAMP
from cogrnn_lab.lab.panels.activity import condition_label, ramp, with_unit
from cogrnn_lab.lab.panels.trajectories import _sides
from cogrnn_lab.lab.panels.update_rules import _heading, _short
from cogrnn_lab.lab.task_trials import sortable
from cogrnn_lab.lab.view import steady_order


def scales() -> dict:
    return {"x": bq.LinearScale(min=0, max=1), "y": bq.LinearScale(min=0, max=1)}


def test_an_axis_has_room_around_finite_values():
    assert nice_range([[0.0, np.nan], [10.0, np.inf]], pad=0.1) == (-1.0, 11.0)
    assert nice_range([[2.0], [2.0]], least=0.5) == (1.5, 2.5)
    assert nice_range([]) == nice_range([[np.nan], []]) == (0.0, 1.0)


@pytest.mark.parametrize("value", [0.0, 1e-12, -3e9, 1e17, -1e30])
def test_an_axis_is_never_of_zero_length_however_large_its_one_value_is(value):
    low, high = nice_range([[value]])
    assert low < value < high
    shown = axis(bq.LinearScale(min=0, max=1), "x")
    limit(shown, low, high)
    assert shown.tick_values.size > 0


@pytest.mark.parametrize(
    ("low", "high", "n", "ticks"),
    [
        (0.0, 1.0, 5, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-0.04, 1.75, 4, [0, 0.5, 1, 1.5]),
        (0.0, 100.0, 4, [0, 25, 50, 75, 100]),
        (-1e-3, 1e-3, 2, [-1e-3, 0, 1e-3]),
        (17.0, 19.0, 2, [17, 18, 19]),
    ],
)
def test_ticks_are_round_numbers_within_the_limits(low, high, n, ticks):
    np.testing.assert_allclose(round_ticks(low, high, n), ticks, atol=1e-12)
    assert not np.signbit(round_ticks(low, high, n)[round_ticks(low, high, n) == 0]).any(), "no -0"


def test_the_scale_and_the_ticks_of_an_axis_move_together():
    shown = axis(bq.LinearScale(min=0, max=1), "x")
    limit(shown, 0, 10, ticks=2)
    assert (shown.scale.min, shown.scale.max) == (0.0, 10.0)
    assert shown.tick_values.tolist() == [0, 5, 10]
    kept = shown.tick_values
    limit(shown, 0, 10, ticks=2)
    assert shown.tick_values is kept, "nothing is sent where nothing changed"


def test_lines_are_kept_and_those_too_many_show_nothing():
    lines: list[bq.Lines] = []
    assert more_lines(lines, 3, scales())
    first = list(lines)
    lines[2].y = np.array([5.0, 6.0])
    assert not more_lines(lines, 2, scales())
    assert lines == first
    assert lines[2].y.tolist() == nothing()[1].tolist()
    assert more_lines(lines, 4, scales())
    assert lines[:3] == first


def test_strokes_are_one_line_with_gaps_that_does_not_end_in_one():
    x, y = segments(np.array([1, 4]), 0, 2)
    np.testing.assert_array_equal(x, [1, 1, 1, 4, 4])
    np.testing.assert_array_equal(y, [0, 2, np.nan, 0, 2])
    for got, empty in zip(segments(np.array([]), 0, 2), nothing(), strict=True):
        np.testing.assert_array_equal(got, empty)


def strokes(mark: bq.Lines) -> list[float]:
    """Trials at which a mark has a stroke that is seen."""
    return sorted(set(mark.x[np.isfinite(mark.x)])) if not np.array_equal(mark.x, nothing()[0]) else []


def test_choices_are_strokes_in_their_band_tall_where_rewarded():
    ticks = ChoiceTicks(*scales().values(), 0.0, 2.0)
    wins = OutcomeScale().is_win(np.array([1, 0, 1, np.nan, 0]))
    assert ticks.draw(np.array([0, 1, -1, 1, 0]), wins, 2)
    assert [strokes(mark) for mark in ticks.marks] == [[1], [5], [], [2, 4]], "missed: none; unknown: short"
    assert np.nanmax(ticks.marks[0].y) == pytest.approx(0.94)
    assert np.nanmax(ticks.marks[1].y) == pytest.approx(0.5)
    assert np.nanmin(ticks.marks[3].y) == pytest.approx(1.06), "the second band is above the first"
    assert not ticks.draw(np.array([1]), None, 2), "the marks are kept"
    assert [strokes(mark) for mark in ticks.marks] == [[], [], [], [1]]
    assert ticks.draw(np.array([2]), None, 3), "three alternatives need others"


def test_clicks_are_tall_strokes_on_their_side():
    ticks = ChoiceTicks(*scales().values(), 0.0, 2.0)
    ticks.draw_clicks(np.array([[1, 0], [0, 0], [2, 1]]))
    assert [strokes(mark) for mark in ticks.marks] == [[1, 3], [], [3], []]
    assert _sides(np.array([[1, 0], [0, 0], [2, 3], [1, 1]])).tolist() == [0, -1, 1, -1]


def test_colors_of_a_ramp_go_from_end_to_end():
    assert ramp(len(RAMP)) == [color.lower() for color in RAMP]
    assert ramp(2) == [RAMP[0].lower(), RAMP[-1].lower()]
    assert ramp(1) == [RAMP[0].lower()]
    assert ramp(0) == []
    assert len(set(ramp(9))) == 9


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("delay", "delay (ms)"),
        ("cue_dur", "cue dur (ms)"),
        ("coherence", "coherence"),
        ("delay_side", "delay side"),
    ],
)
def test_times_of_trials_have_a_unit(name, words):
    assert with_unit(name) == words


def test_parameters_and_conditions_are_in_words():
    assert parameter_options(["cue_side"]) == [("cue side", "cue_side")]
    assert parameter_options([]) == [("", "")]
    assert condition_label("cue_side", 0.5) == "cue side 0.5"
    assert condition_label("cue_side", "left") == "left"


def test_a_heading_says_what_the_labels_then_leave_out():
    assert _heading(["x", "previous choice = left"]) == "after previous trial"
    assert _heading(["contrast"]) == "observation"
    assert _short("previous choice = left") == "choice = left"
    assert _short("2 clicks left") == "2 left"


def test_only_parameters_that_differ_are_offered_the_coarsest_first():
    parameters = {"fine": [1, 2, 3, 4], "same": [1, 1, 1, 1], "coarse": [0, 1, 0, 1]}
    assert sortable(parameters) == ["coarse", "fine"]
    assert sortable({}) == []


def test_latents_keep_their_order_until_it_is_clearly_another():
    def ordered(openness: list[float]) -> SimpleNamespace:
        return SimpleNamespace(latent_order=np.argsort(openness)[::-1], latent_openness=openness)

    assert steady_order([], ordered([0.1, 0.9])) == [1, 0]
    assert steady_order([1, 0], ordered([0.5001, 0.5])) == [1, 0], "as good as equal"
    assert steady_order([1, 0], ordered([0.9, 0.1])) == [0, 1]
    assert steady_order([1, 0], ordered([0.9, 0.1, 0.5])) == [0, 2, 1], "another network"
