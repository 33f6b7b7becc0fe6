"""A part of a script: a cell of the notebook."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Section:
    """A part of a script.

    Fields:
        title: Heading of the cell.
        code: Its lines.
        what: A sentence about it.
        imports: Lines of imports that it needs.
        files: Content of the files that it reads, by name, beside the script.
        is_figure: Whether it is an expression that draws.
        file_name: That of the figure, without an ending.
    """

    title: str
    code: str
    what: str = ""
    imports: tuple[str, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    is_figure: bool = False
    file_name: str = ""


def public_name(made_by: Any) -> str | None:
    """The name of a class or function of the public API, such as "cl.DisRNN"; None of another."""
    import cogrnn_lab

    name = getattr(made_by, "__name__", "")
    known = name in cogrnn_lab.__all__ and getattr(cogrnn_lab, name, None) is made_by
    return f"cl.{name}" if known else None
