"""Values and calls as Python expressions that give exactly the same values."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

WIDEST = 100


def literal(value: Any) -> str:
    """A number, text, flag, None, or lists of them, as an expression; `TypeError` of anything else."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # Python reads what JSON writes
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f'float("{value}")'
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{literal(name)}: {literal(own)}' for name, own in value.items())}}}"
    raise TypeError(f"a {type(value).__name__} cannot be written as code")


def call(function: str, *arguments: str, **keywords: Any) -> str:
    """A call; `arguments` are expressions, `keywords` values, or expressions where they are `Code`."""
    for name in keywords:
        if not name.isidentifier():
            raise ValueError(f"{name!r} cannot be the name of an argument, so that no code can be written")
    parts = [*arguments, *(f"{name}={_written(value)}" for name, value in keywords.items())]
    line = f"{function}({', '.join(parts)})"
    if len(line) <= WIDEST:
        return line
    rows, row = [], ""
    for part in parts:
        if row and len(row) + len(part) + 6 > WIDEST:
            rows.append(row)
            row = ""
        row += f"{', ' if row else ''}{part}"
    return f"{function}(\n    " + ",\n    ".join([*rows, row]) + ",\n)"


def literal_subject(subject: Any) -> Any:
    """A subject's number, or an embedding as a list."""
    return [float(value) for value in subject] if np.ndim(subject) else int(subject)


class Code(str):
    """An expression, where a value is expected."""


def _written(value: Any) -> str:
    return value if isinstance(value, Code) else literal(value)
