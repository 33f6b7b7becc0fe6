"""Runs on disk.

A folder for each. One file in it holds the trainer, the lab's settings and the uploaded table if there was
one, so that no two of them can be of different runs. It names the folder beside it that has the discovery,
where there is one. The latents are put beside it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cogrnn_lab.analysis import latents
from cogrnn_lab.atomic_files import delete, write_text
from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery import load_discovery
from cogrnn_lab.lab.data.table import Table, read_upload
from cogrnn_lab.lab.engine.branch import BRANCH, Branch
from cogrnn_lab.lab.engine.course import Course
from cogrnn_lab.lab.engine.kept.discovery_files import discovery_in, forget_discoveries, keep_discovery
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.settings.state import LabState
from cogrnn_lab.schemas import (
    Anything,
    FileError,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Text,
    Whole,
    read_json,
    taking_apart,
)
from cogrnn_lab.training import Trainer
from cogrnn_lab.training.archive import Header, read_archive, write_archive
from cogrnn_lab.training.checkpoint import TRAINER, restored_trainer, trainer_archive

DEFAULT_FOLDER = "cogrnn_runs"
RUN = "lab.run"  # a trainer's file, which `Trainer.load` reads too, with these two beside what that needs:
SETTINGS, TABLE = "lab", "lab_table"
LATENTS = "latents.csv"
# The first versions wrote three files. The settings were the last of them.
EARLIER_SETTINGS, EARLIER_TRAINER, EARLIER_TABLE = "lab.json", "trainer.run", "table.csv"

LAB = Record(
    {
        "settings": Record(
            {"data": MapOf(Anything())}, {"penalties": MapOf(Anything()), "training": MapOf(Anything())}
        ),
        "marks": ListOf(Whole()),
        "boundary": Maybe(Whole()),
        "table": Maybe(Text()),
    },
    {"branch": Maybe(BRANCH), "discovery": Maybe(Text())},
)


@dataclass(frozen=True)
class SavedRun:
    """Content of a run's file: the lab's settings, the curve's marks, the table, and the trainer.

    `discovery` is the folder of the discovery that was saved with it.
    """

    settings: dict[str, Any]
    marks: list[int]
    boundary: int | None
    table: Table | None
    header: Header
    arrays: Mapping[str, np.ndarray]
    branch: Branch | None = None
    discovery: Path | None = None

    def course(self) -> tuple[Course, str]:
        """The discovery that was saved with the run, or none; and a sentence where it cannot be read."""
        if self.discovery is None:
            return Course(), ""
        try:
            return Course.of(load_discovery(self.discovery), saved_as=self.discovery.name), ""
        except (OSError, ValueError) as error:
            return Course(), f"The discovery that was saved with it cannot be read: {error}"

    def trainer(self, train: Any, valid: Dataset | None) -> Trainer:
        """The trainer, on the data or the curriculum that it was saved on."""
        return restored_trainer(Trainer, self.header, self.arrays, train, valid)


class RunFolder:
    """All saved runs of a visit lie below one folder; nothing is read or written outside of it."""

    def __init__(self, root: str | Path = DEFAULT_FOLDER):
        self.root = Path(root)

    def names(self) -> list[str]:
        """Saved runs, newest first."""
        saved: dict[str, float] = {}
        for file in (EARLIER_SETTINGS, RUN):
            saved |= {path.parent.name: path.stat().st_mtime for path in self.root.glob(f"*/{file}")}
        return sorted(saved, key=lambda name: saved[name], reverse=True)

    def save(self, name: str, run: LabRun) -> Path:
        """Write a run; one of the same name is replaced, at once and as a whole."""
        folder = self.place(name)
        header, arrays = trainer_archive(run.trainer)
        header[SETTINGS] = {
            "settings": run.settings,
            "marks": run.curve.marks,
            "boundary": run.curve.boundary,
            "table": None if run.table is None else run.table.name,
            "branch": None if run.branch is None else run.branch.to_header(),
            "discovery": keep_discovery(folder, run.course),
        }
        if run.table is not None:
            arrays[TABLE] = np.frombuffer(run.table.content, np.uint8)
        write_archive(folder / RUN, header, arrays)
        forget_discoveries(folder, but=header[SETTINGS]["discovery"])
        # Only now, and nobody asks for them any more: where there is a RUN, that is what is read.
        earlier = (EARLIER_SETTINGS, EARLIER_TRAINER, EARLIER_TABLE, f"{EARLIER_SETTINGS}.partial")
        delete([path for path in (folder / file for file in earlier) if path.is_file()])
        return folder

    def open(self, name: str) -> SavedRun:
        """Read what `save` wrote."""
        folder = self.place(name)
        if (folder / RUN).is_file():
            header, arrays = read_archive(folder / RUN, "trainer", schema=TRAINER)
            if SETTINGS not in header:
                raise FileError(f"{folder / RUN} is a trainer's file without the settings of a lab")
            lab, content = header[SETTINGS], arrays.get(TABLE)
            saved = _saved_run(lab, None if content is None else content.tobytes(), header, arrays)
            with taking_apart(header):
                branch, discovery = lab.get("branch"), lab.get("discovery")
                return replace(
                    saved,
                    branch=None if branch is None else Branch.from_header(branch),
                    discovery=None if discovery is None else discovery_in(folder, discovery),
                )
        if (folder / EARLIER_SETTINGS).is_file():
            return _open_earlier(folder)
        known = ", ".join(self.names()) or "none"
        raise ValueError(f'there is no saved run "{name}" in {self.root}; there are: {known}')

    def export_latents(self, name: str, run: LabRun) -> Path:
        """One row per trial with all columns and the latents, as CSV; returns the file."""
        folder = self.place(name)
        frame = run.dataset.to_dataframe(latents=latents(run.trainer.model, run.dataset))
        return write_text(folder / LATENTS, frame.to_csv(index=False))

    def place(self, name: str) -> Path:
        """The folder of a run, which need not exist; `ValueError` where the name would lead elsewhere."""
        if not re.fullmatch(r"[\w][\w .+-]{0,79}", name) or name.endswith("."):
            raise ValueError(
                f'"{name}" cannot be the name of a run: use letters, digits, spaces, "-", "_" and ".", '
                "beginning with a letter or digit"
            )
        return self.root / name


def check_settings(saved: SavedRun, networks: Mapping[str, Any]) -> None:
    """Refuse settings that the lab could not take, before any of them is taken.

    Arguments: `networks`, constructors by name, that the lab knows.
    """
    with taking_apart(saved.header):
        trial = LabState(networks)
        trial.penalties.offer(saved.settings.get("penalties", {}))
        trial.update(saved.settings)


def _open_earlier(folder: Path) -> SavedRun:
    try:
        lab = read_json(folder / EARLIER_SETTINGS, LAB, "the settings")
        content = None if lab["table"] is None else (folder / EARLIER_TABLE).read_bytes()
        header, arrays = read_archive(folder / EARLIER_TRAINER, "trainer", schema=TRAINER)
    except (OSError, FileError) as error:
        raise FileError(
            f"the run in {folder} is damaged ({error}): an earlier version kept a run in "
            f"three files, {EARLIER_SETTINGS}, {EARLIER_TRAINER} and {EARLIER_TABLE}, and was ended while it "
            "wrote them"
        ) from error
    return _saved_run(lab, content, header, arrays)


def _saved_run(lab: Any, content: bytes | None, header: Header, arrays: Mapping[str, np.ndarray]) -> SavedRun:
    with taking_apart(header):
        LAB.check(lab, "its settings of the lab")
        table = None if lab["table"] is None else read_upload(lab["table"], content or b"")
        return SavedRun(lab["settings"], lab["marks"], lab["boundary"], table, header, arrays)
