"""Windows of consecutive sessions of a subject, long enough to tell numbers from."""

from dataclasses import dataclass

import numpy as np

from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset

# A window has about so many choices, unless that leaves fewer windows than these.
CHOICES_OF_WINDOW, WINDOWS_WANTED = 200, 8
# With fewer windows no order of them is rare among all orders.
FEWEST_WINDOWS = 5


@dataclass(frozen=True)
class Window:
    """Consecutive sessions of a subject.

    Fields:
        subject: Its name.
        number: Place of the window among the subject's, from 1.
        sessions: Indices of the sessions in the data set, in its order.
        position: Mean number of these sessions among the subject's, from 1.
        n_choices: Choices that count.
    """

    subject: str
    number: int
    sessions: np.ndarray
    position: float
    n_choices: int


def windows_of(dataset: Dataset, size: int | None) -> tuple[list[Window], int, tuple[str, ...]]:
    """The windows of all subjects that have enough of them, sessions in one, and subjects left out.

    Sessions are taken in the order of the data set. Those that are left over join the last window.
    """
    counted = np.asarray(dataset.mask)[..., 0].sum(1)
    own = {
        dataset.subject_names[one]: np.flatnonzero((dataset.subject == one) & (counted > 0))
        for one in dataset.subjects
    }
    if size is None:
        median = float(np.median([len(sessions) for sessions in own.values()]))
        enough = int(np.ceil(CHOICES_OF_WINDOW / max(counted[counted > 0].mean(), 1)))
        size = max(1, min(enough, int(median) // WINDOWS_WANTED))
    size = checked_count(size, "window", of="sessions")
    made, left_out = [], []
    for subject, sessions in own.items():
        n = len(sessions) // size
        if n < FEWEST_WINDOWS:
            left_out.append(subject)
            continue
        ends = [*(size * np.arange(1, n)), len(sessions)]
        for number, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True), 1):
            inside = sessions[start:end]
            middle = (start + 1 + end) / 2
            made.append(Window(subject, number, inside, middle, int(counted[inside].sum())))
    if not made:
        most = max((len(sessions) for sessions in own.values()), default=0)
        raise ValueError(
            f"no subject has {FEWEST_WINDOWS} windows of {size} session{'s' if size > 1 else ''}: the most "
            f"that one has is {most} session{'s' if most != 1 else ''}. With fewer no order of them is rare"
        )
    return made, size, tuple(left_out)
