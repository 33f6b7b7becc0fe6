"""What keeps the house in order: imports that go down, no circles, and rooms and files of a readable size."""

import ast
import importlib
import pkgutil
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import cogrnn_lab

MOST_FILES = 20  # in a folder
MOST_LINES = 450  # in a file


@pytest.fixture(scope="module")
def package(repository: Path) -> Path:
    return repository / "cogrnn_lab"


def module_name(path: Path, package: Path) -> str:
    parts = ("cogrnn_lab", *path.relative_to(package).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_at_run_time(source: str) -> set[str]:
    """Modules and names that a source imports anywhere, also within functions; not those for types alone."""
    tree = ast.parse(source)
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def import_graph(package: Path) -> dict[str, set[str]]:
    """Module -> modules of this package that it imports by their own names, `__init__` files left out."""
    modules = {
        module_name(path, package): path for path in package.rglob("*.py") if path.name != "__init__.py"
    }
    graph: dict[str, set[str]] = {}
    for name, path in modules.items():
        wanted = imports_at_run_time(path.read_text(encoding="utf-8"))
        stems = wanted | {full.rpartition(".")[0] for full in wanted}
        graph[name] = (stems & modules.keys()) - {name}
    return graph


def test_the_graph_sees_imports_within_functions_but_not_those_for_types():
    source = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from cogrnn_lab.a import b\n"
        "def f():\n    from cogrnn_lab.c import d\n"
    )
    assert imports_at_run_time(source) == {"typing.TYPE_CHECKING", "cogrnn_lab.c.d"}


def test_no_modules_import_each_other_in_a_circle(package: Path):
    try:
        TopologicalSorter(import_graph(package)).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        pytest.fail(
            f"these modules import each other: {circle}. Move what both need into a file below the two, pass "
            "the object in as an argument, or, where only its type is named, import it under TYPE_CHECKING."
        )


def test_no_module_is_hidden_behind_a_function_of_its_name():
    hidden = []
    for found in pkgutil.walk_packages(cogrnn_lab.__path__, "cogrnn_lab."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        reached = sys.modules["cogrnn_lab"]
        for part in found.name.split(".")[1:]:
            reached = getattr(reached, part)
        if reached is not module:
            hidden.append(found.name)
    assert hidden == [], (
        f"{hidden}: the package above exports something of that name, so that the module can't be reached "
        "by attribute. Put the module into a subfolder that exports nothing, or give it another name."
    )


def test_no_folder_is_too_full(package: Path):
    folders = {path.parent for path in package.rglob("*.py")}
    full = {str(folder): n for folder in folders if (n := len(list(folder.glob("*.py")))) > MOST_FILES}
    assert full == {}, f"more than {MOST_FILES} files: {full}; put those that belong together in a subfolder"


def test_no_file_is_too_long(package: Path):
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in package.rglob("*.py")}
    long = {str(path): n for path, n in lengths.items() if n > MOST_LINES}
    assert long == {}, f"more than {MOST_LINES} lines: {long}; a file holds one concept, so divide it"
