"""Every kind of file that is read back: one that is whole, how it is spoiled, and how it is read."""

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import openpyxl
import pandas as pd
from made_discovery import made_equations, made_path, made_yardsticks

import cogrnn_lab as cl
from cogrnn_lab.cli.studying import _read as read_toml
from cogrnn_lab.discovery.course.finished import Finished
from cogrnn_lab.lab.data.table import guess_columns, read_upload
from cogrnn_lab.lab.engine.kept.storage import RunFolder, check_settings
from cogrnn_lab.lab.engine.run import make_run
from cogrnn_lab.lab.settings.state import TABLE as TABLE_SOURCE
from cogrnn_lab.lab.settings.state import LabState
from cogrnn_lab.training.watching.course import Course, CourseFile, definition_of

from .mutations import ARCHIVE, FOREIGN_ARCHIVE, JSON, TABLE, WORKBOOK, Mutation, flipped

PHASES = (cl.Phase(4, noise=0.0), cl.Phase(4, cl.Penalties(latent=1e-2)))


@dataclass(frozen=True)
class Kind:
    """Kind of a file.

    Fields:
        name: Its name.
        make: Writes what is whole below a folder; the files that are spoiled in turn.
        read: Reads what lies in the folder, as a user does.
        mutations: Ways to spoil it.
        extends: In the names of files that going on may write: a study that misses points is extended.
    """

    name: str
    make: Callable[[Path], Sequence[Path]]
    read: Callable[[Path], Any]
    mutations: tuple[Mutation, ...]
    extends: str = ""


def data() -> tuple[cl.Dataset, cl.Dataset]:
    """Sessions to train on and held-out ones."""
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=10).split()


def network(n_latents: int = 2) -> cl.DisRNN:
    """A small network."""
    return cl.DisRNN(2, 2, n_latents, update_width=2, update_depth=1, choice_depth=0, key=jax.random.key(0))


def trained() -> cl.Trainer:
    """A trainer after two steps."""
    trainer = cl.Trainer(network(), *data(), batch_size=2, keep_at=[1])
    trainer.begin(cl.Phase(2, cl.DEFAULT_PENALTIES))
    trainer.advance(2)
    return trainer


def course() -> Course:
    """The start of a run in two phases."""
    return Course(cl.Trainer(network(), *data(), batch_size=2), PHASES, 2, 4)


# --- runs and networks ----------------------------------------------------------------------------


def make_network(folder: Path) -> Sequence[Path]:
    cl.save_network(cl.ConstrainedRNN(2, 2, 4, dale_ratio=0.5, key=1), folder / "constrained.npz")
    return [cl.save_network(network(), folder / "a.npz"), folder / "constrained.npz"]


def read_networks(folder: Path) -> Any:
    return [cl.load_network(folder / "a.npz"), cl.load_network(folder / "constrained.npz")]


def make_checkpoint(folder: Path) -> Sequence[Path]:
    begun = course()
    file = CourseFile(folder / "c.npz", definition_of(begun, *data()))
    for n, _ in enumerate(begun.reports(lambda: file.keep(begun))):
        if n == 1:
            break
    return [folder / "c.npz"]


def read_checkpoint(folder: Path) -> Any:
    begun = course()
    CourseFile(folder / "c.npz", definition_of(begun, *data())).take_up(begun, *data(), {})
    return begun


# --- the lab --------------------------------------------------------------------------------------


def lab_table() -> bytes:
    rng = np.random.default_rng(1)
    columns = {"session": np.repeat(np.arange(4), 10), "choice": rng.integers(0, 2, 40), "reward": 1}
    return pd.DataFrame(columns).to_csv(index=False).encode()


def lab_run() -> Any:
    table = read_upload("mice.csv", lab_table())
    columns, state = guess_columns(table.columns), LabState()
    state.data.set_quietly(source=TABLE_SOURCE)
    state.data.table.set_quietly(**columns)
    state.model.parameters.set_quietly(n_latents=2, update_width=2, update_depth=1)
    return make_run(1, state, table.dataset(columns), table, None)


def make_lab_run(folder: Path) -> Sequence[Path]:
    return [RunFolder(folder).save("run", lab_run()) / "lab.run"]


def make_earlier_lab_run(folder: Path) -> Sequence[Path]:
    run = lab_run()
    own = folder / "run"
    own.mkdir()
    run.trainer.save(own / "trainer.run")
    (own / "table.csv").write_bytes(run.table.content)
    told = {"settings": run.settings, "marks": run.curve.marks, "boundary": None, "table": "mice.csv"}
    (own / "lab.json").write_text(json.dumps(told))
    return [own / "lab.json"]


def read_lab_run(folder: Path) -> Any:
    saved = RunFolder(folder).open("run")
    check_settings(saved, LabState().model.constructors)
    assert saved.table is not None
    train, valid = saved.table.dataset(guess_columns(saved.table.columns)).split()
    return saved.trainer(train, valid)


# --- discoveries ----------------------------------------------------------------------------------


def discovery() -> cl.Discovery:
    path = made_path()
    with_models = [replace(one, models=(network(3), network(3))) for one in (path.warm_up, *path.levels)]
    path = replace(path, warm_up=with_models[0], levels=tuple(with_models[1:]))
    return cl.Discovery(
        path, path.choose(), None, made_yardsticks(), ("It is so.",), "dealt", made_equations(),
        tried=(network(3),),
    )  # fmt: skip


def make_discovery(folder: Path) -> Sequence[Path]:
    discovery().save(folder)
    return [folder / "path.npz", folder / "findings.npz", folder / "equations.npz"]


def make_part(folder: Path) -> Sequence[Path]:
    finished = Finished(folder)
    finished.part("classical", "k", lambda: ({}, {"choose": np.zeros(3)}))
    return [finished.file("classical", "k") or folder]


def read_part(folder: Path) -> Any:
    return Finished(folder).part("classical", "k", lambda: ({}, {}))


# --- studies --------------------------------------------------------------------------------------

SPACE = {"n_latents": [1], "update_width": 2, "steps": [1, 2], "warm_up": [0]}


def study(folder: Path) -> cl.Study:
    return cl.Study(folder, data()[0], SPACE)


def make_study(folder: Path) -> Sequence[Path]:
    begun = study(folder)
    names = list(begun.table["run"])
    told = {"study": {"point": begun.points[0], "scores": {"likelihood_held_out": 0.6, "n_parameters": 9}}}
    run = cl.Run(network(), (), {"seed": 0, "batch_size": 2} | told)
    run.save(folder / "runs" / f"{names[0]}.npz")
    failure = folder / "runs" / f"{names[1]}.failed.json"
    failure.write_text(json.dumps({"point": begun.points[1], "error": "it diverged"}))
    return [folder / "study.json", folder / "runs" / f"{names[0]}.npz", failure]


def read_study(folder: Path) -> Any:
    looked_at = cl.Study(folder)
    table = looked_at.table
    for name in table["run"][table["state"] == "finished"]:
        looked_at.open(name)
    return table, study(folder).by_setting


def make_toml(folder: Path) -> Sequence[Path]:
    (folder / "study.toml").write_text('[data]\ntable = "a.csv"\n[space]\nn_latents = [2, 3]\nprice = 1.5\n')
    return [folder / "study.toml"]


# --- tables and files of others -------------------------------------------------------------------


def make_table(folder: Path) -> Sequence[Path]:
    (folder / "t.csv").write_bytes(lab_table())
    return [folder / "t.csv"]


def make_gzip(folder: Path) -> Sequence[Path]:
    (folder / "t.csv.gz").write_bytes(gzip.compress(lab_table(), mtime=0))
    return [folder / "t.csv.gz"]


def make_workbook(folder: Path) -> Sequence[Path]:
    book = openpyxl.Workbook()
    for line in lab_table().decode().strip().split("\n"):
        book.active.append([int(cell) if cell.isdigit() else cell for cell in line.split(",")])
    book.save(folder / "t.xlsx")
    return [folder / "t.xlsx"]


def make_psychrnn(folder: Path) -> Sequence[Path]:
    for kind in ("dale", "lstm"):
        content = (Path(__file__).parent.parent / "parity" / f"psychrnn_saved_{kind}.npz").read_bytes()
        (folder / f"{kind}.npz").write_bytes(content)
    return [folder / "dale.npz", folder / "lstm.npz"]


def read_psychrnn(folder: Path) -> Any:
    dale = cl.interop.from_psychrnn(folder / "dale.npz", dt=10.0, tau=100.0, activation="relu")
    return dale, cl.interop.from_psychrnn(folder / "lstm.npz")


KINDS = (
    Kind("network", make_network, read_networks, ARCHIVE),
    Kind(
        "run",
        lambda folder: [cl.Run.of(trained()).save(folder / "r.npz")],
        lambda folder: cl.load(folder / "r.npz").history,
        ARCHIVE,
    ),
    Kind(
        "trainer",
        lambda folder: [trained().save(folder / "t.npz")],
        lambda folder: cl.Trainer.load(folder / "t.npz", *data()),
        ARCHIVE,
    ),
    Kind("checkpoint", make_checkpoint, read_checkpoint, ARCHIVE),
    Kind("lab run", make_lab_run, read_lab_run, ARCHIVE),
    Kind("lab run of the first version", make_earlier_lab_run, read_lab_run, JSON),
    Kind("discovery", make_discovery, lambda folder: cl.load_discovery(folder), ARCHIVE),
    Kind("part of a discovery", make_part, read_part, ARCHIVE),
    Kind("study", make_study, read_study, ARCHIVE, extends="study."),
    Kind("study in TOML", make_toml, lambda folder: read_toml(folder / "study.toml"), TABLE),
    Kind("table", make_table, lambda folder: cl.read_table(folder / "t.csv"), TABLE),
    Kind(
        "table, gzipped", make_gzip, lambda folder: cl.read_table(folder / "t.csv.gz"), (flipped, *TABLE[:5])
    ),
    Kind("workbook", make_workbook, lambda folder: cl.read_table(folder / "t.xlsx"), WORKBOOK),
    Kind("PsychRNN's", make_psychrnn, read_psychrnn, FOREIGN_ARCHIVE),
)
