"""Running the notebooks of the repository at a small size."""

import ast
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
# The lab has nothing to make smaller: it trains when somebody presses the button.
TEACHING = [name for name in NOTEBOOKS if name not in ("lab", "workshop")]
# Told of real data that are not in the repository, so that what they said is kept with it.
WITH_OUTPUTS = ["what_the_animals_do"]
ON_TRIAL_TASKS = [
    "biological_constraints",
    "curriculum",
    "perceptual_discrimination",
    "saving_and_perturbing",
    "your_own_task_in_numpy",
]

# What the parameter cells say, and what is used here instead; None: as it is.
SMALL: dict[str, Any] = {
    "n_sessions": 6,
    "n_trials": 16,
    "n_latents": 2,
    "n_hidden": 3,
    "n_units": 15,
    "n_test": 200,
    "n_seeds": 1,
    "n_subjects": 2,
    "n_starts": 2,
    "warm_up": 2,
    "steps": 3,
    "gru_steps": 2,
    "last_steps": 2,
    "place_steps": 2,
    "task_steps": 2,
    "prices": [1.0, 10.0],
    "seeds": [0, 1],
    "check_every": 2,
    "batch_size": 4,
    "time_step": 50.0,
    "learning_rates": [0.2, 0.5, 0.8],
    "new_sessions": 4,
    "classical": ["Q-learning"],
    "kept": "",
    "monkey_steps": 3,
    "monkey_prices": [1.0],
    "equation_starts": 1,
    "equation_latents": [1],
} | dict.fromkeys(
    [
        *(
            "seed",
            "path",
            "mice_path",
            "monkey_path",
            "columns",
            "signal_noise",
            "missing",
            "new_learning_rate",
            "embedding_size",
        ),
        *("latent_penalty", "channel_penalty", "held_out_folds"),
        *("learning_rate", "counterfactual_rate", "inverse_temperature"),
        *("coherences", "mastered", "good_enough", "recurrent_noise", "duration", "mean_flashes", "delay"),
        *("dale_ratio", "feedforward", "feedback", "rate_price"),
    ]
)

# What costs most of the time of a run so small, in calls of a notebook, and what is asked for here instead.
SMALLER_CALLS = {
    "from_choices_to_equations": {
        "n=50, searches=5": "n=4, searches=1",
        "seeds=n_seeds": "seeds=n_seeds, levels=(0.5, 30.0), gru_units=2, "
        "classical={'Q-learning': cl.QLearning()}",
    }
}


def read(name: str) -> Any:
    """The notebook of this name."""
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


# The first code of every notebook, word for word.
INSTALL = next(cell.source for cell in read("lab").cells if cell.id == "install")


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def parameter_cell(notebook: Any) -> Any:
    """The one cell that is tagged "parameters"."""
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


@contextmanager
def kernel() -> Iterator[KernelManager]:
    """A kernel that finds this package; notebooks that run in it one after another share its imports."""
    manager = KernelManager(
        kernel_name="python3", client_class="jupyter_client.asynchronous.AsyncKernelClient"
    )
    this_package = os.pathsep.join([str(FOLDER.parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    manager.start_kernel(env=os.environ | {"PYTHONPATH": this_package})
    try:
        yield manager
    finally:
        manager.shutdown_kernel(now=True)


async def run_small(name: str, folder: Path, manager: KernelManager) -> None:
    """Run a notebook in this folder: it shows a figure or a widget, has no complaints and leaves no file."""
    notebook = read(name)
    if name in TEACHING:
        cell = parameter_cell(notebook)
        smaller = {
            key: value if SMALL[key] is None else SMALL[key] for key, value in parameters(cell).items()
        }
        cell.source = "\n".join(f"{key} = {value!r}" for key, value in smaller.items())
    for call, smaller_call in SMALLER_CALLS.get(name, {}).items():
        (cell,) = [cell for cell in code_cells(notebook) if call in cell.source]
        cell.source = cell.source.replace(call, smaller_call)
    runner = NotebookClient(notebook, timeout=600, km=manager)
    runner.kc = manager.client()
    runner.kc.start_channels()
    try:
        await runner.kc.wait_for_ready(timeout=120)
        # As in a new kernel: no name of the notebook before is known, and the folder is this one's.
        afresh = f"%reset -f\n__import__('os').chdir({str(folder)!r})"
        said = await runner.kc.execute(afresh, reply=True, timeout=60)
        assert said["content"]["status"] == "ok", said["content"]
        await runner.async_execute()
    finally:
        runner.kc.stop_channels()
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    shown = {kind for output in outputs for kind in output.get("data", {})}
    assert shown & {"image/png", "application/vnd.jupyter.widget-view+json"}
    assert list(folder.iterdir()) == []
