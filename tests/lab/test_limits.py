"""What a setting may be is what its control can show: every extreme through its control, and none beyond."""

from collections.abc import Iterator

import pytest
import traitlets as t

from cogrnn_lab.lab.controls.fields import control_for
from cogrnn_lab.lab.settings.section import OneOf, Section
from cogrnn_lab.lab.settings.state import SPLITS, LabState


def sections(section: Section) -> Iterator[Section]:
    """A section and all sections within it, those of constructors that are not picked as well."""
    yield section
    inner = [
        getattr(section, name) for name, trait in section.traits().items() if isinstance(trait, t.Instance)
    ]
    for one in [*inner, *(section.by_kind.values() if isinstance(section, OneOf) else ())]:
        if isinstance(one, Section):
            yield from sections(one)


NUMBERS = [
    (section, name)
    for section in sections(LabState())
    for name, trait in section.traits().items()
    if isinstance(trait, t.Int | t.Float)
]


def extremes(trait) -> list[float]:
    """The lowest and highest number that a trait allows, a large one where there is no limit."""
    far = 10**9 if isinstance(trait, t.Int) else 1e12
    ends = (trait.min, trait.max)
    return [
        sign * far if end is None or abs(end) > far else end for sign, end in zip((-1, 1), ends, strict=True)
    ]


@pytest.mark.parametrize(("section", "name"), NUMBERS, ids=[f"{type(s).__name__}.{n}" for s, n in NUMBERS])
def test_a_field_shows_the_extremes_of_its_setting(section, name):
    control = control_for(section, name)
    for value in extremes(section.traits()[name]):
        control.value = value
        assert control.value == value


@pytest.mark.parametrize("every", list(SPLITS))
def test_each_split_is_picked_from_both_sides(lab, every):
    lab.state.training.held_out = every
    held_out = lab.runner.run.held_out
    assert (held_out is None) == (every == 0)
    if every:
        assert held_out.n_sessions == -(-12 // every)


@pytest.mark.parametrize("every", [1, 4, 100, -2])
def test_a_split_that_no_control_offers_is_refused_before_it_is_set(lab, every):
    with pytest.raises(t.TraitError, match="held_out"):
        lab.state.training.held_out = every
    assert lab.state.training.held_out == 2
    assert lab.runner.run.held_out.n_sessions == 6


def test_sliders_of_penalties_show_what_training_takes(lab):
    for name, slider in lab.penalty_controls.sliders.items():
        highest = lab.state.penalties.traits()[name].max
        for weight in (0.0, 5.0, highest):
            setattr(lab.state.penalties, name, weight)
            assert slider.value == slider.number.value == weight
        assert slider.slider.value == slider.slider.max
        with pytest.raises(t.TraitError):
            setattr(lab.state.penalties, name, 2 * highest)
        slider.slider.value = 0
        assert getattr(lab.state.penalties, name) == 0.0
    lab.penalty_controls.all.value = 5.0
    assert {getattr(lab.state.penalties, group) for group in lab.model.groups} == {5.0}


def test_background_sliders_reach_as_far_as_the_axis(lab):
    lab.state.view.follow = False
    figure = lab.display["update_rules"]
    before = figure.x_axis.scale.max
    lab.state.model.parameters.max_latent = 5.0
    assert figure.x_axis.scale.max > before + 1
    for slider in figure.sliders.values():
        assert slider.max == pytest.approx(figure.x_axis.scale.max)
        assert slider.min == pytest.approx(figure.x_axis.scale.min)
    other = figure.shown[0]
    figure.sliders[other].value = slider.max
    assert lab.state.view.background[other] == slider.max


def test_a_tab_that_the_run_has_not_is_refused_before_it_is_set(lab):
    for tab in ("Subjects", "Weather"):
        with pytest.raises(t.TraitError, match="expected one of Trajectories"):
            lab.state.view.tab = tab
    assert lab.state.view.tab == lab.display.tabs.buttons.value == "Trajectories"


def test_exchanges_of_settings_within_others_make_one_run(lab):
    first = lab.runner.run_id
    with lab._quietly():
        with lab._quietly():
            lab.state.data.n_sessions = 14
        lab.state.data.n_trials = 25
    assert lab.runner.run_id == first, "the inner one ends, and the outer one still holds"
    lab.state.data.seed = 1
    assert lab.runner.run_id == first + 1
    assert lab.dataset.n_sessions == 14


@pytest.mark.parametrize(
    ("name", "wrong"), [("session", 12), ("latent", 3), ("subject", 1), ("alternative", 2), ("signal", 1)]
)
def test_what_the_run_has_not_is_refused_before_it_is_looked_at(lab, name, wrong):
    before = getattr(lab.state.view, name)
    with pytest.raises(t.TraitError, match=f"{name} is {wrong}, expected {before} to {wrong - 1}"):
        setattr(lab.state.view, name, wrong)
    assert getattr(lab.state.view, name) == before
    lab.runner.drive.turn()
    assert "Ready" in lab.top.message.value
