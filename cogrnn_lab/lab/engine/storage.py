"""Runs on disk.

A folder for each, with the trainer, the lab's settings and the uploaded table if there was one.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cogrnn_lab.analysis import latents
from cogrnn_lab.lab.data.table import Table, read_upload
from cogrnn_lab.lab.engine.run import LabRun

DEFAULT_FOLDER = "cogrnn_runs"
SETTINGS, TRAINER, TABLE_NAME, TABLE_FILE = "lab.json", "trainer.run", "table.json", "table.csv"
LATENTS = "latents.csv"


@dataclass(frozen=True)
class SavedRun:
    """What a run's folder holds.

    The lab's settings, the curve's marks, the table, and where the trainer lies.
    """

    settings: dict[str, Any]
    marks: list[int]
    boundary: int | None
    table: Table | None
    trainer: Path


class RunFolder:
    """All saved runs of a visit lie below one folder; nothing is read or written outside of it."""

    def __init__(self, root: str | Path = DEFAULT_FOLDER):
        self.root = Path(root)

    def names(self) -> list[str]:
        """Saved runs, newest first."""
        found = [path.parent for path in self.root.glob(f"*/{SETTINGS}")]
        return [path.name for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]

    def save(self, name: str, run: LabRun) -> Path:
        """Write a run; one of the same name is replaced."""
        folder = self._folder(name)
        folder.mkdir(parents=True, exist_ok=True)
        run.trainer.save(folder / TRAINER)
        if run.table is not None:
            (folder / TABLE_FILE).write_bytes(run.table.content)
        header = {
            "settings": run.settings,
            "marks": run.curve.marks,
            "boundary": run.curve.boundary,
            "table": None if run.table is None else run.table.name,
        }
        partial = folder / f"{SETTINGS}.partial"
        partial.write_text(json.dumps(header, indent=1))
        partial.replace(folder / SETTINGS)  # last: a folder with settings is complete
        return folder

    def open(self, name: str) -> SavedRun:
        """Read what `save` wrote."""
        folder = self._folder(name)
        if not (folder / SETTINGS).is_file():
            known = ", ".join(self.names()) or "none"
            raise ValueError(f'there is no saved run "{name}" in {self.root}; there are: {known}')
        header = json.loads((folder / SETTINGS).read_text())
        table = None
        if header["table"] is not None:
            table = read_upload(header["table"], (folder / TABLE_FILE).read_bytes())
        return SavedRun(header["settings"], header["marks"], header["boundary"], table, folder / TRAINER)

    def export_latents(self, name: str, run: LabRun) -> Path:
        """One row per trial with all columns and the latents, as CSV; returns the file."""
        folder = self._folder(name)
        folder.mkdir(parents=True, exist_ok=True)
        frame = run.dataset.to_dataframe(latents=latents(run.trainer.model, run.dataset))
        frame.to_csv(folder / LATENTS, index=False)
        return folder / LATENTS

    def _folder(self, name: str) -> Path:
        if not re.fullmatch(r"[\w][\w .+-]{0,79}", name) or name.endswith("."):
            raise ValueError(
                f'"{name}" cannot be the name of a run: use letters, digits, spaces, "-", "_" and ".", '
                f"beginning with a "
                "letter or digit"
            )
        return self.root / name
