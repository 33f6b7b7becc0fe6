"""Figures of the phase space and of embeddings: every observation, mark and label is there."""

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from known_systems import flip_flop, linear_system, two_choices

import cogrnn_lab as cl
from cogrnn_lab import plots


@pytest.fixture(scope="module")
def flipping():
    model, data = flip_flop()
    return cl.vector_field(model, data, (0, 1), n_points=9), cl.fixed_points(model, data, n_starts=24)


@pytest.fixture(scope="module")
def embedded():
    draw = np.random.default_rng(0)
    model = cl.MultisubjectDisRNN(2, 2, 3, n_subjects=20, key=0)
    return eqx.tree_at(
        lambda m: m.subjects.weight, model, jnp.asarray(draw.normal(size=(20, 2)), jnp.float32)
    )


def drawn(figure):
    figure.canvas.draw()
    return figure


def test_a_field_has_a_panel_for_each_observation_with_its_fixed_points(flipping):
    field, points = flipping
    figure = drawn(plots.plot_vector_field(field, points))
    shown = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title() for axes in shown] == ["pulse -1", "pulse 0", "pulse 1"]
    markers = sorted(line.get_marker() for line in shown[1].lines)
    assert markers == ["X", "o", "o"]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["stable point", "saddle point"]
    assert figure.get_size_inches()[0] == pytest.approx(3.4)


def test_arrows_point_where_the_state_goes(flipping):
    field, _ = flipping
    (middle,) = [axes for axes in plots.plot_vector_field(field).axes if axes.get_title() == "pulse 0"]
    (quiver,) = [mark for mark in middle.collections if hasattr(mark, "U")]
    change = field.change[1, ::2, ::2]
    np.testing.assert_array_equal(np.sign(quiver.U), np.sign(change[..., 0].T.ravel()))
    np.testing.assert_array_equal(np.sign(quiver.V), np.sign(change[..., 1].T.ravel()))


def test_titles_of_several_inputs_do_not_run_into_the_next_panel(flipping):
    field, _ = flipping
    words = (
        "motion left 0, motion right 0",
        "motion left 1.5, motion right 1",
        "motion left 1, motion right 1.5",
    )
    figure = drawn(plots.plot_vector_field(replace(field, observation_labels=words)))
    titles = [axes.title for axes in figure.axes if axes.axison]
    assert [title.get_text().replace("\n", " ") for title in titles] == list(words)
    first, second = (title.get_window_extent() for title in titles[:2])
    assert first.x1 < second.x0


def test_fixed_points_show_their_eigenvalues_and_time_constants(flipping):
    _, points = flipping
    plane, constants = drawn(plots.plot_fixed_points(points)).axes
    shown = np.concatenate([line.get_xdata() for line in plane.lines if line.get_linestyle() == "None"])
    for value in points.eigenvalues[~points.is_outside].real.ravel():
        assert np.abs(shown - value).min() < 1e-9
    assert constants.get_ylabel() == "time constant (trials)"
    assert constants.get_yscale() == "log"


def test_a_line_of_fixed_points_is_a_line():
    data = two_choices()
    agent = cl.QLearning()
    points = cl.fixed_points(agent, data, "left, rewarded", n_starts=24)
    field = cl.vector_field(agent, data, (0, 1), observations=[[0.0, 1.0]], n_points=5)
    figure = drawn(plots.plot_vector_field(field, points))
    (line,) = figure.axes[0].lines
    np.testing.assert_allclose(line.get_xdata(), 1.0, atol=1e-3)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["line of fixed points"]
    top = drawn(plots.plot_fixed_points(points)).axes[1]
    assert [text.get_text() for text in top.texts] == ["stays"]


def test_a_portrait_names_the_choice_and_how_well_the_logit_tells():
    model = linear_system(np.array([[0.75]]), np.array([[-0.5], [0.2], [0.0], [0.5]]), [[0.0], [2.0]])
    figure = drawn(plots.plot_logit_portrait(cl.logit_portrait(model, two_choices())))
    assert figure.axes[0].get_xlabel() == "log odds of right against left, before the trial"
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "left, rewarded (R² 1.00)" in texts
    with pytest.raises(ValueError, match="expected 1 to 1"):
        plots.plot_logit_portrait(cl.logit_portrait(model, two_choices(2, 30)), 2)


def test_a_map_of_embeddings_has_a_score_and_a_panel_for_each_number(embedded):
    first = cl.embeddings(embedded).values[:, 0]
    mapped = cl.embedding_map(embedded, known={"rate": first, "size": first**2}, n_shuffles=10)
    figure = drawn(plots.plot_embedding_map(mapped))
    scores, *panels = [axes for axes in figure.axes if axes.axison]
    assert scores.texts[0].get_text() == "1.00"
    assert [axes.get_title() for axes in panels] == ["rate", "size"]
    np.testing.assert_array_equal(panels[0].lines[1].get_ydata(), mapped.predicted[:, 0])


def test_a_path_has_a_line_for_each_step(embedded):
    path = cl.embedding_path(embedded, 0, 3, n_steps=4, latents=[0])
    figure = drawn(plots.plot_embedding_path(path))
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 50]
    np.testing.assert_array_equal([line.get_ydata() for line in lines], [r[0].base[0] for r in path.rules])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["subject 0", "subject 3"]


@pytest.mark.parametrize(
    "draw", ["plot_vector_field", "plot_fixed_points", "plot_logit_portrait", "plot_embedding_map"]
)
def test_something_else_is_refused_with_the_call_that_makes_it(draw):
    with pytest.raises(TypeError, match=r"got a DisRNN, expected .* as cl\.[a-z_]+\(model"):
        getattr(plots, draw)(cl.DisRNN(2, 2, 2, key=0))
