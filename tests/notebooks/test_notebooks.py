"""Every notebook runs from top to bottom at a small size, and is committed without outputs."""

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
# The lab has nothing to make smaller: it trains when somebody presses the button.
TEACHING = [name for name in NOTEBOOKS if name != "lab"]

# What the parameter cells say, and what is used here instead; None: as it is.
SMALL: dict[str, Any] = {
    "n_sessions": 6,
    "n_trials": 16,
    "n_latents": 2,
    "n_hidden": 3,
    "warm_up": 2,
    "steps": 3,
    "batch_size": 4,
    "seed": None,
    "signal_noise": None,
    "missing": None,
    "learning_rates": [0.2, 0.5, 0.8],
    "new_learning_rate": None,
    "embedding_size": None,
    "new_sessions": 4,
    "place_steps": 2,
    "learning_rate": None,
    "counterfactual_rate": None,
    "inverse_temperature": None,
    "coherences": None,
    "n_units": 10,
    "recurrent_noise": None,
    "dale_ratio": None,
    "feedforward": None,
    "feedback": None,
    "rate_price": None,
    "duration": None,
    "time_step": 50.0,
    "good_enough": None,
    "n_test": 200,
    "mean_flashes": None,
    "delay": None,
    "path": None,
    "columns": None,
    "n_subjects": 2,
    "classical": ["Q-learning", "win-stay lose-shift"],
    "n_starts": 2,
    "gru_steps": 2,
}


def read(name: str) -> Any:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def parameter_cell(notebook: Any) -> Any:
    (cell,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    return cell


def parameters(cell: Any) -> dict[str, Any]:
    """Names and values of a cell that holds nothing but assignments of plain values."""
    found = {}
    for statement in ast.parse(cell.source).body:
        assert isinstance(statement, ast.Assign), f"not an assignment: {ast.unparse(statement)}"
        (target,) = statement.targets
        assert isinstance(target, ast.Name)
        found[target.id] = ast.literal_eval(statement.value)
    return found


def text(notebook: Any) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_is_valid_and_committed_without_outputs(name):
    notebook = read(name)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for cell in code_cells(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None


@pytest.mark.parametrize("name", TEACHING)
def test_has_one_parameter_cell_before_all_other_code(name):
    notebook = read(name)
    cell = parameter_cell(notebook)
    assert code_cells(notebook)[0].id == cell.id
    unknown = set(parameters(cell)) - set(SMALL)
    assert not unknown, f"say in SMALL how small {unknown} are here, or None"


@pytest.mark.parametrize("name", TEACHING)
def test_teaches(name):
    """A title, how long it takes, what to change next; and no link leads nowhere."""
    notebook = read(name)
    assert notebook.cells[0].source.startswith("# ")
    said = text(notebook)
    assert re.search(r"It takes .* on one\s+core\.", said)
    assert "## What to change next" in said
    for target in re.findall(r"\]\(([^)#:]+)\)", said):
        assert (FOLDER / target).is_file(), target


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_runs_at_a_small_size(name, tmp_path, run_async):
    notebook = read(name)
    if name in TEACHING:
        cell = parameter_cell(notebook)
        smaller = {
            key: value if SMALL[key] is None else SMALL[key] for key, value in parameters(cell).items()
        }
        cell.source = "\n".join(f"{key} = {value!r}" for key, value in smaller.items())
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    run_async(client.async_execute())
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    complaints = [output.text for output in outputs if output.get("name") == "stderr"]
    assert complaints == []
    shown = [output.data for output in outputs if "data" in output]
    assert any("image/png" in data or "application/vnd.jupyter.widget-view+json" in data for data in shown)
    assert list(FOLDER.glob("*.npz")) == [], "a notebook writes into the folder that it is started in"
