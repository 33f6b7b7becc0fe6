"""Which panels are up for a run and whose turn it is to be drawn."""

from types import SimpleNamespace

import ipywidgets as w
import pytest
from half_runs import half_run

from cogrnn_lab.lab import display as displays
from cogrnn_lab.lab import panel as panels
from cogrnn_lab.lab.display import AT_ONCE, Display
from cogrnn_lab.lab.panel import Panel
from cogrnn_lab.lab.settings.state import LabState, ViewState

CHOICES = half_run()
TASK = half_run(
    curriculum=SimpleNamespace(stages=[LabState().data.task.make()]), trainer=SimpleNamespace(stage=0)
)
drawn: list[str] = []


class Plain(Panel):
    name, title, place, concerns, every = "plain", "Plain", 20.0, ("session",), 1.0

    def __init__(self, state):
        super().__init__(state)
        self.widget = self.frame((), w.Label(self.name))

    def draw(self, run, view):
        drawn.append(self.name)


class Early(Plain):
    name, place, concerns, every = "early", 10.0, ("latent",), 5.0


class Cheap(Plain):
    name, place, is_cheap = "cheap", 30.0, True


class OfTasks(Plain):
    name, place = "of tasks", 5.0

    def is_for(self, run):
        return run.task is not None


class Tabbed(Plain):
    name, place, tab = "tabbed", 15.0, "Trajectories"


class OtherTab(Plain):
    name, place, tab = "other tab", 25.0, "Subjects"


KINDS = (Plain, Early, Cheap, OfTasks, Tabbed, OtherTab)


@pytest.fixture
def display(monkeypatch, clock) -> Display:
    """A display of the panels of this file alone, with nothing drawn yet."""
    monkeypatch.setattr(displays, "registered", lambda more: sorted(KINDS, key=lambda kind: kind.place))
    drawn.clear()
    made = Display(ViewState(), clock)
    monkeypatch.setattr(made.view, "begin", lambda run: None)
    return made


def draw_all(display: Display) -> list[str]:
    drawn.clear()
    while display.draw(all_of_it=True):
        pass
    return list(drawn)


def up(display: Display) -> list[str]:
    """Names of what is up, "tabs" for the place that some share."""
    names = {id(panel.widget): name for name, panel in display.panels.items()}
    return [names.get(id(one), "tabs") for one in display.widget.children]


def test_panels_stand_in_the_order_of_their_places_and_tabs_share_the_first(display):
    display.show_run(CHOICES)
    assert up(display) == ["early", "tabs", "plain", "cheap"]
    assert display.tabs.buttons.options == ("Trajectories", "Subjects")


def test_a_panel_that_is_not_for_the_run_is_neither_up_nor_drawn(display):
    display.show_run(CHOICES)
    assert "of tasks" not in draw_all(display)
    display.mark("of tasks")
    assert draw_all(display) == []
    display.show_run(TASK)
    assert up(display) == ["of tasks"]
    assert draw_all(display) == ["of tasks"]


def test_cheap_panels_come_first_and_figures_of_other_tabs_wait(display):
    display.show_run(CHOICES)
    assert draw_all(display) == ["cheap", "early", "tabbed", "plain"]
    display.state.tab = "Subjects"
    assert draw_all(display) == ["other tab"]


def test_without_a_run_nothing_is_drawn(display):
    display.mark("plain")
    assert display.draw(all_of_it=True) is False
    assert drawn == []


def test_while_training_one_panel_a_turn_and_each_in_its_time(display, clock):
    display.show_run(CHOICES)
    draw_all(display)
    display.mark_trained()
    assert draw_of(display) == [], "all were drawn this moment"
    clock.now += 1.0
    assert draw_of(display) == ["cheap", "tabbed"], "a cheap one and the first of the others"
    assert draw_of(display) == ["plain"]
    assert draw_of(display) == []
    clock.now += 4.0
    assert draw_of(display) == ["early"], "every five seconds"


def draw_of(display: Display) -> list[str]:
    """What one turn draws while the network trains."""
    drawn.clear()
    display.draw(all_of_it=False)
    return list(drawn)


def test_a_selection_is_drawn_at_once_in_the_panels_that_it_concerns(display):
    display.show_run(CHOICES)
    draw_all(display)
    display.mark_concerned("latent")
    assert draw_of(display) == ["early"]
    assert display.concerns == ["latent", "session"]


def test_what_a_person_asked_for_is_drawn_before_training_goes_on(display, clock, monkeypatch):
    """Each of these panels waited for a chunk of training, one after the other."""
    display.show_run(CHOICES)
    draw_all(display)
    display.mark_concerned("session")
    assert draw_of(display) == ["cheap", "tabbed", "plain"]

    def slowly(self, run, view) -> None:
        drawn.append(self.name)
        clock.now += AT_ONCE

    monkeypatch.setattr(Tabbed, "draw", slowly)
    display.mark_concerned("session")
    assert draw_of(display) == ["cheap", "tabbed"], "training must not wait for long"
    assert draw_of(display) == ["plain"]


def test_a_panel_asks_to_be_drawn_and_wakes_the_lab(display):
    woken = []
    display.wake = lambda: woken.append(1)
    display.show_run(CHOICES)
    draw_all(display)
    display.panels["plain"].ask()
    assert woken == [1]
    assert draw_all(display) == ["plain"]


def test_only_the_first_drawing_of_a_run_makes_widgets(display):
    made = []

    def make(drawing) -> None:
        made.append(1)
        drawing()

    display.show_run(TASK)
    display.draw(all_of_it=True, make=make)
    display.mark("of tasks")
    display.draw(all_of_it=True, make=make)
    assert (len(made), len(drawn)) == (1, 2)
    display.show_run(TASK)
    display.draw(all_of_it=True, make=make)
    assert len(made) == 2, "another run begins anew"


def test_a_page_that_has_not_drawn_is_sent_nothing_while_training(display):
    display.show_run(CHOICES)
    display.pacing.sent.value, display.pacing.echo.value = 3, 2
    assert draw_of(display) == []
    assert draw_all(display) != [], "when nothing trains, what is due is drawn in any case"


@pytest.fixture
def registry(monkeypatch):
    panels.registered()  # which registers those of the package, the first time: not in the copy alone
    monkeypatch.setattr(panels, "_registry", dict(panels._registry))


def test_registering_is_a_decorator_that_may_be_run_again(registry):
    @panels.register
    class Mine(Plain):
        name = "mine"

    @panels.register
    class Again(Plain):
        name, place = "mine", -1.0

    kinds = panels.registered()
    assert Mine not in kinds
    assert kinds[0] is Again, "it stands first"
    assert panels.registered([Again]) == kinds, "the same class twice is one panel"
    with pytest.raises(ValueError, match='two panels of the name "mine"; give Mine another'):
        panels.registered([Mine])


@pytest.mark.parametrize("wrong", [object(), w.Label, "learning"])
def test_what_is_no_class_of_panels_is_refused(registry, wrong):
    before = dict(panels._registry)
    with pytest.raises(TypeError, match=r"is no kind of panel; expected a subclass of cl\.lab\.Panel"):
        panels.register(wrong)
    assert panels._registry == before


def test_a_panel_without_a_title_or_a_drawing_says_so(registry):
    class Untitled(Plain):
        name, title = "untitled", ""

    with pytest.raises(ValueError, match=r'Untitled has no title; expected title = "\.\.\."'):
        panels.register(Untitled)
    with pytest.raises(NotImplementedError, match=r"Panel has no draw\(run, view\)"):
        Panel(ViewState()).draw(CHOICES, None)
