"""A question of a workshop, and what is said to an answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cogrnn_lab.lab.workshop.shipped import ShippedNetwork

# How a question is answered: by one of some options, some of them, a number, or something done in the lab.
ONE, SOME, NUMBER, DO = "one", "some", "number", "do"


class NotAnswered(Exception):
    """Told instead of a verdict: the lab is not in the state that the question is about, and what to do."""


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and a sentence that says why; a wrong one does not give the right one away.

    `counts` is False where nothing was answered yet, as the lab showed something else.
    """

    is_right: bool
    sentence: str
    counts: bool = True


def no_options(lab: Any) -> list[str]:
    """Options of a question that has none."""
    return []


@dataclass(frozen=True)
class Question:
    """A question.

    Fields:
        name: By which its answer is kept.
        title: In two or three words.
        text: What is asked, or to be done.
        hint: Where to look.
        kind: ONE, SOME, NUMBER or DO.
        check: Function of the lab and the answer (an option, a list of them, a number, or None) that gives
            the verdict, or raises `NotAnswered`.
        network: The shipped network whose figures it is about; None: any run.
        options: Function of the lab that lists what can be answered.
        withheld: Names of panels that would tell the answer: they are shown when it is answered.
    """

    name: str
    title: str
    text: str
    hint: str
    kind: str
    check: Callable[[Any, Any], Verdict]
    network: ShippedNetwork | None = None
    options: Callable[[Any], list[str]] = no_options
    withheld: tuple[str, ...] = ()
