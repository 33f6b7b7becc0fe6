"""Every control and its Python twin move each other."""

import pytest

from cogrnn_lab.lab.controls.log_slider import LogSlider
from cogrnn_lab.lab.page.style import legend_html, text, title


def test_log_slider_both_ways():
    slider = LogSlider("latents", 0.01)
    assert slider.number.value == 0.01
    slider.slider.value = slider.position(1e-3)
    assert slider.value == slider.number.value == 1e-3
    slider.slider.value = 0
    assert slider.value == 0.0
    slider.number.value = 0.1
    assert slider.value == 0.1
    assert slider.slider.value == slider.position(0.1) > slider.position(0.05)


def test_log_slider_keeps_a_number_that_it_cannot_point_at():
    slider = LogSlider("latents", 0.01)
    slider.value = 0.012345
    assert slider.value == 0.012345
    assert slider.number.value == 0.012345


def test_penalty_sliders_mirror_the_state(lab):
    sliders, state = lab.penalty_controls.sliders, lab.state
    assert set(sliders) == {*lab.model.groups, "l2"}
    state.penalties.latent = 0.05
    assert sliders["latent"].number.value == 0.05
    sliders["update_input"].slider.value = sliders["latent"].position(0.01)
    assert state.penalties.update_input == pytest.approx(0.01)


def test_beta_moves_all_groups_together_and_not_l2(lab):
    l2 = lab.state.penalties.l2
    beta = lab.penalty_controls.all
    beta.slider.value = beta.position(0.01)
    assert {getattr(lab.state.penalties, group) for group in lab.model.groups} == {0.01}
    assert lab.state.penalties.l2 == l2
    lab.state.penalties.latent = 0.0
    assert lab.state.penalties.update_input == 0.01, "showing the mean must not move the sliders"


def test_fields_are_made_from_the_constructors(lab):
    lab.state.data.agent.kind = "leaky actor-critic"
    names = lab.state.data.agent.parameters.own_names()
    assert names == ["critic_rate", "actor_rate", "forget_rate", "initial_value"]


def test_user_text_is_never_html():
    name = "<img src=x onerror=alert(1)>"
    assert "<img" not in text(name).value
    assert "<img" not in title(name, name).value
    assert "<img" not in legend_html([(name, "red", "solid")])


def test_status_line_shows_text(lab):
    lab.top.show_status("column <b>choice</b> is missing", error=True, traceback="File <module>")
    assert "<b>" not in lab.top.message.value
    assert "<module>" not in lab.top.traceback.value
    assert lab.top.details.layout.display == ""
