"""One piece of work at a time beside training, let go of when nobody waits for it any more."""

import threading

import pytest

from cogrnn_lab.lab.engine.beside import Beside

PATIENCE = 20.0


@pytest.fixture
def failed() -> list[str]:
    return []


@pytest.fixture
def beside(failed) -> Beside:
    return Beside("a test", lambda error, trace: failed.append(f"{error} {'Traceback' in trace}"))


def test_what_is_let_go_of_ends_at_its_next_check_and_says_nothing(beside, failed):
    began, go_on, done = threading.Event(), threading.Event(), []

    def work(check) -> None:
        began.set()
        go_on.wait(PATIENCE)
        check()
        done.append("never")

    beside.begin(work)
    assert began.wait(PATIENCE)
    assert beside.is_busy
    beside.let_go()
    assert not beside.is_busy
    go_on.set()
    beside.wait(PATIENCE)
    assert (done, failed) == ([], [])


def test_another_piece_begins_when_the_one_before_has_ended(beside):
    order, began, go_on = [], threading.Event(), threading.Event()

    def first(check) -> None:
        began.set()
        go_on.wait(PATIENCE)
        order.append("first")

    beside.begin(first)
    assert began.wait(PATIENCE)
    beside.begin(lambda check: order.append("second"))
    assert beside.is_busy
    go_on.set()
    beside.wait(PATIENCE)
    assert order == ["first", "second"]
    assert not beside.is_busy


def test_however_often_it_is_asked_for_there_is_one_thread_and_the_last_piece_is_done(beside):
    """Each was a thread that waited for the one before: a hundred presses made a hundred threads."""
    done, began, go_on = [], threading.Event(), threading.Event()

    def first(check) -> None:
        began.set()
        go_on.wait(PATIENCE)

    beside.begin(first)
    assert began.wait(PATIENCE)
    for number in range(100):
        beside.begin(lambda check, number=number: done.append(number))
    assert sum(thread.name == "a test" for thread in threading.enumerate()) == 1
    go_on.set()
    beside.wait(PATIENCE)
    assert done == [99]
    assert not beside.is_busy


def test_an_error_is_told_once_and_the_next_piece_works(beside, failed):
    def wrong(check) -> None:
        raise ValueError("no rewards")

    beside.begin(wrong)
    beside.wait(PATIENCE)
    assert failed == ["no rewards True"]
    assert not beside.is_busy
    done = []
    beside.begin(lambda check: done.append(1))
    beside.wait(PATIENCE)
    assert done == [1]


def test_what_cannot_be_told_has_ended_too(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda _: None)  # it is raised in the thread

    def failed(error, trace) -> None:
        raise OSError("the page is gone")

    beside = Beside("a test", failed)

    def wrong(check) -> None:
        raise ValueError("no rewards")

    beside.begin(wrong)
    beside.wait(PATIENCE)
    assert not beside.is_busy
