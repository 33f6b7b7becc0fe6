"""The wiring in the lab: the graph of the network as it is, and a click that selects a latent."""

import time

import numpy as np
import pytest
from hand_networks import made, values

import cogrnn_lab as cl


@pytest.fixture
def panel(lab, train):
    train(lab, 3)
    lab.pause()
    lab.state.view.follow = False
    return lab.display["wiring"]


def rows(lines) -> list[np.ndarray]:
    """Curves that are seen, of marks that hold several each."""
    shown = [line for line in lines if line.opacities[0] > 0]
    return [row for line in shown for row in np.concatenate([line.x, line.y], axis=1)]


def test_it_draws_the_wiring_of_the_network(lab, panel):
    graph = cl.wiring(lab.model, lab.display.view.sample)
    told = sorted((f"{edge.bits:.2f}" for edge in graph.edges), key=float)[::-1][:12]
    assert sorted(panel.bits.text.tolist(), key=float)[::-1] == told
    assert len({tuple(row) for row in rows(panel.lines)}) == len(graph.edges)
    assert len(panel.latents.x) == len(graph.latents)
    assert len(panel.others.x) == 3  # two inputs and the choice
    assert {"previous", "choice", "reward", "latent 1"} <= set(panel.names.text)
    assert graph.reason in panel.words.value


def test_lines_are_as_wide_as_their_bits(lab, panel):
    graph = cl.wiring(made(*values()), lab.display.view.sample)
    panel.show(graph, 0)
    shown = {line.stroke_width for line in panel.lines if line.opacities[0] > 0}
    assert max(shown) == 9.0
    assert min(shown) < 4.0  # an input tells one bit, a latent of the choice more than three
    assert "wired as <b>Q-learning</b>" in panel.readout.value


def test_a_click_selects_a_latent_in_all_figures(lab, panel):
    for place, latent in enumerate(panel._drawn):
        panel._clicked(None, {"data": {"index": place}})
        assert lab.state.view.latent == latent
        assert panel.latents.opacities[place] > 0.5
        assert f"latent {latent + 1} ←" in panel.words.value
        assert lab.display["update_rules"].picker.value == latent
    panel._clicked(None, {"data": {}})  # a click beside it


def test_it_is_for_networks_with_bottlenecks(make_lab, small_state):
    state = small_state()
    state.model.kind = "GRU"
    lab = make_lab(state=state)
    assert not lab.display["wiring"].is_for(lab.runner.run)


def test_it_is_drawn_fast_enough_to_follow(lab, panel):
    took = []
    for _ in range(4):
        begin = time.perf_counter()
        panel.draw(lab.runner.run, lab.display.view)
        took.append(time.perf_counter() - begin)
    assert min(took) < 0.3  # 30 ms on a quiet core
