"""Code that makes the network of a run and trains it as the lab did, step by step under the same settings."""

import inspect
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

import jax
import numpy as np

from cogrnn_lab.data.splits import BLOCKS, SESSIONS, SUBJECTS, default_way
from cogrnn_lab.lab.engine.run import LabRun, make_model
from cogrnn_lab.lab.settings.constrained import constrained_rnn
from cogrnn_lab.lab.settings.state import AUTOMATIC, LabState
from cogrnn_lab.lab.twin.expressions import Code, call, literal
from cogrnn_lab.lab.twin.section import Section, public_name
from cogrnn_lab.models.description import KINDS
from cogrnn_lab.training import Penalties, Report, save_network

START_FILE = "start.npz"
REPORT_EVERY = 25
HELD_OUT = {
    SESSIONS: "sessions of each subject",
    SUBJECTS: "whole subjects",
    BLOCKS: "blocks of trials within each session",
}


def split_section(run: LabRun) -> Section:
    """Code that makes `train` and `held_out`."""
    training = run.settings["training"]
    if run.branch is not None and run.branch.dealt is not None:
        dealt = call("deal", "dataset", **run.branch.dealt)
        return Section(
            "Split", f"parts = {dealt}\ntrain, held_out = parts.train, parts.choose",
            imports=("from cogrnn_lab.discovery.parts import deal",),
            what="Sessions as the discovery dealt them: those trained on, and those it was chosen by.",
        )  # fmt: skip
    if run.held_out is None:
        return Section("Split", "train, held_out = dataset, None", what="Nothing is held out.")
    picked = training["hold_out"]
    way = default_way(run.dataset) if picked == AUTOMATIC else picked
    made = call("dataset.split", literal(training["held_out"]), hold_out=way)
    return Section("Split", f"train, held_out = {made}", what=f"Held out are {HELD_OUT[way]}.")


def network_section(run: LabRun, state: LabState) -> Section:
    """Code that makes `network`, which is not trained yet, or which a branch goes on from."""
    picked, start = run.settings["model"], run.trainer.kept.get(0)
    make = state.model.constructors.get(picked["kind"])
    name = public_name(make)
    if make is constrained_rnn:
        name, imports = "constrained_rnn", (f"from {make.__module__} import constrained_rnn",)
    else:
        imports = ()
    if run.branch is None and name is not None and _is_made_by_settings(run, state, start):
        taken = inspect.signature(make).parameters
        sizes = {**_sizes(run), **picked["parameters"]}
        sizes = {one: value for one, value in sizes.items() if one in taken}
        key = Code(f"jax.random.key({run.settings['training']['seed']})")
        return Section(
            "Network", f"network = {call(name, **sizes, key=key)}", imports=("import jax", *imports),
            what=f"A {picked['kind']}, untrained.",
        )  # fmt: skip
    return _of_file(run, start)


def _of_file(run: LabRun, start: Any) -> Section:
    if start is None:
        raise ValueError(
            "the network that this run began with was not kept, as an earlier version saved it: press Reset "
            "and train anew"
        )
    kind = type(start)
    if KINDS.get(kind.__name__) is not kind:
        raise ValueError(
            f"the network is a {kind.__name__}, a class of your own, which a script cannot make by itself: "
            "use lab.model, lab.run and cl.Trainer where the class is at hand"
        )
    where = "it was given to the lab" if run.branch is None else f"it is that of {run.branch.words}"
    return Section(
        "Network", f'network = cl.load_network(HERE / "{START_FILE}")', what=f"From a file, as {where}.",
        files={START_FILE: _network_file(start)},
    )  # fmt: skip


def _network_file(model: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return save_network(model, Path(folder) / START_FILE).read_bytes()


def _sizes(run: LabRun) -> dict[str, Any]:
    """What a network is told of the data, by the names of constructors' arguments."""
    dataset, model = run.dataset, run.trainer.model
    sizes: dict[str, Any] = {"n_inputs": dataset.n_inputs, "n_outputs": _n_outputs(model)}
    for name in ("n_subjects", "n_signals"):
        if getattr(model, name, None) is not None:
            sizes[name] = int(getattr(model, name))
    if run.task is not None:
        sizes |= {"dt": Code("task.dt"), "tau": Code("task.tau")}
    return sizes


def _n_outputs(model: Any) -> int:
    return int(model.n_outputs)


def _is_made_by_settings(run: LabRun, state: LabState, start: Any) -> bool:
    """Whether the settings give the network that the run began with; where none was kept they must."""
    own = LabState(dict(state.model.constructors))
    own.penalties.offer(run.settings["penalties"])
    own.update(run.settings)
    try:
        made = make_model(own, run.dataset)
    except (TypeError, ValueError):
        return False
    if start is None:
        return type(made) is type(run.trainer.model)
    ours, theirs = (jax.tree.leaves(one) for one in (made, start))
    return (
        type(made) is type(start)
        and len(ours) == len(theirs)
        and all(np.array_equal(one, other) for one, other in zip(ours, theirs, strict=True))
    )


def training_section(run: LabRun) -> Section:
    """Code that trains the network as it was trained."""
    trainer = run.trainer
    history: list[Report] = list(trainer.history)
    if sum(report.n_steps for report in history) != trainer.step_count:
        raise ValueError(
            "this run broke off once, as its loss ran away, and went on from an earlier network: no script "
            "makes it again. Press Reset and train anew, with a lower learning rate"
        )
    what = "curriculum" if run.curriculum is not None else "train"
    sizes = {"batch_size": trainer.batch_size, "seed": trainer.seed}
    held_out = () if run.curriculum is not None else ("held_out",)
    lines = [f"trainer = {call('cl.Trainer', 'network', what, *held_out, **sizes)}"]
    before = None
    for settings, reports in groupby(history, key=_settings):
        lines += _steered(before, settings)
        n_steps = sum(report.n_steps for report in reports)
        lines.append(f"for report in trainer.run({n_steps}, report_every={REPORT_EVERY}):\n    pass")
        before = settings
    lines += ["model = trainer.model", "run = cl.Run.of(trainer)", 'run.save(HERE / "run.npz")']
    n_parts = len(list(groupby(history, key=_settings)))
    parts = f", in {n_parts} parts of other settings" if n_parts > 1 else ""
    return Section("Training", "\n".join(lines), what=f"{trainer.step_count:,} steps{parts}.")


def _settings(report: Report) -> tuple[str, Penalties, float, float]:
    return report.phase, report.penalties, report.noise, report.learning_rate


def _steered(before: tuple | None, now: tuple) -> list[str]:
    """Lines that set what differs from before; a phase of another name begins with a fresh optimizer."""
    phase, penalties, noise, rate = now
    if before is None or before[0] != phase:
        begun = call("cl.Phase", "0", _weights(penalties), noise=noise, learning_rate=rate, name=phase)
        return [f"trainer.begin({begun})"]
    lines = []
    if before[1] != penalties:
        lines.append(f"trainer.penalties = {_weights(penalties)}")
    if before[2] != noise:
        lines.append(f"trainer.noise = {literal(noise)}")
    if before[3] != rate:
        lines.append(f"trainer.learning_rate = {literal(rate)}")
    return lines


def _weights(penalties: Penalties) -> str:
    return call("cl.Penalties", **{name: value for name, value in penalties.as_dict().items() if value})
