"""Files that are written of a run: its script and notebook, its figures, and a page that shows them."""

import io
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jax
from matplotlib.figure import Figure

import cogrnn_lab
from cogrnn_lab.atomic_files import write_bytes, write_text
from cogrnn_lab.lab.engine.run import LabRun
from cogrnn_lab.lab.engine.worth import sentence
from cogrnn_lab.lab.settings.state import LabState
from cogrnn_lab.lab.twin.script import DISCOVERY_FOLDER, as_notebook, as_script, sections
from cogrnn_lab.lab.twin.section import Section
from cogrnn_lab.reports.document import Block, Code, Heading, Picture, Text, write_document

CODE, FIGURES, PAGE = "code", "figures", "run"
FORMATS = ("png", "svg", "pdf")
Expressions = Mapping[str, tuple[str, str]]  # of panels, by name: title and expression


def write_code(folder: Path, title: str, run: LabRun, state: LabState, figures: Expressions) -> Path:
    """Write run.py, run.ipynb and the files that they read; the path of run.py."""
    place = folder / CODE
    parts = sections(run, state, figures)
    for part in parts:
        for name, content in part.files.items():
            write_bytes(place / name, content)
    if run.course.found is not None:
        shutil.rmtree(place / DISCOVERY_FOLDER, ignore_errors=True)
        run.course.found.save(place / DISCOVERY_FOLDER)
    write_text(place / "run.ipynb", as_notebook(parts, title))
    return write_text(place / "run.py", as_script(parts, title))


def figures_of(
    run: LabRun, code: Iterable[tuple[str, str, str]], network: Any, known: Mapping[str, Any]
) -> dict[str, Figure]:
    """Draw what the panels show; {name: figure} of those that are figures.

    Arguments: `code`, (name, title, expression) of the panels; `network`, the one that figures show; `known`,
    further names that the expressions may use.
    """
    names = {
        "cl": cogrnn_lab, "jax": jax, "run": cogrnn_lab.Run.of(run.present), "model": network,
        "dataset": run.dataset, "train": run.train, "held_out": run.held_out, "found": run.course.found,
        "agent": run.agent, **known,
    }  # fmt: skip
    if run.task is not None:
        names |= {"task": run.task}
        names["batch"] = jax.device_get(run.task.batch(jax.random.key(2**31 - 1), 256))
    drawn = {}
    for name, _, expression in code:
        made = eval(expression, names)  # our own code: of what users name, only literals are in it
        if isinstance(made, Figure):
            drawn[name] = made
    return drawn


def write_figures(folder: Path, figures: Mapping[str, Figure]) -> Path:
    """Write every figure as PNG, SVG and PDF; their folder."""
    for name, figure in figures.items():
        for kind in FORMATS:
            content = io.BytesIO()
            figure.savefig(content, format=kind, dpi=200)
            write_bytes(folder / FIGURES / f"{name}.{kind}", content.getvalue())
    return folder / FIGURES


def write_page(
    folder: Path, title: str, run: LabRun, figures: Mapping[str, Figure], titles: Mapping[str, str],
    parts: Iterable[Section],
) -> Path:  # fmt: skip
    """Write run.html, which needs no other file: what the network is worth, its figures, and its code."""
    blocks: list[Block] = []
    if run.task is None:
        blocks.append(Text(sentence(run)))
    for name, figure in figures.items():
        blocks += [Heading(titles[name]), Picture(name, figure, titles[name])]
    blocks += [Heading("Code"), Code(as_script(parts, title), "python")]
    _, page = write_document(folder / "report", PAGE, title, blocks)
    return page
