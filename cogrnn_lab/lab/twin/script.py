"""The run of the lab as a script and as a notebook, which make it again to the bit."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.settings.state import LabState
from cogrnn_lab.lab.twin.data_code import data_section
from cogrnn_lab.lab.twin.section import Section
from cogrnn_lab.lab.twin.training_code import network_section, split_section, training_section

DISCOVERY_FOLDER = "discovery"
BATCH = "batch"  # trials of the task on which figures show the network
FIRST = ("from pathlib import Path", "import cogrnn_lab as cl")


def sections(run: LabRun, state: LabState, figures: Mapping[str, tuple[str, str]]) -> list[Section]:
    """The parts of the script of a run.

    Arguments: `state`, settings of the lab, which knows its networks; `figures`, {name: (title, expression)},
    as the panels give them.

    Raises `ValueError` with a sentence where a script could not make the same run.
    """
    parts = [data_section(run)]
    if run.curriculum is None:
        parts.append(split_section(run))
    parts += [network_section(run, state), training_section(run)]
    if run.task is not None:
        parts.append(batch_section())
    if run.course.found is not None:
        code = f'found = cl.load_discovery(HERE / "{DISCOVERY_FOLDER}")\nprint(found)'
        parts.append(Section("Discovery", code, what=f"It was made {_discovered(run)}"))
    for name, (title, expression) in figures.items():
        parts.append(Section(title, expression, is_figure=True, file_name=name))
    return parts


def batch_section() -> Section:
    """Code that makes the trials on which the lab shows a network of a task."""
    code = f"{BATCH} = jax.device_get(task.batch(jax.random.key(2**31 - 1), 256))"
    return Section("Fresh trials", code, imports=("import jax",), what="The network is shown on these.")


def _discovered(run: LabRun) -> str:
    options = run.course.options or {}
    told = ", ".join(f"{name}={value!r}" for name, value in options.items() if value is not None)
    return f"by cl.discover(dataset, model=network{', ' if told else ''}{told})."


def as_script(parts: Iterable[Section], title: str) -> str:
    """A Python file; figures are written beside it, as PNG."""
    parts = list(parts)
    body = [f'"""{title}\n\nRun it by: python run.py\n"""', "\n".join(_imports(parts))]
    body.append("HERE = Path(__file__).resolve().parent")
    for part in parts:
        code = part.code
        if part.is_figure:
            code = f'{part.code}.savefig(HERE / "{part.file_name}.png", dpi=200)'
        # in one line, whatever a saved run or a name has in it: the next would be code
        heading = " ".join(f"# {part.title}: {part.what}".split()).removesuffix(":")
        body.append(f"{heading}\n{code}")
    return "\n\n".join(body) + "\n"


def as_notebook(parts: Iterable[Section], title: str) -> str:
    """A notebook of the same cells, in which figures are shown."""
    parts = list(parts)
    cells = [_cell(0, "markdown", f"# {title}")]
    cells.append(_cell(1, "code", "\n".join([*_imports(parts), "", "HERE = Path()"])))
    for part in parts:
        cells.append(_cell(len(cells), "markdown", f"## {part.title}\n\n{part.what}".strip()))
        cells.append(_cell(len(cells), "code", part.code))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _imports(parts: Iterable[Section]) -> list[str]:
    """Imports as they are usually ordered: of the standard library, of others, and ours last."""
    wanted = dict.fromkeys([*FIRST, *(line for part in parts for line in part.imports)])
    joined = _joined(wanted)
    groups: list[list[str]] = [[], [], []]
    for line in joined:
        name = line.split()[1].split(".")[0]
        groups[0 if name == "pathlib" else 2 if name == "cogrnn_lab" else 1].append(line)
    shown: list[str] = []
    for group in filter(None, groups):
        shown += ([""] if shown else []) + sorted(group, key=lambda line: (line.startswith("from"), line))
    return shown


def _joined(lines: Iterable[str]) -> list[str]:
    """Lines that import from the same module as one."""
    names: dict[str, set[str]] = {}
    others = []
    for line in lines:
        start, found, end = line.partition(" import ")
        if found and start.startswith("from"):
            names.setdefault(start, set()).update(end.split(", "))
        else:
            others.append(line)
    return others + [f"{start} import {', '.join(sorted(own))}" for start, own in names.items()]


def _cell(number: int, kind: str, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
    cell["source"] = source.splitlines(keepends=True)
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
