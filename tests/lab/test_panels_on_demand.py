"""Panels are made when a page shows their place, or when Python asks for one, and not before."""

from types import SimpleNamespace

import ipywidgets as w
import pytest
from half_runs import half_run
from ipywidgets.widgets import widget as every

import cogrnn_lab as cl
from cogrnn_lab.lab import display as displays
from cogrnn_lab.lab.display import Display
from cogrnn_lab.lab.page import style
from cogrnn_lab.lab.page.style import shared_style
from cogrnn_lab.lab.panel import Panel
from cogrnn_lab.lab.panels_on_demand import LATER
from cogrnn_lab.lab.settings.state import TABLE, LabState, ViewState

told: list[str] = []


class Plain(Panel):
    """It says what becomes of it."""

    name, title, place = "plain", "Plain & simple", 20.0
    concerns = ("session",)

    def __init__(self, state):
        super().__init__(state)
        told.append(f"{self.name} made")
        self.widget = self.frame((), w.Label(self.name))

    def begin(self, run, view):
        told.append(f"{self.name} begun")

    def draw(self, run, view):
        told.append(f"{self.name} drawn")


class First(Plain):
    name, place, is_first = "first", 10.0, True


class Under(Plain):
    name, place, under = "under", 15.0, "first"


class Tabbed(Plain):
    name, place, tab = "tabbed", 30.0, "Trajectories"


class OfTasks(Plain):
    name, place = "of tasks", 40.0

    def is_for(self, run):
        assert self.state is not None
        return not super().is_for(run)


KINDS = [First, Under, Plain, Tabbed, OfTasks]


@pytest.fixture
def display(monkeypatch, clock) -> Display:
    monkeypatch.setattr(displays, "registered", lambda more: KINDS)
    told.clear()
    made = Display(ViewState(), clock, later=True)
    monkeypatch.setattr(made.view, "begin", lambda run: None)
    assert told == ["first made"]
    made.show_run(half_run())
    assert told == ["first made", "first begun"], "what a panel is for can be asked before it is made"
    told.clear()
    return made


def draw_all(display: Display) -> None:
    while display.draw(all_of_it=True):
        pass


def places(display: Display) -> list[w.Button]:
    """Buttons in the places of panels that were not made."""
    stack, plain, tabs = display.widget.children
    return [stack.children[1], plain, *tabs.children[1].children]


def test_in_the_place_of_a_panel_stands_a_button_of_its_title(display):
    buttons = places(display)
    assert [one.description for one in buttons] == ["Plain & simple"] * 3
    assert all(LATER in one._dom_classes for one in buttons)
    assert "cog-wide" in buttons[2]._dom_classes, "it takes the room that the panel will take"
    display.mark_trained()
    draw_all(display)
    assert told == ["first drawn"], "nothing is drawn that nobody sees"


def test_the_button_makes_the_panel_and_has_it_drawn_in_its_turn(display):
    woken = []
    display.wake = lambda: woken.append(1)
    for button, name in zip(places(display), ("under", "plain", "tabbed"), strict=True):
        told.clear()
        button.click()
        assert told == [f"{name} made", f"{name} begun"]
        draw_all(display)
        assert told[-1] == f"{name} drawn"
        button.click()  # a second page pressed it, too
        assert told[-1] == f"{name} drawn"
    assert len(woken) == 3
    up = display.widget.children
    assert up[0].children == (display["first"].widget, display["under"].widget)
    assert up[1] is display["plain"].widget
    assert display.tabs.place.children == (display["tabbed"].widget,)
    assert set(display.panels.made) == {"first", "under", "plain", "tabbed"}


def test_python_gets_a_panel_that_is_drawn(display):
    assert display["plain"].title == "Plain & simple"
    assert told == ["plain made", "plain begun", "plain drawn"]
    assert display.widget.children[1] is display["plain"].widget
    told.clear()
    assert display["of tasks"].name == "of tasks"
    assert told == ["of tasks made"], "it is not for this run"
    assert list(display.panels) == [kind.name for kind in KINDS]
    assert display.concerns == ["session"]
    with pytest.raises(KeyError):
        display["none"]


def test_another_run_begins_in_what_was_made_and_goes_on_waiting_in_the_rest(display):
    places(display)[1].click()
    told.clear()
    display.show_run(half_run())
    assert told == ["first begun", "plain begun"]
    on_task = SimpleNamespace(stages=[LabState().data.task.make()])
    display.show_run(half_run(curriculum=on_task, trainer=SimpleNamespace(stage=0)))
    assert [one.description for one in display.widget.children] == ["Plain & simple"]


def test_a_page_opens_with_few_widgets_and_those_of_ones_own_wait_too(run_async, small_state, tmp_path):
    """It opened 3,502: those of all panels, and of all agents, environments, tasks and sources."""

    class Mine(Plain):
        name = "mine"

    async def main():
        before = set(every._instances)
        lab = cl.Lab(state=small_state(), runner="cooperative", panels=[Mine], folder=tmp_path)
        assert len(set(every._instances) - before) < 520
        assert "mine" not in lab.display.panels.made
        assert lab.display["mine"].title == "Plain & simple"
        lab.state.data.source = TABLE
        assert lab.data_controls.fields.children == (lab.data_controls.table.widget,)
        lab.close()

    run_async(main())


def test_a_style_that_was_closed_with_all_widgets_is_made_anew(monkeypatch):
    monkeypatch.setattr(style, "_shared", {})  # those of other labs stay open
    one = shared_style(w.Text)
    assert shared_style(w.Text) is one
    one.close()
    assert shared_style(w.Text) is not one
    assert w.Text(style=shared_style(w.Text)).style is shared_style(w.Text)
