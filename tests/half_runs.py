"""Runs of which only what a test is about is there: no data, no network, nothing compiled."""

from typing import Any

from cogrnn_lab.lab.engine.run import LabRun


def part_of(kind: type, **parts: Any) -> Any:
    """An object of a class that has these attributes alone."""
    made = object.__new__(kind)
    for name, value in parts.items():
        object.__setattr__(made, name, value)
    return made


def half_run(**parts: Any) -> LabRun:
    """A run without held-out sessions and curriculum unless they are given."""
    return part_of(LabRun, **{"held_out": None, "curriculum": None, **parts})
