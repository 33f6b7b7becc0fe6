"""Sections of settings: every one and every kind is written and read back, and nothing else is taken."""

import json

import pytest
import traitlets as t

from cogrnn_lab.lab.settings.section import Number, OneOf, Section, Whole, parameters_of
from cogrnn_lab.lab.settings.state import LabState, ViewState

CHOICES = ("agent", "environment", "task", "recording", "accumulator", "clicks")
KINDS = [(name, kind) for name in CHOICES for kind in getattr(LabState().data, name).by_kind]
KINDS += [("model", kind) for kind in LabState().model.by_kind]


def choice_of(state: LabState, name: str) -> OneOf:
    return state.model if name == "model" else getattr(state.data, name)


def moved(section: Section) -> dict:
    """Another value for each setting, within its limits."""
    values = {}
    for name, trait in section.traits().items():
        value = getattr(section, name)
        if isinstance(trait, t.Int | t.Float) and trait.min is not None and trait.min == trait.max:
            continue  # there is no other
        if isinstance(trait, t.Bool):
            values[name] = not value
        elif isinstance(trait, t.Int):
            values[name] = value + 1 if trait.max is None or value < trait.max else value - 1
        elif isinstance(trait, t.Float):
            values[name] = (
                value * 0.5 + 0.25
                if trait.max is None
                else (value + (trait.max if value < trait.max else trait.min)) / 2
            )
        elif isinstance(trait, t.Tuple):
            values[name] = tuple(number + 0.5 for number in value)
    return values


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_the_numbers_of_every_kind_are_written_and_read_back(name, kind):
    state, other = LabState(), LabState()
    choice = choice_of(state, name)
    choice.kind = kind
    values = moved(choice.parameters)
    choice.parameters.set_quietly(**values)
    content = json.loads(json.dumps(choice.to_dict()))
    assert content["kind"] == kind
    back = choice_of(other, name)
    back.update({**content, "parameters": {k: tuple(v) if isinstance(v, list) else v
                                           for k, v in content["parameters"].items()}})  # fmt: skip
    assert back.kind == kind
    for setting, value in values.items():
        assert getattr(back.parameters, setting) == value


@pytest.mark.parametrize("name", ["training", "penalties"])
def test_a_section_is_written_and_read_back(name):
    state, other = LabState(), LabState()
    section = getattr(state, name)
    section.set_quietly(**moved(section))
    assert section.to_dict() != getattr(other, name).to_dict()
    getattr(other, name).update(section.to_dict())
    assert getattr(other, name).to_dict() == section.to_dict()


def test_what_only_this_visit_knows_is_not_written():
    state = LabState()
    assert set(state.to_dict()) == {"data", "model", "penalties", "training"}
    assert set(state.model.to_dict()) == {"kind", "parameters"}

    class Visit(Section):
        kept, seen = t.Int(1), t.Int(2).tag(transient=True)

    assert Visit().to_dict() == {"kept": 1}


class Inner(Section):
    number = t.Int(1)


class Outer(Section):
    first, inner, last = t.Int(0), t.Instance(Inner, ()), t.Int(0)


def test_missing_settings_stay_and_unknown_ones_are_refused_at_every_depth():
    outer = Outer()
    outer.first = 5
    outer.update({"inner": {"number": 7}})
    assert outer.to_dict() == {"first": 5, "inner": {"number": 7}, "last": 0}
    with pytest.raises(ValueError, match=r"unknown setting 'nubmer'; this section has number"):
        outer.update({"inner": {"nubmer": 3}})
    assert outer.inner.number == 7


def test_settings_are_listed_as_they_were_declared_and_not_by_name():
    assert Outer().own_names() == ["first", "inner", "last"]


def plain(n, *, size, rate=0.5, on=True, words="x", weights=(1.0, 2.0), mixed=(1, 2.0), key=None):
    """A constructor with arguments of every kind."""


def test_of_a_constructor_numbers_flags_and_tuples_of_numbers_are_settings():
    assert parameters_of(plain).to_dict() == {"rate": 0.5, "on": True, "weights": (1.0, 2.0)}
    assert parameters_of(plain, given=("rate",), sizes={"size": 16}).to_dict() == {
        "size": 16,
        "on": True,
        "weights": (1.0, 2.0),
    }


def test_each_of_several_constructors_keeps_its_own_numbers():
    choice = OneOf({"a": plain, "b": plain}, "b")
    assert choice.kind == "b"
    choice.parameters.rate = 0.1
    choice.kind = "a"
    assert choice.parameters.rate == 0.5
    choice.update({"kind": "b"})
    assert choice.parameters.rate == 0.1
    with pytest.raises(t.TraitError, match=r"kind is 'c', expected one of a, b"):
        choice.kind = "c"
    assert choice.parameters is choice.by_kind["b"]


def test_a_change_of_a_kind_that_is_not_picked_is_heard_too():
    choice, heard = OneOf({"a": plain, "b": plain}), []
    choice.on_change(lambda: heard.append(choice.kind))
    choice.by_kind["b"].rate = 0.9
    choice.kind = "b"
    assert heard == ["a", "b"]


class Limited(Section):
    share, count, least = Number(0.5, min=0, max=1), Whole(2, min=2, max=20), Number(1.0, min=0)


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("share", 1.5, r"share = 1\.5; expected 0 to 1"),
        ("count", 1, "count = 1; expected 2 to 20"),
        ("count", 2.5, r"count = 2\.5; expected 2 to 20"),
        ("share", float("nan"), "share = nan; expected 0 to 1"),
        ("least", -1, "least = -1; expected 0 or more"),
        ("share", "much", "share"),
    ],
)
def test_a_number_beyond_its_limits_is_refused_with_them(name, wrong, said):
    section = Limited()
    before = section.to_dict()
    with pytest.raises(t.TraitError, match=said):
        setattr(section, name, wrong)
    assert section.to_dict() == before


def test_an_offer_keeps_what_is_still_there_and_else_takes_the_first():
    view = ViewState()
    view.offer("session", range(10))
    view.session = 9
    view.offer("session", range(9, 12))
    assert view.session == 9
    view.offer("session", range(3))
    assert view.session == 0
    view.offer("session", range(3), 2)
    assert view.session == 2
    with pytest.raises(t.TraitError, match="session is 3, expected 0 to 2"):
        view.session = 3
    view.offer("condition", ("coherence", "delay"))
    with pytest.raises(t.TraitError, match="condition is '', expected one of coherence, delay"):
        view.condition = ""
