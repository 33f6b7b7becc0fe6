"""Work beside training for a panel: what begins when, what is let go of, and what is said of it."""

import threading

import pytest

from cogrnn_lab.lab.engine import aside as asides
from cogrnn_lab.lab.engine.aside import ANSWERED, AT_WORK, WAITS, Aside, Pace

PATIENCE = 30.0


@pytest.fixture
def cores(monkeypatch) -> list[bool]:
    """Whether there is more than one core."""
    there = [True]
    monkeypatch.setattr(asides, "has_cores", lambda: there[0])
    return there


@pytest.fixture
def aside() -> Aside:
    return Aside("test", lambda: None)


def ask(aside: Aside, question: str, step: int, pace: Pace, value=1, **options) -> str:
    said = aside.want(question, step, lambda check: value, pace, **options)
    aside.wait(PATIENCE)
    return said


def test_a_question_is_answered_once_and_of_its_step(aside, cores):
    pace = Pace()
    assert ask(aside, "a", 3, pace) == AT_WORK
    assert (aside.answer.step, aside.answer.value) == (3, 1)
    assert ask(aside, "a", 3, pace) == ANSWERED
    assert ask(aside, "a", 4, pace, 2) == AT_WORK
    assert aside.of("a").value == 2
    assert aside.of("b") is None


def test_while_training_it_takes_its_share_of_the_time_and_no_only_core(aside, cores, monkeypatch):
    now, pace = [100.0], Pace()
    monkeypatch.setattr(asides.time, "monotonic", lambda: now[0])
    pace.rests = False
    assert ask(aside, "a", 1, pace) == AT_WORK, "what is asked for the first time"
    aside._began, aside._ended = 98.0, 100.0
    now[0] = 109.0
    assert ask(aside, "a", 2, pace) == WAITS, "2 s of 11"
    now[0] = 110.5
    assert ask(aside, "a", 2, pace) == AT_WORK
    cores[0] = False
    now[0] = 999.0
    assert ask(aside, "a", 3, pace) == WAITS
    assert ask(aside, "b", 3, pace) == WAITS
    assert ask(aside, "b", 3, pace, eager=True) == AT_WORK, "a person has just asked"
    pace.rests = True
    assert ask(aside, "a", 3, pace) == AT_WORK


def test_another_question_lets_go_of_the_one_before(aside, cores):
    began, go_on, ended, pace = threading.Event(), threading.Event(), [], Pace()

    def slow(check):
        began.set()
        go_on.wait(PATIENCE)
        check()
        ended.append(1)

    aside.want("slow", 1, slow, pace)
    assert began.wait(PATIENCE)
    assert aside.want("slow", 2, slow, pace) == AT_WORK, "it goes on with the network before"
    aside.want("b", 2, lambda check: 7, pace)
    go_on.set()
    aside.wait(PATIENCE)
    assert (ended, aside.answer.question, aside.answer.value) == ([], "b", 7)


def test_what_is_gone_is_let_go_of(aside, cores):
    go_on, pace = threading.Event(), Pace()
    aside.want("a", 1, lambda check: go_on.wait(PATIENCE), pace)
    pace.leave()
    go_on.set()
    aside.wait(PATIENCE)
    assert aside.answer is None


def test_what_cannot_be_answered_says_why_and_an_error_is_raised_where_it_is_drawn(aside, cores):
    def refuses(check):
        raise ValueError("there is one session")

    def fails(check):
        raise ZeroDivisionError("oh")

    aside.want("a", 1, refuses, Pace())
    aside.wait(PATIENCE)
    assert (aside.answer.value, aside.answer.why) == (None, "there is one session")
    aside.want("b", 1, fails, Pace())
    aside.wait(PATIENCE)
    with pytest.raises(ZeroDivisionError):
        aside.want("b", 1, fails, Pace())


def test_an_error_in_what_was_let_go_of_is_told_to_nobody(aside, cores):
    begun, go_on = threading.Event(), threading.Event()

    def fails(check):
        begun.set()
        go_on.wait(PATIENCE)
        raise ZeroDivisionError("oh")

    aside.want("b", 1, fails, Pace())
    assert begun.wait(PATIENCE)
    aside.forget()
    go_on.set()
    aside.wait(PATIENCE)
    assert aside.want("b", 2, lambda check: 5, Pace()) == AT_WORK
    aside.wait(PATIENCE)
    assert aside.of("b").value == 5


def test_nothing_begins_by_itself_where_the_caller_drives(aside, cores):
    pace = Pace()
    pace.by_itself = False
    assert ask(aside, "a", 1, pace) == WAITS
    aside.now()
    aside.wait(PATIENCE)
    assert aside.answer.value == 1
