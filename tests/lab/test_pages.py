"""What a page is told when it opens, and how long a page that falls behind is waited for."""

import ipywidgets as w
import pytest

from cogrnn_lab.lab.page.openings import Openings, parts
from cogrnn_lab.lab.page.pacing import Pacing


def test_widgets_are_found_within_lists_and_each_other_and_told_once():
    shared = w.Label("a")
    root = w.VBox([w.Box([shared]), w.HBox([shared, w.Tab([w.Text("b")])])])
    found = list(parts([root, shared]))
    assert len(found) == len({id(one) for one in found})
    assert sum(isinstance(one, w.Label) for one in found) == 1
    assert any(isinstance(one, w.Text) for one in found)


def test_of_looks_only_what_shows_and_hides_is_told():
    seen, hidden = w.Label("a"), w.Label("b")
    hidden.layout.display = "none"
    found = list(parts([w.Box([seen, hidden])]))
    assert hidden.layout in found
    assert seen.layout not in found
    assert hidden.style not in found


def test_what_is_put_in_later_is_told_to_the_next_page(monkeypatch):
    told = []
    monkeypatch.setattr(w.Widget, "send_state", lambda self, *_, **__: told.append(self))
    root = w.Box([])
    openings = Openings(root)
    late = w.Label("late")
    root.children = (late,)
    told.clear()
    openings.widget.value = "BoxModel"
    assert told.count(late) == 1, "that the text is set back is no other page"


def test_a_closed_lab_has_no_link_to_its_widgets():
    openings = Openings(w.Box([]))
    openings.close()
    assert openings._link.comm is None


@pytest.fixture
def pacing(clock) -> Pacing:
    """A page that has drawn the first of two drawings."""
    pacing = Pacing(clock, patience=2.0)
    pacing.note_drawn()
    pacing.echo.value = 1
    pacing.note_drawn()
    return pacing


@pytest.mark.parametrize(("waited", "is_ready"), [(0.0, False), (1.99, False), (2.0, False), (2.01, True)])
def test_a_silent_page_is_waited_for_as_long_as_patience_lasts(pacing, clock, waited, is_ready):
    clock.now += waited
    assert pacing.is_ready() is is_ready


def test_drawings_meanwhile_count_no_further_and_do_not_renew_patience(pacing, clock):
    clock.now = 1.5
    pacing.note_drawn()
    assert pacing.sent.value == 2
    clock.now = 2.1
    assert pacing.is_ready()


def test_after_a_time_out_the_next_drawing_is_waited_for_as_long_again(pacing, clock):
    clock.now = 3.0
    pacing.note_drawn()
    assert pacing.sent.value == 3
    assert not pacing.is_ready()
    pacing.echo.value = 2  # a late answer to the drawing before
    assert not pacing.is_ready()
    pacing.echo.value = 3
    assert pacing.is_ready()
