"""Of which step something is that was worked out beside training, and what goes on now."""

from typing import Any

from cogrnn_lab.lab.engine.aside import AT_WORK, Answer
from cogrnn_lab.lab.markup import Markup, join
from cogrnn_lab.lab.page.style import BUSY, late

WAITS = "Worked out when training pauses, as training has the only core."


def stamped(answer: Answer | None, state: str, step: int, what: str, work: str) -> Markup:
    """Tell the step of an answer, marked where the network is at another `step`; `work`, while it goes on."""
    said: list[Any] = []
    if answer is not None and answer.value is not None:
        stamp = f"{what} of step {answer.step:,}".strip()
        said.append(late(f"{stamp}, the network is at {step:,}") if answer.step != step else stamp)
    if state == AT_WORK:
        said.append(join([BUSY, work]))
    return join(said, " · ")


def in_its_place(answer: Answer | None, state: str) -> str:
    """Say why there is no answer to be seen: it is not there yet, or what it came to."""
    if answer is None:
        return "" if state == AT_WORK else WAITS
    return answer.why
