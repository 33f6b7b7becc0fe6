"""Fields and sliders: what they show of a setting, and what they take."""

import math

import ipywidgets as w
import pytest
import traitlets as t

from cogrnn_lab.lab.controls.fields import WHOLE, control_for, field, form
from cogrnn_lab.lab.controls.log_slider import STEPS_PER_DECADE, LogSlider
from cogrnn_lab.lab.settings.section import Section


class Settings(Section):
    zeta = t.Int(3, min=0, max=20)
    free = t.Int(1)
    on = t.Bool(True)
    kind = t.Enum(("a", "b"), "b")
    rate = t.Float(0.5, min=0.0)
    weights = t.Tuple(default_value=(0.1, 0.123456789, 3.0))
    alpha = t.Unicode("x")


def control(section: Section, name: str) -> w.DOMWidget:
    return field(section, name).children[1]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("zeta", w.BoundedIntText),
        ("on", w.Checkbox),
        ("kind", w.Dropdown),
        ("rate", w.BoundedFloatText),
        ("weights", w.Text),
        ("alpha", w.Text),
    ],
)
def test_each_kind_of_setting_has_its_control(name, kind):
    made = control_for(Settings(), name)
    assert type(made) is kind
    assert name == "weights" or made.value == getattr(Settings(), name)


def test_limits_are_those_of_the_setting_and_without_one_those_of_a_browser():
    section = Settings()
    zeta, free, rate = (control_for(section, name) for name in ("zeta", "free", "rate"))
    assert (zeta.min, zeta.max) == (0, 20)
    assert (free.min, free.max) == (-WHOLE, WHOLE)
    assert rate.min == 0.0
    assert math.isfinite(rate.max), "JSON has no infinity"
    assert control_for(section, "alpha", options=("x", "y")).options == ("x", "y")


def test_a_number_that_is_typed_beyond_its_limits_stops_there():
    section = Settings()
    control(section, "zeta").value = 99
    assert section.zeta == 20


def test_a_list_of_numbers_is_read_with_commas_semicolons_and_gaps():
    section = Settings()
    shown = control(section, "weights")
    assert shown.value == "0.1, 0.123457, 3"
    assert section.weights == (0.1, 0.123456789, 3.0), "to show a number does not round it"
    shown.value = " 1;2.5 ,, -3e-2,"
    assert section.weights == (1.0, 2.5, -0.03)
    section.weights = (4.0,)
    assert shown.value == "4"


def test_an_empty_text_is_no_number_at_all():
    section = Settings()
    control(section, "weights").value = "  "
    assert section.weights == ()
    assert control_for(section, "weights").value == ""


@pytest.mark.parametrize("words", ["0.1, much", "1 2", "nan", "1, inf", "1e999"])
def test_what_is_no_list_of_finite_numbers_is_refused_and_changes_nothing(words):
    section = Settings()
    before = section.weights
    with pytest.raises(t.TraitError, match="is no list of numbers; expected some with commas"):
        control(section, "weights").value = words
    assert section.weights == before


@pytest.mark.parametrize(
    ("n", "classes"), [(2, set()), (3, {"cog-long"}), (5, {"cog-long"}), (6, {"cog-longer"})]
)
def test_longer_lists_have_more_room(n, classes):
    section = Settings()
    section.weights = (1.0,) * n
    assert {"cog-long", "cog-longer"} & set(field(section, "weights")._dom_classes) == classes


def test_a_form_has_the_fields_in_their_order_under_their_labels():
    shown = form(Settings(), 3, {"rate": ("learning rate", "how <fast>")})
    labels = [one.children[0].value for one in shown.children]
    assert labels == ["zeta", "free", "on", "kind", "learning rate", "weights", "alpha"]
    assert shown.children[4].children[1].tooltip == "how <fast>"
    assert shown.children[0].children[1].tooltip == "zeta", "without a description it is the label"
    assert "cog-grid-3" in shown._dom_classes


@pytest.mark.parametrize(("value", "steps"), [(0.0, 0), (1e-6, 1), (1e-9, 1), (1.0, 121), (1e-5, 21)])
def test_the_left_end_of_a_slider_is_off_and_then_come_the_powers_of_ten(value, steps):
    slider = LogSlider("l2", value, high=1.0)
    assert slider.slider.value == slider.position(value) == steps
    assert slider.value == value, "a number below the lowest power is kept"
    assert slider.slider.max == 6 * STEPS_PER_DECADE + 1


def test_a_slider_stops_at_its_ends():
    slider = LogSlider("l2", 0.5, low=1e-3, high=10.0)
    assert slider.position(1e6) == slider.slider.max == 4 * STEPS_PER_DECADE + 1
    slider.slider.value = slider.slider.max
    assert slider.value == slider.number.value == 10.0
    slider.slider.value = 1
    assert slider.value == 1e-3


@pytest.mark.parametrize("wrong", [1.5, -0.1, math.nan, math.inf])
def test_a_number_that_no_slider_can_show_is_refused(wrong):
    slider = LogSlider("l2", 0.5, high=1.0)
    with pytest.raises(t.TraitError):
        slider.value = wrong
    assert (slider.value, slider.number.value) == (0.5, 0.5)
