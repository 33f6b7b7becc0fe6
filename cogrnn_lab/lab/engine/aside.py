"""Answers to what a panel asks about the network, worked out beside training while somebody looks."""

import threading
import time
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from cogrnn_lab.lab.engine.beside import Beside, Check
from cogrnn_lab.lab.engine.explanation import SHARE, has_cores

AT_WORK, WAITS, ANSWERED = "at work", "waits", "answered"


@dataclass(frozen=True)
class Answer:
    """What a piece of work has come to.

    Fields:
        question: What was asked.
        step: Training steps that the network had taken.
        value: The result; None where there is none.
        why: Why there is none.
    """

    question: Hashable
    step: int
    value: Any = None
    why: str = ""


@dataclass(frozen=True)
class Wanted:
    """A question about the network at a step, and the work that answers it."""

    question: Hashable
    step: int
    work: Callable[[Check], Any]


class Pace:
    """When work beside training may begin, and all that was begun.

    Fields:
        rests: Nothing trains now.
        by_itself: It begins without being told to.
    """

    def __init__(self) -> None:
        self.rests = self.by_itself = True
        self._asides: weakref.WeakSet[Aside] = weakref.WeakSet()

    def note(self, aside: "Aside") -> None:
        """Take note of something that is at work now and then."""
        self._asides.add(aside)

    def leave(self) -> None:
        """Let go of all that is at work: the run, or the lab, is gone."""
        for aside in list(self._asides):
            aside.forget()


class Aside:
    """A place for the latest answer to one question at a time.

    `want(question, step, work, pace)` is called whenever the panel is drawn. Another question begins at
    once, and what was at work is let go of; the same one about a later network begins where training rests,
    or where such work has had no more than its share of the time. So what nobody looks at is not worked out.

    Arguments: `name` of the thread; `changed`, called from it when there is something to show.
    """

    def __init__(self, name: str, changed: Callable[[], None]):
        self._changed = changed
        self.answer: Answer | None = None
        self._wanted: Wanted | None = None  # what was asked for last
        self._asked: Wanted | None = None  # what is, or was, at work
        self._failed: Exception | None = None
        self._began = self._ended = -1e9
        self._lock = threading.Lock()
        self.beside = Beside(name, self._note_failure)

    def want(
        self, question: Hashable, step: int, work: Callable[[Check], Any], pace: Pace, *, eager: bool = False
    ) -> str:
        """Ask; says whether it is "answered", "at work", or "waits".

        `eager`: a new question begins at once also where training has the only core.
        """
        pace.note(self)
        with self._lock:
            if self._failed is not None:
                failed, self._failed = self._failed, None
                raise failed
            wanted = self._wanted = Wanted(question, step, work)
            same = self._is_busy_with(question)
            if self._is_answered(wanted):
                if self.beside.is_busy and not same:
                    self.beside.let_go()
                return ANSWERED
            if same:
                return AT_WORK
            is_new = self.answer is None or self.answer.question != question
            is_free = pace.rests or has_cores() or (eager and is_new)
            if not pace.by_itself or not is_free or not (is_new or pace.rests or self._has_share):
                return WAITS
            self._begin(wanted)
            return AT_WORK

    def now(self) -> None:
        """Begin what was asked for last, whether or not its time has come."""
        with self._lock:
            if self._wanted is not None and not self._is_answered(self._wanted):
                self._begin(self._wanted)

    def of(self, question: Hashable) -> Answer | None:
        """The answer to this question, of whichever step; None where there is none yet."""
        known = self.answer
        return known if known is not None and known.question == question else None

    def forget(self) -> None:
        """Let go of what is at work, and of the answer."""
        self.beside.let_go()
        with self._lock:
            self.answer = self._wanted = self._asked = self._failed = None

    def wait(self, timeout: float = 600.0) -> None:
        """Until nothing is at work any more."""
        self.beside.wait(timeout)

    def _is_answered(self, wanted: Wanted) -> bool:
        known = self.answer
        return known is not None and (known.question, known.step) == (wanted.question, wanted.step)

    def _is_busy_with(self, question: Hashable) -> bool:
        return self.beside.is_busy and self._asked is not None and self._asked.question == question

    @property
    def _has_share(self) -> bool:
        took = max(self._ended - self._began, 0.0)
        return time.monotonic() - max(self._began, self._ended) >= took / SHARE

    def _begin(self, wanted: Wanted) -> None:
        self._asked = wanted
        self.beside.begin(lambda check: self._work(wanted, check))

    def _work(self, wanted: Wanted, check: Check) -> None:
        self._began = time.monotonic()
        try:
            answer = Answer(wanted.question, wanted.step, wanted.work(check))
        except ValueError as error:  # what cannot be asked of these data is said by the analysis
            check()
            answer = Answer(wanted.question, wanted.step, why=str(error))
        finally:
            self._ended = time.monotonic()
        check()
        with self._lock:
            check()
            self.answer = answer
            self.beside.let_go()  # done: what is drawn for it may ask anew
        self._changed()

    def _note_failure(self, error: Exception, _: str) -> None:
        self._failed = error  # raised, and so told, when the panel is drawn
        self._changed()
