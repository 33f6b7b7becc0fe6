"""How far the students of a workshop are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from cogrnn_lab.lab.workshop.answers import ENDING, Answer, Answers, read_answers
from cogrnn_lab.lab.workshop.workshop import WORKSHOPS

RIGHT, TRIED = "right", "tried"
MOST_BYTES = 1_000_000  # of a file of answers


def workshop_progress(folder: str | Path) -> pd.DataFrame:
    """Lay out how far the students of a workshop are.

    Arguments:
        folder: That of the room, or one with the folders of several rooms or students in it.

    Returns:
        A row for each student, by name: `student`, `workshop`, `right` (how many questions are answered),
        `of` (how many there are), a column for each question ("right", "right, 3 tries", "tried once" or
        "tried 4 times", "" where it was not tried), `trouble` and `file`. A file that cannot be read has a
        row without a student, and its sentence under `trouble`.

    Raises:
        FileNotFoundError: There is no such folder.

    Example:
        >>> import tempfile
        >>> import cogrnn_lab as cl
        >>> len(cl.workshop_progress(tempfile.mkdtemp()))
        0
    """
    place = Path(folder)
    if not place.is_dir():
        raise FileNotFoundError(f"there is no folder {str(place)!r}; expected that of a workshop's room")
    rows = sorted(_rows(place), key=lambda row: (row["student"] == "", row["student"].casefold()))
    asked = dict.fromkeys(name for row in rows for name in _questions(row["workshop"]))
    columns = ["student", "workshop", "right", "of", *asked, "trouble", "file"]
    return pd.DataFrame([dict.fromkeys(asked, "") | row for row in rows], columns=pd.Index(columns))


def _questions(workshop: str) -> list[str]:
    return [question.name for question in WORKSHOPS.get(workshop, ())]


def _rows(place: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(place.rglob(f"*{ENDING}")):
        row: dict[str, Any] = {"student": "", "workshop": "", "right": 0, "of": 0, "trouble": ""}
        try:
            if path.stat().st_size > MOST_BYTES:
                raise ValueError(f"{path.name!r} is larger than answers can be")
            own = _known(read_answers(path))
        except FileNotFoundError:  # it went meanwhile
            continue
        except (OSError, ValueError) as error:
            yield row | {"trouble": str(error), "file": str(path)}
            continue
        names = _questions(own.workshop)
        told = {name: _told(own.answers[name]) for name in names if name in own.answers}
        n_right = sum(own.answers[name].is_right for name in told)
        yield row | {"student": own.student, "workshop": own.workshop, "file": str(path)} | told | {
            "right": n_right, "of": len(names), "trouble": _strangers(own, names)
        }  # fmt: skip


def _known(own: Answers) -> Answers:
    """These answers; refused where they are of a workshop that this version does not have."""
    if own.workshop not in WORKSHOPS:
        raise ValueError(
            f"the answers of {own.student!r} are of the workshop {own.workshop!r}, which is not known here; "
            f"expected {', '.join(WORKSHOPS)}"
        )
    return own


def _strangers(own: Answers, names: list[str]) -> str:
    """A sentence on answers to questions that this version does not ask, "" where there are none."""
    strangers = [repr(name) for name in own.answers if name not in names]
    if not strangers:
        return ""
    return f"not counted: answers to {', '.join(strangers)}, which this version does not ask"


def _told(answer: Answer) -> str:
    if answer.is_right:
        return RIGHT if answer.tries == 1 else f"{RIGHT}, {answer.tries} tries"
    return f"{TRIED} once" if answer.tries == 1 else f"{TRIED} {answer.tries} times"
