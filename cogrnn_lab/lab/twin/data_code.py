"""Code that makes the data of a run, and the files that it reads."""

import io
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import PurePath
from typing import Any

import numpy as np

from cogrnn_lab.lab.data.sources import PREVIEWED_TRIALS
from cogrnn_lab.lab.data.table import AS_IT_STANDS, ONE_SUBJECT, SHOWN, SUM, TWO_STEP
from cogrnn_lab.lab.engine.run import CHECK_EVERY, CHECKED_TRIALS, LabRun
from cogrnn_lab.lab.settings.catalog import ACCUMULATORS, CLICK_TRAINS, SIGNALS
from cogrnn_lab.lab.settings.state import CLICKS, GIVEN, MYSTERY, PUBLISHED, SIMULATED, TABLE, TASK
from cogrnn_lab.lab.twin.expressions import Code, call, literal
from cogrnn_lab.lab.twin.section import Section, public_name
from cogrnn_lab.tasks.registry import ENVIRONMENTS, TASKS

GIVEN_FILE = "dataset.npz"


def data_section(run: LabRun) -> Section:
    """Code that makes `dataset`, and on a trial task `task` and what is trained on, `curriculum`."""
    data = run.settings["data"]
    makers: dict[str, Callable[[Any, LabRun], Section]] = {
        SIMULATED: _simulated,
        MYSTERY: _mystery,
        CLICKS: _clicks,
        TASK: _task,
        PUBLISHED: _published,
        TABLE: _table,
        GIVEN: _given,
    }
    return makers[data["source"]](data, run)


def _simulated(data: dict[str, Any], run: LabRun) -> Section:
    environment, imports = _made("environment", data["environment"], ENVIRONMENTS, "ENVIRONMENTS")
    values = {"n_arms": int(run.dataset.n_classes or 2), **data["agent"]["parameters"]}
    sizes = {name: data[name] for name in ("n_sessions", "n_trials", "seed")}
    if run.truth is not None:
        name, numbers = run.truth
        values[name] = [float(number) for number in numbers]
        sizes["n_sessions"] = max(2, round(data["n_sessions"] / data["n_subjects"]))
    kind = literal(data["agent"]["kind"])
    agent = f"agent = {call(f'AGENTS[{kind}].make', **values)}"
    signal = data["signal"]
    if signal != "none":
        sizes["signals"] = Code(call(f"cl.{SIGNALS[signal].__name__}", **data["recording"]["parameters"]))
    made = f"dataset = {call('cl.simulate', 'agent', 'environment', **sizes)}"
    names = sorted({"AGENTS", *imports})
    return Section(
        "Data", "\n".join((environment, agent, made)),
        imports=(f"from cogrnn_lab.tasks.registry import {', '.join(names)}",),
        what=f"{data['agent']['kind']} in a simulated task.",
    )  # fmt: skip


def _mystery(data: dict[str, Any], run: LabRun) -> Section:
    environment, imports = _made("environment", data["environment"], ENVIRONMENTS, "ENVIRONMENTS")
    sizes = {name: data[name] for name in ("n_sessions", "n_trials", "seed")}
    agent = f"mystery = cl.mystery_agent({literal(data['mystery'])})"
    made = f"dataset = {call('mystery.simulate', 'environment', **sizes)}"
    return Section(
        "Data", "\n".join((environment, agent, made)),
        imports=(f"from cogrnn_lab.tasks.registry import {', '.join(sorted(imports))}",) if imports else (),
        what="A mystery agent: mystery.reveal() tells which one it is.",
    )  # fmt: skip


def _clicks(data: dict[str, Any], run: LabRun) -> Section:
    names = {"accumulator": ACCUMULATORS, "clicks": CLICK_TRAINS}
    lines = []
    for name, known in names.items():
        made_by = f"cl.{known[data[name]['kind']].__name__}"
        lines.append(f"{name} = {call(made_by, **data[name]['parameters'])}")
    sizes = {"n_trials": data["n_click_trials"], "seed": data["seed"]}
    lines.append(f"dataset = {call('cl.simulate_clicks', 'accumulator', 'clicks', **sizes)}")
    return Section("Data", "\n".join(lines), what="A bounded accumulator that listens to clicks.")


def _task(data: dict[str, Any], run: LabRun) -> Section:
    kind, stages = data["task"]["kind"], data["stages"]
    task, imports = _made("task", data["task"], TASKS, "TASKS")
    lines, tasks = [task], ["task"]
    if stages:
        tasks = [f"stage_{i + 1}" for i in range(len(stages))]
        lines += [
            _made(name, {"kind": kind, "parameters": stage}, TASKS, "TASKS")[0]
            for name, stage in zip(tasks, stages, strict=True)
        ]
    curriculum = call(
        "cl.Curriculum", f"[{', '.join(tasks)}]",
        advance=data["advance"] if stages else None, check_every=CHECK_EVERY, n_trials=CHECKED_TRIALS,
    )  # fmt: skip
    lines.append(f"curriculum = {curriculum}")
    lines.append(f"dataset = task.dataset({PREVIEWED_TRIALS}, seed={data['seed']})")
    return Section(
        "Task", "\n".join(lines), what=f"Trials of {kind}, new ones for every step.",
        imports=(f"from cogrnn_lab.tasks.registry import {', '.join(imports)}",) if imports else (),
    )  # fmt: skip


def _published(data: dict[str, Any], run: LabRun) -> Section:
    subject = data["published_subject"]
    subjects = {"subjects": (subject,)} if subject else {}
    return Section(
        "Data", f"dataset = {call('cl.published', literal(data['published']), **subjects)}",
        what="A published data set: downloaded once, then taken from the cache.",
    )  # fmt: skip


def _table(data: dict[str, Any], run: LabRun) -> Section:
    if run.table is None:
        raise ValueError("the table of this run is not at hand: upload it again")
    settings, name = data["table"], _file_name(run.table.name)
    reward = settings["reward"]
    keywords: dict[str, Any] = {
        "subject": False if settings["subject"] == ONE_SUBJECT else settings["subject"] or None,
        "session": settings["session"] or None,
        "reward": reward if reward in run.table.columns else reward.split(SUM),
        "trial": False if settings.get("trial") == AS_IT_STANDS else settings.get("trial") or None,
        "missed": list(settings.get("missed", ())) or None,
        "classes": list(settings.get("classes", ())) or None,
    }
    is_two_step = bool(settings.get("second"))
    keywords |= {one: settings.get(one) or None for one in (TWO_STEP if is_two_step else SHOWN)}
    keywords = {one: value for one, value in keywords.items() if value is not None}
    reader, first = ("cl.read_two_step", "first") if is_two_step else ("cl.read_table", "choice")
    made = call(reader, f"HERE / {literal(name)}", **{first: settings["choice"], **keywords})
    return Section(
        "Data", f"dataset = {made}", what=f"The table {name}.", files={name: run.table.content}
    )  # fmt: skip


def _given(data: dict[str, Any], run: LabRun) -> Section:
    """The arrays of a data set of the notebook in a file, its names as code."""
    dataset, arrays, keywords = run.dataset, {}, {}
    for one in fields(dataset):
        value = getattr(dataset, one.name)
        if isinstance(value, np.ndarray):
            arrays[one.name] = value
        elif one.name == "columns":
            arrays |= {f"column {name}": column for name, column in value.items()}
        elif one.name == "outcome_scale":
            if value is not None:
                lowest = {each.name: getattr(value, each.name) for each in fields(value)}
                keywords[one.name] = Code(call("cl.OutcomeScale", **lowest))
        elif value not in (None, ()):
            keywords[one.name] = value
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    columns = '{name[7:]: array for name, array in arrays.items() if name.startswith("column ")}'
    own = '{name: array for name, array in arrays.items() if not name.startswith("column ")}'
    made = call("cl.Dataset", f"**{own}", f"columns={columns}", **keywords)
    return Section(
        "Data", f'arrays = dict(np.load(HERE / "{GIVEN_FILE}"))\ndataset = {made}',
        imports=("import numpy as np",), what="The data set that the lab was given.",
        files={GIVEN_FILE: content.getvalue()},
    )  # fmt: skip


def _made(name: str, picked: dict[str, Any], registry: Any, registry_name: str) -> tuple[str, set[str]]:
    """A line that makes an entry of a registry, and the registries that it needs."""
    source, values = registry[picked["kind"]].source, picked["parameters"]
    public = public_name(source)
    if public is not None:
        return f"{name} = {call(public, **values)}", set()
    kind = literal(picked["kind"])
    return f"{name} = {call(f'{registry_name}[{kind}].make', **values)}", {registry_name}


def _file_name(uploaded: str) -> str:
    """The name of an uploaded file, where it is one that can do no harm; else one that keeps its ending."""
    name = PurePath(uploaded.replace("\\", "/")).name
    if re.fullmatch(r"\w[\w .+-]{0,79}", name) and not name.endswith((".py", ".ipynb", ".npz", ".")):
        return name
    ending = re.search(r"(\.\w{1,5}){0,2}$", name)
    return f"table{ending.group() if ending and not name.endswith(('.py', '.npz')) else '.csv'}"
