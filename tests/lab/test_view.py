"""Selecting, brushing, playing: the view's state and the marks follow each other."""

from typing import Any

import numpy as np
import pytest

import cogrnn_lab as cl


def click(matrix, row: str, column: str) -> None:
    matrix.mark._handle_custom_msg(
        {"event": "element_click", "data": {"row": row, "column": column, "color": 1.0}}, []
    )


def test_clicking_a_cell_selects_latent_and_input(lab):
    matrix = lab.display["bottlenecks"].matrices["update_input"]
    click(matrix, "latent 3", matrix.columns[1])
    assert lab.state.view.latent == 2
    assert lab.state.view.input == 1
    assert lab.display["update_rules"].picker.value == 2
    assert lab.display["update_rules"].x_axis.label.startswith("latent 3")


def test_the_selected_row_is_framed(lab):
    lab.state.view.follow = False
    bottlenecks = lab.display["bottlenecks"]
    for latent in range(3):
        lab.state.view.latent = latent
        top = bottlenecks.matrices["latent"].frame.y.max()
        assert bottlenecks.order[3 - int(top)] == latent


def test_matrices_hold_the_model_by_row_of_latents(lab):
    model, bottlenecks = lab.model, lab.display["bottlenecks"]
    rows = bottlenecks.order
    shown = bottlenecks.matrices["update_latent"].mark.color
    np.testing.assert_allclose(shown, 1 - np.asarray(model.update_latent.sigma).T[rows], atol=1e-6)
    kept = bottlenecks.matrices["latent"].mark.color[:, 0]
    np.testing.assert_allclose(kept, 1 - np.asarray(model.latent.sigma)[rows], atol=1e-6)


def test_bits_instead_of_openness(lab):
    lab.display["bottlenecks"].measure.value = True
    assert lab.state.view.bits
    told = cl.channel_information(lab.model, lab.display.view.sample)["update_input"]
    assert (told <= 1.0 + 1e-9).all()  # inputs are 0 or 1: the price that is paid is above 2 bits
    expected = told.T[lab.display["bottlenecks"].order]
    np.testing.assert_allclose(
        lab.display["bottlenecks"].matrices["update_input"].mark.color, expected, rtol=1e-5
    )


def test_background_slider_moves_the_rule(lab):
    figure = lab.display["update_rules"]
    lab.state.view.follow = False
    before = figure.lines[0].y.copy()
    other = next(iter(figure.sliders))
    figure.sliders[other].value = 1.5
    assert lab.state.view.background[other] == 1.5
    assert np.abs(figure.lines[0].y - before).max() > 1e-4
    lab.state.view.background = {}
    assert figure.sliders[other].value == 0.0


def test_choice_map(lab):
    lab.display["choice_rule"].mode.value = True
    assert lab.state.view.choice_map
    image = lab.display["choice_rule"].map.image
    assert image.color.shape == (50, 50)
    lab.state.view.pair = (2, 0)
    assert lab.display["choice_rule"].map.x_axis.label == "latent 3"


def test_log_loss_axis(lab, train):
    train(lab, 3)
    import bqplot as bq

    lab.state.view.log_loss = True
    figure = lab.display["learning"]
    assert isinstance(figure.loss_axis.scale, bq.LogScale)
    assert all(line.scales["y"] is figure.loss_log for line in figure.loss_lines.values())
    assert all((np.asarray(line.y) > 0).all() for line in figure.loss_lines.values())


def test_another_session(lab):
    figure = lab.display["trajectories"]
    before = figure.lines.y.copy()
    figure.picker.value = 4
    assert lab.state.view.session == 4
    assert np.abs(figure.lines.y - before).max() > 1e-6


def test_brush_trials_highlights_points_and_back(lab):
    figure = lab.display["trajectories"]
    figure.interval.selected = np.array([4.5, 8.5])
    assert lab.state.view.trials == [4, 5, 6, 7]
    assert list(figure.points.selected) == [4, 5, 6, 7]
    figure.points.selected = np.array([10, 20])
    assert lab.state.view.trials == [10, 20]
    assert {11.0, 21.0} <= set(figure.brushed.x[np.isfinite(figure.brushed.x)])
    figure.interval.selected = None
    assert lab.state.view.trials == []
    assert figure.points.selected is None


def test_play_moves_the_cursor(lab):
    figure = lab.display["trajectories"]
    figure.slider.value = 12
    assert lab.state.view.trial == 11
    assert figure.cursor.x[0] == 12
    a, _b = lab.state.view.pair
    assert figure.here.x[0] == pytest.approx(figure.states[11, a])


def test_a_latent_that_is_selected_leaves_the_plane_of_components_alone(lab):
    """Its axes became the components of the same numbers, which nobody had picked."""
    view = lab.state.view
    view.set_quietly(follow=False, components=True, pair=(0, 1), latent=0)
    view.latent = 2
    assert view.pair == (0, 1)
    view.components = False
    view.latent = 1
    assert view.pair == (0, 1)
    view.latent = 2
    assert view.pair == (2, 0)


def test_lines_end_with_a_number(lab, train):
    """A NaN at the end, or alone, makes bqplot write errors on the JavaScript console."""
    import bqplot as bq
    from ipywidgets.widgets import widget as every

    train(lab, 3)
    found = 0
    widgets: list[Any] = list(every._instances.values())
    for widget in widgets:
        if isinstance(widget, bq.Lines):
            found += 1
            assert np.isfinite(np.atleast_2d(widget.y)[:, -1]).all(), widget
    assert found > 10


def test_follow_shows_the_most_open_latents_until_something_is_picked(lab, train):
    train(lab, 30)
    order = lab.display["bottlenecks"].order
    assert lab.state.view.latent == order[0]
    assert lab.state.view.pair == tuple(order[:2])
    lab.display["update_rules"].picker.value = order[2]
    assert not lab.state.view.follow


def test_no_figure_starves_on_a_slow_machine(lab, clock, train, monkeypatch):
    """Where seconds pass between two drawings, each figure still gets its turn, a clicked one at once."""
    train(lab, 8)
    display = lab.display
    drawn = []
    shown = ["wiring", "bottlenecks", "update_rules", "choice_rule", "trajectories"]
    for name in shown:
        monkeypatch.setattr(display[name], "draw", lambda run, view, name=name: drawn.append(name))
    for _ in range(2 * len(shown)):
        clock.now += 5.0
        display.mark_trained()
        display.draw(all_of_it=False)
    assert sorted(drawn) == sorted(2 * shown)
    clock.now += 5.0
    display.mark_trained()
    display.mark("update_rules")
    display.draw(all_of_it=False)
    assert drawn[-1] == "update_rules"
