"""What every notebook is: text that teaches, one cell of parameters, no outputs; and those on choices run."""

import re

import nbformat
import pytest
from notebook_runs import (
    FOLDER,
    NOTEBOOKS,
    ON_TRIAL_TASKS,
    SMALL,
    TEACHING,
    WITH_OUTPUTS,
    code_cells,
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
    assert {cell.id for cell in cells if not cell.outputs} == {parameter_cell(read(name)).id}
    outputs = [output for cell in cells for output in cell.outputs]
    assert all(output.output_type != "error" and output.get("name") != "stderr" for output in outputs)
    said = "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs
    )
    assert "stands in" not in said
    assert "stand in" not in said
    assert not re.search(r"/(home|root|tmp|work|Users)/", said)
    assert (FOLDER / f"{name}.ipynb").stat().st_size < 2_000_000


@pytest.mark.parametrize("name", TEACHING)
def test_has_one_parameter_cell_before_all_other_code(name):
    notebook = read(name)
    cell = parameter_cell(notebook)
    assert code_cells(notebook)[0].id == cell.id
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


@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if name not in ON_TRIAL_TASKS])
def test_runs(name, tmp_path, run_async):
    run_async(run_small(name, tmp_path))
