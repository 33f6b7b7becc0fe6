"""Which column of a table has which part, as a caller names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from cogrnn_lab.data.reading.table_columns import check_columns

Names = str | Sequence[str]


@dataclass(frozen=True)
class Roles:
    """Columns by their part, and what their values mean; the arguments of `read_table`."""

    subject: str | Literal[False] | None = None
    session: str | None = "session"
    choice: str = "choice"
    reward: tuple[str, ...] = ("reward",)
    inputs: tuple[str, ...] = ()
    previous_inputs: tuple[str, ...] = ()
    instructed: str | None = None
    trial: str | Literal[False] | None = None
    options: tuple[str, ...] = ()
    stimulus: tuple[str, ...] = ()
    foregone: str | None = None
    classes: Sequence[Any] | None = None
    missed: Any = None

    @classmethod
    def of(cls, **arguments: Any) -> "Roles":
        """The roles that a caller gives, where one column may stand for several."""
        for name in ("reward", "inputs", "previous_inputs", "options", "stimulus"):
            if name in arguments:
                arguments[name] = _several(arguments[name])
        roles = cls(**arguments)
        if not roles.reward:
            raise ValueError("reward names no column; expected one, or several to be summed.")
        return roles

    def used(self) -> set[str]:
        """All columns that have a part."""
        single = (self.subject, self.session, self.choice, self.instructed, self.trial, self.foregone)
        several = (self.reward, self.inputs, self.previous_inputs, self.options, self.stimulus)
        return {one for one in single if one} | {one for names in several for one in names}

    def check(self, frame: pd.DataFrame, name: str) -> None:
        """Refuse a table that lacks one of the columns, or a column that has two parts."""
        rewards = {"reward": self.reward[0]} if len(self.reward) == 1 else _numbered("reward", self.reward)
        roles = {"subject": self.subject or None, "session": self.session, "choice": self.choice, **rewards}
        roles |= {"instructed": self.instructed, "trial": self.trial or None, "foregone": self.foregone}
        roles |= _numbered("inputs", self.inputs)
        check_columns(frame, name, {role: column for role, column in roles.items() if column is not None})
        for role in ("previous_inputs", "options", "stimulus"):  # a column may be two of these
            check_columns(frame, name, _numbered(role, getattr(self, role)))


def _numbered(role: str, columns: Sequence[str]) -> dict[str, str]:
    return {f"{role}[{i}]": column for i, column in enumerate(columns)}


def _several(names: Names | None) -> tuple[str, ...]:
    """One name or several as a tuple."""
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)
