"""`cogrnn-lab fit`: from a table to a trained network, its report and its figures, without a browser."""

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
from tqdm import tqdm

import cogrnn_lab as cl
from cogrnn_lab.atomic_files import delete
from cogrnn_lab.cli.options import PENALIZED, as_options
from cogrnn_lab.cli.report import REPORTS, summarize, write_report
from cogrnn_lab.cli.results import write_results
from cogrnn_lab.data.reading.designs.two_step import read_two_step_with_cautions
from cogrnn_lab.data.reading.table import read_with_cautions
from cogrnn_lab.data.splits import SESSIONS, held_out_trials, in_words
from cogrnn_lab.training.watching.course import Course, CourseFile, definition_of

CHECKPOINT = "checkpoint.npz"  # in the folder of results, as long as training is not at its end
# what a checkpoint of other settings says, and what one does about it here
_OTHER_FILE = ("another file for a new run", "--overwrite to begin anew")

# what the command line tells of the columns of a table, by the names of `read_table`
COLUMNS = (
    "subject", "session", "choice", "reward", "inputs", "instructed", "classes", "missed", "trial",
    "previous_inputs", "options", "stimulus", "foregone",
)  # fmt: skip

# the same, by the names of `read_two_step`, for a table that has a column of second choices
TWO_STEP_COLUMNS = (
    "subject",
    "session",
    "reward",
    "classes",
    "missed",
    "trial",
    "second",
    "state",
    "transition",
)


def fit_table(options: argparse.Namespace, *, own_process: bool = False) -> int:
    """Fit the table that the options name, write the results, and return the exit code.

    In a process of its own (`own_process`) it has JAX use all CPU cores, which is a setting of the process.

    Training is kept in the folder with every report. Interrupted by Ctrl-C, which writes the results so far,
    or otherwise, the same command goes on from there, to the bit as if it had not been.

    Code 0: done, also when ended early by Ctrl-C. 1: training diverged (the last good model is written), or
    the results could not be written. 2: the table, a setting or the folder is wrong, told in one sentence on
    stderr.
    """
    try:
        if own_process:
            cl.use_cpu_devices()
        is_under_way = (Path(options.out) / CHECKPOINT).is_file()
        folder = output_folder(Path(options.out), overwrite=options.overwrite or is_under_way)
        dataset = read_dataset(options)
        train, held_out = _split(dataset, options)
        course = Course(_trainer(options, train, held_out), _phases(options), options.report_every)
        file = _taken_up(course, folder, train, held_out, anew=options.overwrite)
    except (ValueError, OSError) as error:
        return refuse(str(error).replace(*_OTHER_FILE), code=2)
    print(as_options(dataset.summary))
    for note in train.notes[len(dataset.notes) :]:
        print(as_options(note))
    print(in_words(dataset, train, held_out), flush=True)
    if course.trainer.step_count:
        print(f"going on from step {course.trainer.step_count:,}, which {file.path} has", flush=True)
    ended = _train(course, file)
    if not course.trainer.history:
        return refuse(f"{ended}; nothing was written", code=1)
    try:
        _write(folder, options, course.trainer, dataset, train, held_out, ended)
        if not isinstance(ended, KeyboardInterrupt):
            file.delete()
    except OSError as error:
        return refuse(f"the results could not be written ({error}); the same command tries it again", code=1)
    if isinstance(ended, KeyboardInterrupt):
        print("the same command goes on from there")
    return refuse(ended, code=1) if isinstance(ended, cl.TrainingDiverged) else 0


def refuse(reason: object, *, code: int) -> int:
    """Say on stderr why the command ends, and return its exit code."""
    print(f"cogrnn-lab: {reason}", file=sys.stderr)
    return code


def _write(folder, options, trainer, dataset, train, held_out, ended) -> None:
    """Write all results and show the report. It is written last: a folder that has one is of one run."""
    print("writing the results", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    run = cl.Run.of(trainer)
    summary = summarize(run, train, held_out, hold_out=options.hold_out or SESSIONS)
    delete([folder / name for name in REPORTS])
    aside = held_out_trials(dataset, options.held_out_every, **_held_out(options))
    write_results(folder, run, dataset, held_out, aside=aside, references=summary["references"])
    write_report(folder, summary, settings=vars(options), ended=ended)
    print((folder / "report.md").read_text(encoding="utf-8"), end="")
    print(f"written to {folder}")


def read_dataset(options: argparse.Namespace) -> cl.Dataset:
    """Read the table that the options name, by the columns that they name."""
    if not Path(options.table).is_file():
        raise ValueError(f"there is no file {options.table}; expected a CSV file with one row per trial")
    try:
        return _read_two_step(options) if _is_two_step(options) else _read_table(options)
    except ValueError as error:
        raise ValueError(as_options(str(error))) from None


def _read_table(options: argparse.Namespace) -> cl.Dataset:
    return read_with_cautions(options.table, **{name: getattr(options, name) for name in COLUMNS})[0]


def _is_two_step(options: argparse.Namespace) -> bool:
    """Tell whether the table is of two-step trials."""
    if options.second is not None:
        return True
    for name in ("state", "transition"):
        if getattr(options, name) is not None:
            raise ValueError(
                f"--{name} is of a two-step task, but no second choice is named; --second COLUMN names it"
            )
    return False


def _read_two_step(options: argparse.Namespace) -> cl.Dataset:
    shown = ("inputs", "instructed", "previous_inputs", "options", "stimulus", "foregone")
    idle = [f"--{name.replace('_', '-')}" for name in shown if getattr(options, name)]
    if idle:
        raise ValueError(
            f"{', '.join(idle)} beside --second: a table of two-step trials is read with both choices, the "
            "second state and the reward only; leave out either"
        )
    columns = {name: getattr(options, name) for name in TWO_STEP_COLUMNS}
    return read_two_step_with_cautions(options.table, first=options.choice, **columns)[0]


def _split(dataset: cl.Dataset, options: argparse.Namespace) -> tuple[cl.Dataset, cl.Dataset]:
    try:
        return dataset.split(options.held_out_every, **_held_out(options))
    except ValueError as error:
        raise ValueError(as_options(str(error))) from None


def _held_out(options: argparse.Namespace) -> dict[str, Any]:
    """What is held out, as `split` takes it."""
    return {"hold_out": options.hold_out, "block_trials": options.block_trials}


def output_folder(folder: Path, *, overwrite: bool) -> Path:
    """Refuse a folder that has files, unless they may be written over."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"--out {folder} is a file; expected a folder")
    if folder.is_dir() and any(folder.iterdir()) and not overwrite:
        raise ValueError(f"--out {folder} is not empty; choose another folder or add --overwrite")
    return folder


def _trainer(options: argparse.Namespace, train: cl.Dataset, held_out: cl.Dataset) -> cl.Trainer:
    model = untrained_network(options, train)
    return cl.Trainer(model, train, held_out, batch_size=options.batch_size, seed=options.seed)


def untrained_network(options: argparse.Namespace, dataset: cl.Dataset) -> cl.DisRNN:
    """Make the network that the options describe, for these data."""
    assert dataset.n_classes is not None  # read_table makes categorical data sets only
    return cl.DisRNN(
        dataset.n_inputs,
        dataset.n_classes,
        options.latents,
        update_width=options.update_width,
        update_depth=options.update_depth,
        choice_width=options.choice_width,
        choice_depth=options.choice_depth,
        key=jax.random.key(options.seed),
    )


def _phases(options: argparse.Namespace) -> Sequence[cl.Phase]:
    weights = {name: getattr(options, f"penalty_{name}") for name in PENALIZED}
    penalties = cl.Penalties(**weights, l2=options.l2)
    return cl.warm_up_then_penalized(
        options.warmup,
        options.steps,
        penalties,
        options.noise,
        warm_up_rate=options.warmup_rate,
        rate=options.learning_rate,
    )


def _taken_up(
    course: Course, folder: Path, train: cl.Dataset, held_out: cl.Dataset, *, anew: bool
) -> CourseFile:
    """The file in the folder that keeps the course, which is put where that has it."""
    file = CourseFile(folder / CHECKPOINT, definition_of(course, train, held_out))
    if anew:
        file.delete()
    file.take_up(course, train, held_out, {})
    return file


def _train(course: Course, file: CourseFile | None = None) -> KeyboardInterrupt | cl.TrainingDiverged | None:
    """Train through the phases with a progress bar; what ended it early, if anything did."""

    def keep() -> None:
        if file is not None:
            file.keep(course)

    n_steps = sum(phase.steps for phase in course.phases)
    taken = sum(phase.steps for phase in course.phases[: course.phase]) + course.taken
    with (
        tqdm(total=n_steps, initial=taken, unit="step", desc="compiling", dynamic_ncols=True) as bar,
        _ctrl_c() as pressed,
    ):
        try:
            for report in course.reports(keep):
                bar.set_description(report.phase, refresh=False)
                bar.set_postfix(_figures(report), refresh=False)
                bar.update(report.n_steps)
                if pressed:
                    keep()
                    return KeyboardInterrupt("ended by Ctrl-C")
        except cl.TrainingDiverged as error:
            return error
    return None


def _figures(report: cl.Report) -> dict[str, str]:
    figures = {"train": f"{report.likelihood:.4f}"}
    if report.valid_likelihood is not None:
        figures["held out"] = f"{report.valid_likelihood:.4f}"
    return figures


@contextmanager
def _ctrl_c() -> Iterator[list[int]]:
    """Collects Ctrl-C instead of being torn out of a compiled step; a second one ends the command at once."""
    pressed: list[int] = []

    def remember(signum: int, frame: object) -> None:
        pressed.append(signum)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        tqdm.write("ending after this step; results will be written (Ctrl-C again: stop at once)", sys.stderr)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
