"""What the package as a whole promises: light imports, and rooms that only look down."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

# Files beside the rooms, which they all may use.
FOUNDATIONS = (
    "argument_kinds",
    "argument_shapes",
    "argument_words",
    "atomic_files",
    "background",
    "callers",
    "compilation_cache",
    "counts",
    "extras",
    "fingerprints",
    "markup",
    "palette",
    "random_numbers",
    "schemas",
    "stored_arrays",
    "unused_gpu",
    "workers",
)
# From the lowest room to the highest; each may import those below it.
LEVELS = dict.fromkeys(FOUNDATIONS, -1) | {
    "data": 0,
    "models": 1,
    "tasks": 2,
    "fitting": 3,
    "training": 3,
    "analysis": 4,
    "discovery": 5,
    "studies": 5,  # beside discovery, neither imports the other
    "plots": 6,
    "reports": 7,
    "lab": 8,
}


def imported_rooms(source: str, folders: tuple[str, ...]) -> list[tuple[int, str]]:
    """(line, room) of every import of a room of the package in the source of a module in `folders`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ("cogrnn_lab", *folders)[: len(folders) + 2 - node.level] if node.level else ()
            stem = ".".join([*base, *([node.module] if node.module else [])])
            names = [stem] if stem != "cogrnn_lab" else [f"cogrnn_lab.{alias.name}" for alias in node.names]
        else:
            continue
        parts = [name.split(".") for name in names]
        found += [(node.lineno, part[1]) for part in parts if part[0] == "cogrnn_lab" and len(part) > 1]
    return found


def test_imported_rooms_sees_every_way_to_import():
    source = "\n".join(
        [
            "import cogrnn_lab.lab.settings.state",
            "from cogrnn_lab.plots import plot_learning",
            "from cogrnn_lab import analysis",
            "from ..training import fit",
            "from . import padding",
            "import numpy.lab",
            "def f():\n    from cogrnn_lab.tasks.agents.agent import Agent",
        ]
    )
    rooms = [room for _, room in imported_rooms(source, ("data",))]
    assert sorted(rooms) == ["analysis", "data", "lab", "plots", "tasks", "training"]


def test_imports_go_down_through_the_rooms(repository: Path):
    package = repository / "cogrnn_lab"
    upward = []
    for path in sorted(package.rglob("*.py")):
        folders = path.relative_to(package).parts[:-1]
        if not folders or folders[0] not in LEVELS:  # the package's own __init__ and the command line see all
            continue
        room = folders[0]
        for line, other in imported_rooms(path.read_text(encoding="utf-8"), folders):
            allowed = other == room or LEVELS.get(other, 9) < LEVELS[room]
            if not allowed:
                upward.append(f"{path.relative_to(repository)}:{line} imports {other}")
    assert upward == []


def test_every_room_says_what_it_offers(repository: Path):
    for room in {room for room, level in LEVELS.items() if level >= 0}:
        module = (repository / "cogrnn_lab" / room / "__init__.py").read_text(encoding="utf-8")
        assert "__all__" in module, room


@pytest.mark.parametrize(
    "module", ["ipywidgets", "bqplot", "matplotlib", "voila", "jupyterlab", "tqdm", "pooch", "scipy.io"]
)
def test_importing_the_package_leaves_the_heavy_ones_out(loaded_modules: set[str], module: str):
    assert "cogrnn_lab" in loaded_modules
    assert module not in loaded_modules


@pytest.fixture(scope="module")
def loaded_modules() -> set[str]:
    script = "import cogrnn_lab, sys; print('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_package_prints_and_writes_nothing(tmp_path: Path):
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import cogrnn_lab"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
