"""How far the students of a workshop are, shown as a table that follows what they answer."""

import sys
import time
from pathlib import Path

import pandas as pd

from cogrnn_lab.lab.workshop.answers import LONGEST_NAME
from cogrnn_lab.lab.workshop.progress import workshop_progress

EVERY = 2.0  # seconds between two looks at the folder
NO_QUESTIONS = ("student", "workshop", "right", "of", "trouble", "file")  # columns of the table
CLEAR = "\x1b[2J\x1b[H"  # a terminal's screen
SIGNS = {"right": "✓", "tried": "·", "": " "}
KEY = "✓ answered (with the number of tries where there were several), · tried, not answered yet"


def show_progress(folder: Path, *, follow: bool | None = None) -> int:
    """Print a row for each student, anew whenever something changes, until Ctrl-C; the exit code.

    Arguments: `follow` False for once; None: where it is a terminal.
    """
    follow = sys.stdout.isatty() if follow is None else follow
    shown = None
    try:
        while True:
            text = progress_text(workshop_progress(folder), folder)
            if text != shown:
                print(f"{CLEAR if follow else ''}{text}", flush=True)
                shown = text
            if not follow:
                return 0
            time.sleep(EVERY)
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(f"cogrnn-lab: {error}", file=sys.stderr)
        return 2


def progress_text(table: pd.DataFrame, folder: Path) -> str:
    """The table as lines of text; names and sentences of files cannot steer the terminal."""
    there = table[table["student"] != ""]
    if table.empty:
        return f"There are no answers of a workshop in {_plain(str(folder))} yet."
    lines = []
    if len(there):
        asked = [name for name in table.columns if name not in NO_QUESTIONS]
        wide = min(max(len("student"), *(len(name) for name in there["student"])), LONGEST_NAME)
        numbers = " ".join(f"{i + 1:>3}" for i in range(len(asked)))
        lines.append(f"{'student':<{wide}}  answered  {numbers}")
        for row in there.to_dict("records"):
            marks = " ".join(f"{_sign(str(row[name])):>3}" for name in asked)
            count = f"{row['right']} of {row['of']}"
            lines.append(f"{_plain(row['student']):<{wide}}  {count:>8}  {marks}")
        lines += ["", KEY, *(f"{i + 1:>3} {name.replace('_', ' ')}" for i, name in enumerate(asked))]
    for row in table[table["trouble"] != ""].to_dict("records"):
        lines.append(f"! {_plain(row['trouble'])}")
    return "\n".join(lines)


def _sign(told: str) -> str:
    """A mark of at most three characters."""
    word = told.partition(",")[0].partition(" ")[0]
    tries = "".join(letter for letter in told if letter.isdigit())
    return f"{SIGNS.get(word, ' ')}{tries if word == 'right' else ''}"[:3]


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
