"""Answers of a workshop: kept in a file for each student, and laid out for the teacher."""

import hashlib
import re
import unicodedata
from dataclasses import asdict, dataclass, field
from json import dumps
from pathlib import Path
from typing import Any

from cogrnn_lab.atomic_files import write_text
from cogrnn_lab.schemas import FileError, Flag, ListOf, MapOf, Number, Record, Text, Whole, read_json

CONTENT, ENDING = "answers of a workshop", ".answers.json"
LONGEST_NAME, LONGEST_ANSWER = 60, 200


@dataclass(frozen=True)
class AnyAnswer:
    """Schema of an answer: a text, a number, a list of texts, or null where something was to be done."""

    def check(self, value: Any, where: str) -> None:
        """Refuse all else."""
        if isinstance(value, list):
            ListOf(Text()).check(value, where)
        elif isinstance(value, str):
            Text().check(value, where)
        elif value is not None:
            Number(finite=True).check(value, where)


FILE = Record(
    {
        "content": Text((CONTENT,)),
        "workshop": Text(),
        "student": Text(),
        "answers": MapOf(
            Record({"answer": AnyAnswer(), "is_right": Flag(), "tries": Whole(1, 10_000)}, closed=True)
        ),
    },
    closed=True,
)


@dataclass(frozen=True)
class Answer:
    """The last answer to a question, whether it was right, and after how many tries; once right it stays."""

    answer: Any
    is_right: bool
    tries: int


@dataclass
class Answers:
    """The answers of a student, by the names of the questions."""

    workshop: str
    student: str
    answers: dict[str, Answer] = field(default_factory=dict)

    def note(self, question: str, answer: Any, *, is_right: bool) -> None:
        """Take an answer, unless there was a right one before."""
        before = self.answers.get(question)
        if before is None or not before.is_right:
            self.answers[question] = Answer(answer, is_right, 1 if before is None else before.tries + 1)

    def add(self, others: "Answers") -> None:
        """Take over what was answered elsewhere, where it is further than here."""
        for question, other in others.answers.items():
            own = self.answers.get(question)
            if own is None or (other.is_right, other.tries) > (own.is_right, own.tries):
                self.answers[question] = other

    @property
    def n_right(self) -> int:
        """How many questions have a right answer."""
        return sum(answer.is_right for answer in self.answers.values())

    def save(self, room: Path) -> Path:
        """Write them into the folder of the room, as a whole; what is further there is taken over first."""
        path = file_of(room, self.student)
        if path.is_file():
            self.add(read_answers(path))
        return write_text(path, dumps({"content": CONTENT, **asdict(self)}, indent=1, ensure_ascii=False))


def read_answers(path: Path) -> Answers:
    """Read what `save` wrote.

    Raises:
        FileError: The file is damaged, or no file of answers.
    """
    found = read_json(path, FILE, "its content")
    if checked_name(found["student"]) != found["student"]:
        raise FileError(f"'{path}' cannot be read: its student has no name as the lab writes it")
    answers = {name: Answer(**own) for name, own in found["answers"].items()}
    return Answers(found["workshop"], found["student"], answers)


def checked_name(student: str) -> str:
    """The name of a student as it is kept: spaces around it are not part of it.

    Raises:
        ValueError: It is empty, too long, or has characters that cannot be printed.
    """
    name = " ".join(unicodedata.normalize("NFC", student).split())
    if not name:
        raise ValueError("The name is empty: type the one under which answers are to be kept.")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"The name has {len(name)} characters, expected at most {LONGEST_NAME}: shorten it.")
    if not name.isprintable():
        raise ValueError("The name has characters that cannot be printed: type it anew.")
    return name


def file_of(room: Path, student: str) -> Path:
    """The file of a student in the folder of a room, whatever letters the name has.

    Its first part is for people; the second tells names apart that have the same letters and digits.
    """
    name = checked_name(student)
    letters = re.sub(r"\W+", "-", name.casefold(), flags=re.ASCII).strip("-")[:30] or "student"
    return room / f"{letters}-{hashlib.sha256(name.encode()).hexdigest()[:8]}{ENDING}"
