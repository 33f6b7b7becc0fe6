"""What every notebook is: text that teaches, one cell of parameters, no outputs; and those on choices run."""

import re
import sys
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from types import SimpleNamespace

import nbformat
import pytest
from notebook_runs import (
    FOLDER,
    INSTALL,
    NOTEBOOKS,
    ON_TRIAL_TASKS,
    SMALL,
    TEACHING,
    WITH_OUTPUTS,
    code_cells,
    kernel,
    parameter_cell,
    parameters,
    read,
    run_small,
)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_is_valid(name):
    notebook = read(name)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if name not in WITH_OUTPUTS])
def test_is_committed_without_outputs(name):
    for cell in code_cells(read(name)):
        assert cell.outputs == []
        assert cell.execution_count is None


@pytest.mark.parametrize("name", WITH_OUTPUTS)
def test_kept_outputs_are_of_one_run_from_beginning_to_end(name):
    """Without errors, complaints, stand-ins for the data, and places on the machine that it was run on."""
    cells = code_cells(read(name))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    silent = {cell.id for cell in cells if not cell.outputs}
    assert silent == {parameter_cell(read(name)).id, read(name).cells[1].id}, "parameters and installation"
    outputs = [output for cell in cells for output in cell.outputs]
    assert all(output.output_type != "error" and output.get("name") != "stderr" for output in outputs)
    said = "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs
    )
    assert "stands in" not in said
    assert "stand in" not in said
    assert not re.search(r"/(home|root|tmp|work|Users)/", said)
    assert (FOLDER / f"{name}.ipynb").stat().st_size < 2_000_000


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_begins_with_badges_and_the_one_install_cell(name):
    notebook = read(name)
    assert notebook.cells[1].source == INSTALL
    for place in ("colab.research.google.com/github/", "mybinder.org/v2/gh/"):
        assert re.search(rf"\(https://{place}\S+/notebooks/{name}\.ipynb\)", notebook.cells[0].source)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that the install cell would run."""
    found: list[list[str]] = []
    monkeypatch.setattr("subprocess.run", lambda command, check: found.append(command[1:]))
    return found


def test_the_install_cell_does_nothing_where_the_package_is(commands):
    exec(INSTALL, {})
    assert commands == []


def without_the_package(name: str):
    return None if name == "cogrnn_lab" else ModuleSpec(name, None)


def test_the_install_cell_keeps_the_version_of_jax(commands, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", without_the_package)
    exec(INSTALL, {})
    assert commands == [["-m", "pip", "install", "--quiet", "cogrnn-lab", f"jax=={version('jax')}"]]


def test_the_install_cell_lets_colab_show_widgets(commands, monkeypatch):
    shown = []
    output = SimpleNamespace(enable_custom_widget_manager=lambda: shown.append(True))
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace(output=output))
    exec(INSTALL, {})
    assert (shown, commands) == ([True], [])


@pytest.mark.parametrize("name", TEACHING)
def test_has_one_parameter_cell_before_all_other_code(name):
    notebook = read(name)
    cell = parameter_cell(notebook)
    assert [one.id for one in code_cells(notebook)[:2]] == ["install", cell.id]
    unknown = set(parameters(cell)) - set(SMALL)
    assert not unknown, f"say in SMALL how small {unknown} are in tests, or None"


@pytest.mark.parametrize("name", TEACHING)
def test_teaches(name):
    """A title, how long it takes, what to change next; and no link leads nowhere."""
    notebook = read(name)
    assert notebook.cells[0].source.startswith("# ")
    said = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert re.search(r"It takes .* on one\s+core\.", said)
    assert "## What to change next" in said
    for target in re.findall(r"\]\(([^)#:]+)\)", said):
        assert (FOLDER / target).is_file(), target


# Two discoveries with all that follows take a minute and a half; the others, which compile several kinds of
# networks, more than ten seconds.
SLOW = [*WITH_OUTPUTS, "a_study_and_its_trade_off", "does_it_behave_alike", "dynamics_and_fixed_points"]
RUN_HERE = [
    pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name
    for name in NOTEBOOKS
    if name not in ON_TRIAL_TASKS
]


@pytest.fixture(scope="module")
def shared():
    """The kernel of all that teach: most of the time of so small a run would be its imports."""
    with kernel() as manager:
        yield manager


@pytest.mark.parametrize("name", [name for name in RUN_HERE if name != "lab"])
def test_runs(name, tmp_path, run_async, shared):
    run_async(run_small(name, tmp_path, shared))


def test_the_lab_runs(tmp_path, run_async):
    """In a kernel of its own, where it goes on in the background."""
    with kernel() as manager:
        run_async(run_small("lab", tmp_path, manager))
