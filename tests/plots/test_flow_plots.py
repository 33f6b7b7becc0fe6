"""Figures of what flows through a network hold the numbers of the results."""

import jax
import numpy as np
import pytest
from hand_networks import actor_critic, last_choice, made, values
from matplotlib.patches import FancyBboxPatch

import cogrnn_lab as cl
from cogrnn_lab import plots


@pytest.fixture(scope="module")
def behavior() -> cl.Dataset:
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=8, n_trials=40)


def words(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_the_wiring_has_a_box_for_each_node_and_a_line_for_each_edge(behavior):
    graph = cl.wiring(made(*values(), last_choice()), behavior)
    figure = plots.plot_wiring(graph)
    (axes,) = figure.axes
    boxes = [patch for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    assert len(boxes) == len(graph.nodes) == 6
    curves = [line for line in axes.lines if len(np.asarray(line.get_xdata())) > 2]
    widths = [line.get_linewidth() for line in curves]
    bits = np.array([edge.bits for edge in graph.edges])
    np.testing.assert_allclose(widths, np.maximum(6.0 * bits / bits.max(), 0.7))
    said = words(axes)
    assert {f"{edge.bits:.2f}" for edge in graph.edges} <= set(said)
    assert "previous\nchoice" in said
    assert "Q-learning with perseveration on the last choice" in said
    # everything is within the figure, at the width of a paper's column
    assert figure.get_size_inches()[0] == pytest.approx(3.4)
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    for box in boxes:
        x, y = box.get_x(), box.get_y()
        assert left <= x
        assert x + box.get_width() <= right
        assert bottom <= y
        assert y + box.get_height() <= top
    figure.canvas.draw()


def test_boxes_of_a_wiring_do_not_overlap(behavior):
    for network in (actor_critic(), cl.DisRNN(2, 2, 5, key=jax.random.key(0))):
        figure = plots.plot_wiring(cl.wiring(network, behavior))
        boxes = [patch.get_bbox() for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]
        for i, one in enumerate(boxes):
            assert not any(one.overlaps(other) for other in boxes[i + 1 :])


def test_a_critic_stands_before_its_actor(behavior):
    figure = plots.plot_wiring(cl.wiring(actor_critic(), behavior))
    at = {text.get_text(): text.get_position()[0] for text in figure.axes[0].texts}
    assert at["previous\nchoice"] < at["latent 1"] < at["latent 2"] < at["choice"]


def test_the_wiring_wants_a_wiring(behavior):
    with pytest.raises(TypeError, match=r"got a Dataset, expected a Wiring, as cl\.wiring"):
        plots.plot_wiring(behavior)


def test_bits_by_condition_are_written_beside_the_price(behavior):
    flow = cl.information_flow(made(*values()), behavior)
    figure = plots.plot_information_flow(flow)
    axes = figure.axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[:3] == ["latent 1 kept", "latent 2 kept", "previous choice → latent 1"]
    assert "latent 1 → latent 2" not in labels  # it is closed
    image = np.asarray(axes.images[0].get_array())
    np.testing.assert_allclose(image[:2, 0], flow.latent_bits)
    np.testing.assert_allclose(image[2, 1:], flow.groups["update_input"].by_condition[:, 0, 0])
    assert f"{flow.groups['latent'].nats[0, 0]:.1f}" in words(axes)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["all trials", *flow.conditions]
    assert (
        plots.plot_information_flow(flow, by="subject", within=True).axes[0].images[0].get_array().shape[1]
        == 2
    )
    with pytest.raises(ValueError, match="by is 'day'; expected one of 'condition', 'subject'"):
        plots.plot_information_flow(flow, by="day")


def test_the_pruning_curve_names_what_costs(behavior):
    curve = cl.pruning_curve(made(*values()), behavior)
    figure = plots.plot_pruning_curve(curve)
    axes = figure.axes[0]
    np.testing.assert_allclose(np.asarray(axes.lines[0].get_ydata()), curve.likelihood)
    cost = -np.diff(curve.likelihood)
    assert curve.closed[int(np.argmax(cost))] in words(axes)
    assert f"{curve.n_spare} of 12\nat no clear cost" in words(axes)
    assert axes.get_xlabel() == "channels closed, by 1 − σ"
