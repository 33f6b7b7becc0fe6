"""The discovery of a saved run, in a folder beside its file, which names it."""

import secrets
import shutil
from pathlib import Path
from typing import Any

from cogrnn_lab.discovery.findings import FINDINGS_FILE

START = "discovery-"


def keep_discovery(folder: Path, course: Any) -> str | None:
    """Write a finished discovery below the folder of a run, unless it is there already; its folder's name.

    Every discovery has a name of its own. So the run's file, which is written afterwards, names the one that
    belongs to it whenever the process is ended.
    """
    if course.found is None:
        return None
    course.saved_as = course.saved_as or f"{START}{secrets.token_hex(4)}"
    if not (folder / course.saved_as / FINDINGS_FILE).is_file():  # which is written last
        course.found.save(folder / course.saved_as)
    return course.saved_as


def forget_discoveries(folder: Path, *, but: str | None) -> None:
    """Delete the discoveries that the run's file no longer names."""
    for path in folder.glob(f"{START}*"):
        if path.is_dir() and path.name != but:
            shutil.rmtree(path, ignore_errors=True)


def discovery_in(folder: Path, name: Any) -> Path:
    """The folder of this name; `ValueError` where a file names one that cannot be its own."""
    if not isinstance(name, str) or not name.startswith(START) or Path(name).name != name:
        raise ValueError(f"the run in {folder} names {name!r} as its discovery, which is none of a run's")
    return folder / name
