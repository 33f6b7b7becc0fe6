"""The phase plane in the lab: arrows and points are those of the analyses, and selections are shared."""

import time

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.figures.arrows import HEAD, LONGEST, arrow_scale, arrows
from cogrnn_lab.lab.settings.state import PHASE_PLANE

PATIENCE = 120.0


@pytest.fixture(scope="module")
def shared(lab_in_tab):
    """A lab that has trained a little, whose phase plane is in view."""
    return lab_in_tab(PHASE_PLANE, n_latents=3)


@pytest.fixture
def lab(shared):
    shared.state.view.set_quietly(follow=False, latent=0, pair=(0, 1), components=False, observation=0)
    shared.runner.drive.wake()
    return shared


def test_its_widgets_are_made_when_it_is_first_shown(make_lab):
    lab = make_lab()
    panel = lab.display["phase_plane"]
    assert panel.body.children == ()
    lab.state.view.tab = PHASE_PLANE
    assert panel.plot.axes[0].label == "latent 1"


def test_arrows_are_the_vector_field(lab):
    panel = lab.display["phase_plane"]
    lab.state.view.set_quietly(pair=(2, 0), observation=3)
    lab.runner.drive.wake()
    field = cl.vector_field(
        lab.model, lab.display.view.sample, ("latent 3", "latent 1"), n_points=13,
        observations=lab.display.view.observations,
    )  # fmt: skip
    tails = np.concatenate([np.stack([m.x, m.y], 1)[::6] for m in (panel.used, panel.unused)])
    tips = np.concatenate([np.stack([m.x, m.y], 1)[1::6] for m in (panel.used, panel.unused)])
    inside = np.abs(tails[:, 0]) < 1e5  # where all arrows are used, the other mark is off the plane
    change = field.change[3].reshape(-1, 2)
    cell = np.array([np.ptp(field.x), np.ptp(field.y)]) / 12
    drawn = (tips - tails)[inside] / arrow_scale(change, cell)
    order = np.lexsort(tails[inside].T[::-1].round(6))
    np.testing.assert_allclose(drawn[order], change, atol=1e-5)
    assert field.observation_labels[3] in panel.words.value
    assert [axis.label for axis in panel.plot.axes] == ["latent 3", "latent 1"]
    assert [words for words, _ in panel.picker.options] == list(field.observation_labels)


def test_an_arrow_has_its_head_at_its_tip():
    x, y = arrows(np.zeros((1, 2)), np.array([[2.0, 0.0]]), np.array([1.0, 4.0]), 0.5)
    np.testing.assert_allclose(x, [0, 1, 1 - HEAD / 2, 1, 1 - HEAD / 2])
    np.testing.assert_allclose(y[:2], 0.0)
    assert y[2] == -y[4] != 0
    assert arrow_scale(np.array([[2.0, 0.0]]), np.array([1.0, 4.0])) == LONGEST / 2
    assert arrow_scale(np.zeros((1, 2)), np.ones(2)) == 1.0
    still, _ = arrows(np.ones((1, 2)), np.zeros((1, 2)), np.ones(2), 1.0)
    np.testing.assert_array_equal(still, 1.0)


def test_fixed_points_are_those_of_the_analysis_and_stamped(lab):
    panel, view = lab.display["phase_plane"], lab.display.view
    panel.aside.now()
    panel.aside.wait(PATIENCE)
    found = cl.fixed_points(
        lab.model, view.sample, observations=view.observations, along=cl.latents(lab.model, view.sample)
    )
    for observation in range(4):
        lab.state.view.observation = observation
        shown = {name: len(mark.x) for name, mark in panel.marks.items()}
        own = [found.stability[i] for i in found.of(observation)]
        assert shown == {name: own.count(name) for name in shown}
        assert found.sentences[observation] in panel.words.value
    assert panel.readout.value == "points of step 3"
    lab.step()
    lab.runner.drive.turn()
    assert "points of step 3, the network is at 4" in panel.readout.value


def test_the_session_lies_in_the_plane_and_its_trials_are_linked(lab):
    panel, state = lab.display["phase_plane"], lab.state.view
    state.session = 5
    states = np.asarray(cl.latents(lab.model, lab.dataset.select([5])).states)[0]
    np.testing.assert_allclose(np.stack([panel.path.x, panel.path.y], 1), states[:, [0, 1]], atol=1e-5)
    state.trial = 7
    np.testing.assert_allclose([panel.here.x[0], panel.here.y[0]], states[7, [0, 1]], atol=1e-5)
    state.trials = [3, 4]
    assert list(panel.visits.selected) == [3, 4]
    state.trials = []
    assert panel.visits.selected is None


def test_a_selected_latent_spans_the_plane(lab):
    """A click on the wiring left the planes as they were."""
    lab.display["wiring"].draw(lab.runner.run, lab.display.view)
    lab.state.view.latent = 2
    assert lab.state.view.pair == (2, 0)
    assert lab.display["phase_plane"].plot.axes[0].label == "latent 3"
    lab.state.view.latent = 0
    assert lab.state.view.pair == (2, 0), "it is there already"


def test_components_are_planes_too_and_equal_axes_are_refused(lab):
    panel = lab.display["phase_plane"]
    lab.state.view.components = True
    assert [axis.label for axis in panel.plot.axes] == ["component 1", "component 2"]
    assert panel.across.options[2] == ("component 3", 2)
    lab.state.view.pair = (1, 1)
    assert panel.readout.value == "Pick two different axes."
    assert "error" not in lab.top.message.value


def test_it_is_drawn_fast_enough_to_follow(lab):
    panel, took = lab.display["phase_plane"], []
    for _ in range(4):
        begin = time.perf_counter()
        panel.draw(lab.runner.run, lab.display.view)
        took.append(time.perf_counter() - begin)
    assert min(took) < 0.3  # 20 ms on a quiet core
