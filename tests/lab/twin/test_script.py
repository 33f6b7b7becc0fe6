"""The code of a run makes it again, bit for bit: from every source, and with every kind of network."""

import io
import json
import subprocess
import sys
from typing import Any

import jax
import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.settings.state import CLICKS, MYSTERY, TASK
from cogrnn_lab.lab.twin.expressions import call, literal
from cogrnn_lab.lab.twin.script import as_notebook, as_script, sections

TINY = {"n_latents": 2, "update_width": 3, "update_depth": 1, "choice_width": 3, "choice_depth": 1}


def set_tiny(state: Any, kind: str) -> None:
    state.model.kind = kind
    names = state.model.parameters.trait_names()
    sizes = TINY | {"n_hidden": 3, "n_units": 10, "embedding_size": 2, "neural_width": 3, "neural_depth": 1}
    state.model.parameters.set_quietly(**{name: size for name, size in sizes.items() if name in names})


def same(one: Any, other: Any) -> bool:
    ours, theirs = jax.tree.leaves(one), jax.tree.leaves(other)
    return len(ours) == len(theirs) and all(
        np.array_equal(a, b, equal_nan=True) for a, b in zip(ours, theirs, strict=True)
    )


def made_again(lab, folder) -> dict[str, Any]:
    """What the names of the exported script stand for, once it has run here; figures are left out."""
    lab.export_code("twin")
    assert "cog-status-error" not in lab.top.message.value, lab.top.message.value
    parts = sections(lab.runner.run, lab.state, {})
    path = folder / "runs" / "twin" / "code" / "run.py"
    names: dict[str, Any] = {"__file__": str(path)}
    exec(compile(as_script(parts, "The run"), str(path), "exec"), names)
    return names


def table() -> bytes:
    rng = np.random.default_rng(0)
    columns = {
        "mouse": np.repeat(["a", "b"], 60),
        "day": np.tile(np.repeat([1, 2, 3], 20), 2),
        "side": rng.choice(["left", "right"], 120),
        "paid": rng.integers(0, 2, 120),
    }
    return pd.DataFrame(columns).to_csv(index=False).encode()


def prepare(source: str, state: Any) -> None:
    data = state.data
    if source == "several subjects":
        data.set_quietly(n_subjects=3, varied="learning_rate", lowest=0.2, highest=0.8)
    elif source == "signal":
        data.signal = "reward prediction error"
    elif source == "other agent":
        data.agent.kind, data.environment.kind = "Bari 2019", "blocks with reversals"
    elif source == "three arms":
        data.environment.parameters.n_arms = 3
    elif source in (CLICKS, TASK, MYSTERY):
        data.source = source
        data.n_click_trials = 40
        data.mystery = 5
        data.task.parameters.set_quietly(dt=50.0)


SOURCES = [
    ("simulated", "DisRNN"), ("simulated", "GRU"), ("simulated", "LSTM"), ("simulated", "plain RNN"),
    ("several subjects", "multisubject DisRNN"), ("signal", "neuro DisRNN"), ("other agent", "DisRNN"),
    ("three arms", "GRU"), (CLICKS, "GRU"), (MYSTERY, "DisRNN"), (TASK, "constrained RNN"), (TASK, "GRU"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "kind"), SOURCES)
def test_the_script_makes_the_same_network_bit_for_bit(make_lab, small_state, train, tmp_path, source, kind):
    state = small_state()
    prepare(source, state)
    set_tiny(state, kind)
    state.training.set_quietly(warmup_steps=3, steps=5, seed=3)
    lab = make_lab(state=state)
    train(lab, 5)
    lab.state.penalties.l2 = 0.01
    train(lab, 5)
    assert lab.run_state == "finished", lab.top.message.value
    names = made_again(lab, tmp_path)
    assert type(names["model"]) is type(lab.model)
    assert same(names["model"], lab.model)
    assert names["run"].losses.tolist() == lab.run.losses.tolist()
    again = cl.load(tmp_path / "runs" / "twin" / "code" / "run.npz")
    assert same(again.model, lab.model)


def test_an_uploaded_table_is_read_again(make_lab, train, tmp_path):
    lab = make_lab()
    lab.upload("../mice; rm.csv", table())
    lab.state.data.table.set_quietly(subject="mouse", session="day", choice="side", reward="paid")
    lab.reset()
    train(lab, 16)
    names = made_again(lab, tmp_path)
    assert [path.name for path in (tmp_path / "runs" / "twin" / "code").glob("*.csv")] == ["table.csv"]
    assert names["dataset"].subject_names == ("a", "b")
    np.testing.assert_array_equal(names["dataset"].inputs, lab.dataset.inputs)
    assert same(names["model"], lab.model)


def test_a_data_set_and_a_network_of_the_notebook_come_with_the_script(
    make_lab, small_state, train, tmp_path
):
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=8, n_trials=20, seed=4)
    data = data.with_names(class_names=("left", "right"))
    lab = make_lab(dataset=data, model=cl.GRU(2, 2, 3, key=jax.random.key(9)), state=small_state())
    train(lab, 16)
    names = made_again(lab, tmp_path)
    assert names["dataset"].class_names == ("left", "right")
    for one in ("inputs", "targets", "mask", "valid", "subject"):
        np.testing.assert_array_equal(getattr(names["dataset"], one), getattr(data, one))
    assert set(names["dataset"].columns) == set(data.columns)
    assert same(names["model"], lab.model)


def test_a_branch_and_a_run_that_was_loaded_are_made_again(make_lab, small_state, train, tmp_path):
    state = small_state()
    state.training.set_quietly(warmup_steps=30, steps=30)
    lab = make_lab(state=state)
    train(lab, 80)
    lab.state.view.step = 50
    lab.branch()
    train(lab, 3)
    lab.pause()
    lab.save("one")
    other = make_lab()
    other.load("one")
    train(other, 40)
    assert other.trainer.step_count == 30
    assert same(made_again(other, tmp_path)["model"], other.model)


def test_stages_of_a_task_are_made_again(make_lab, small_state, train, tmp_path):
    state = small_state()
    state.data.source = TASK
    state.data.task.parameters.set_quietly(dt=50.0)
    easy = state.data.task.parameters.to_dict()
    state.data.set_quietly(stages=[easy, easy | {"dt": 50.0}], advance=0.01)
    set_tiny(state, "GRU")
    state.training.set_quietly(steps=30)
    lab = make_lab(state=state)
    train(lab, 40)
    assert lab.trainer.stage > 0 or lab.trainer.finished
    assert same(made_again(lab, tmp_path)["model"], lab.model)


@pytest.mark.slow
def test_the_exported_script_runs_by_itself(lab, train, tmp_path):
    train(lab, 16)
    lab.export_code("twin")
    folder = tmp_path / "runs" / "twin" / "code"
    subprocess.run([sys.executable, folder / "run.py"], cwd=tmp_path, check=True, timeout=300)
    assert same(cl.load(folder / "run.npz").model, lab.model)
    assert (folder / "bottlenecks.png").stat().st_size > 1000


def test_the_notebook_has_the_same_cells(lab, train):
    nbformat = pytest.importorskip("nbformat")
    train(lab, 16)
    parts = sections(lab.runner.run, lab.state, {"learning": ("Learning", "cl.plots.plot_learning(run)")})
    content = as_notebook(parts, "The run")
    nbformat.validate(nbformat.read(io.StringIO(content), as_version=4))
    code = ["".join(cell["source"]) for cell in json.loads(content)["cells"] if cell["cell_type"] == "code"]
    assert code[1:] == [part.code for part in parts]
    for cell in code:
        compile(cell, "cell", "exec")


def test_what_no_script_can_make_is_refused_in_words(make_lab, small_state, train):
    class Own(cl.GRU):
        pass

    lab = make_lab(state=small_state(), model=Own(2, 2, 3, key=jax.random.key(0)))
    train(lab, 16)
    lab.export_code("twin")
    assert "a Own, a class of your own, which a script cannot make by itself" in lab.top.message.value
    assert not (lab.folder.root / "twin" / "code").exists()


def test_a_run_that_broke_off_is_refused(lab, train):
    train(lab, 16)
    lab.trainer.history.pop()
    lab.export_code("twin")
    assert "this run broke off once" in lab.top.message.value


@pytest.mark.parametrize(
    "value", [1, 0.1, 1e-7, 1 / 3, True, None, "a'b\"\n", (1.0,), (1, 2), [0.1, None], np.float64(0.3)]
)
def test_literals_are_exact(value):
    assert eval(literal(value)) == value


def test_what_has_no_literal_is_refused():
    with pytest.raises(TypeError, match="object cannot be written as code"):
        literal(object())


def test_long_calls_are_broken():
    line = call("cl.simulate", "agent", **{f"argument_{i}": i for i in range(12)})
    assert max(map(len, line.splitlines())) <= 104
    assert eval(line.replace("cl.simulate", "dict").replace("agent,", "")) == {
        f"argument_{i}": i for i in range(12)
    }
