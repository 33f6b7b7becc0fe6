"""`cogrnn-lab discover`: from a table to a discovery with its report, without a browser."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
from tqdm import tqdm

import cogrnn_lab as cl
from cogrnn_lab.atomic_files import delete
from cogrnn_lab.cli.fitting import read_dataset, refuse, untrained_network
from cogrnn_lab.cli.options import as_options
from cogrnn_lab.data.splits import SUBJECTS
from cogrnn_lab.discovery.course.finished import PARTS
from cogrnn_lab.discovery.course.networks import has_subjects_to_know
from cogrnn_lab.discovery.saved_findings import EQUATIONS_FILE, FINDINGS_FILE, OTHER
from cogrnn_lab.extras import imported_extra
from cogrnn_lab.workers import WorkersDied

PATHS = "path*.npz"
SIZES = ("update_width", "update_depth", "choice_width", "choice_depth")
# what a path says of a checkpoint with other settings, and what one does about it here
_OTHER_FILE = ("another file for a new path", "--overwrite to begin anew")
INTERRUPTED = 130  # what shells give a command that Ctrl-C has ended


def discover_table(options: argparse.Namespace, *, own_process: bool = False) -> int:
    """Discover from the table that the options name, write everything, and return the exit code.

    Code 0: done. 1: training diverged, workers died, or the report could not be written. 2: the table, a
    setting or the folder is wrong, told in a sentence on stderr. 130: interrupted; the same command goes on.
    """
    folder = Path(options.out)
    try:
        if own_process:
            cl.use_cpu_devices()
        _check_folder(folder, overwrite=options.overwrite)
        dataset = read_dataset(options)
        settings = _settings(options, dataset)
        if options.overwrite:
            delete(_written(folder))
        print(as_options(dataset.summary, splits=False), flush=True)
        with _shown() as watch:
            client = client_at(options.scheduler)
            found = cl.discover(dataset, folder=folder, watch=watch, client=client, **settings)
        story = _story(found, dataset) if options.story else None
    except (cl.TrainingDiverged, WorkersDied) as error:
        return refuse(error, code=1)
    except (ValueError, OSError, ImportError) as error:
        return refuse(as_options(str(error), splits=False).replace(*_OTHER_FILE), code=2)
    except KeyboardInterrupt:
        return refuse(_interrupted(folder), code=INTERRUPTED)
    try:
        page = found.report(folder, story=story)
    except OSError as error:
        return refuse(f"the report could not be written ({error}); the same command tries it again", code=1)
    except KeyboardInterrupt:
        return refuse(_interrupted(folder), code=INTERRUPTED)
    print(f"\n{found.text}\n\nwritten to {page}")
    return 0


def _interrupted(folder: Path) -> str:
    return f"interrupted; the same command goes on from what {folder} holds"


def _story(found: cl.Discovery, dataset: cl.Dataset) -> cl.Explanation | None:
    """What the network does; None, with a word about why, where that cannot be told."""
    try:
        with saying() as say:
            return cl.explain(found, dataset, watch=say)
    except (TypeError, ValueError) as error:
        print(f"The report has no story of the network: {error}", file=sys.stderr)
        return None


@contextmanager
def saying() -> Iterator[Callable[[str], None]]:
    """A line on the terminal that says what is done now; a line for each in a file."""
    with tqdm(bar_format="{desc} [{elapsed}]", dynamic_ncols=True, disable=None) as bar:

        def say(what: str) -> None:
            if bar.disable:
                bar.write(what, file=sys.stderr)
            bar.set_description_str(what)

        yield say


def client_at(address: str | None) -> Any:
    """A client of the Dask scheduler at this address; None without one."""
    if address is None:
        return None
    return imported_extra("distributed", "cluster", "--scheduler").Client(address, timeout=30)


def _check_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder with files that no discovery has written."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"--out {folder} is a file; expected a folder")
    ours = any(folder.glob(PATHS))
    hold = folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())
    if hold and not (overwrite or ours):
        raise ValueError(
            f"--out {folder} has files but no discovery to go on with; choose another folder or add "
            "--overwrite"
        )


def _written(folder: Path) -> list[Path]:
    """Files of an earlier discovery, by which another one would be mistaken for it."""
    names = (FINDINGS_FILE, EQUATIONS_FILE, OTHER[EQUATIONS_FILE], "report.html", "report.md")
    there = [folder / name for name in names if (folder / name).exists()]
    return [*there, *folder.glob(PATHS), *(folder / PARTS).glob("*.npz")]


def _settings(options: argparse.Namespace, dataset: cl.Dataset) -> dict[str, Any]:
    """Arguments of `discover`."""
    warm_up, settling = cl.WarmUp(), cl.Settling()
    for name in ("warmup", "level_steps", "equation_latents", "equation_starts", "seeds", "batch_size"):
        if getattr(options, name) == 0:
            raise ValueError(f"--{name.replace('_', '-')} is 0; expected 1 at least")
    if options.best and options.n_latents is not None:
        raise ValueError(
            f"--best and --n-latents {options.n_latents}: the best level, or the best of those with "
            f"{options.n_latents} latents? Leave one of them out"
        )
    return {
        "hold_out": options.hold_out,
        "model": _models(options, dataset),
        "seeds": options.seeds,
        "seed": options.seed,
        "rule": "best" if options.best else "one standard error",
        "n_latents": options.n_latents,
        "equations": _equations(options),
        "classical": _classical(options.classical, dataset),
        "gru_units": options.gru_units or None,
        "levels": options.levels,
        "batch_size": options.batch_size,
        "warm_up": cl.WarmUp(most=options.warmup, check_every=min(warm_up.check_every, options.warmup)),
        "settling": cl.Settling(
            most=options.level_steps, check_every=min(settling.check_every, options.level_steps)
        ),
    }


def _models(options: argparse.Namespace, dataset: cl.Dataset) -> list[cl.Network]:
    """One network for all, and where there is something to know of subjects, one that knows them."""
    one = untrained_network(options, dataset)
    if options.one_network or options.hold_out == SUBJECTS or not has_subjects_to_know(dataset):
        return [one]
    sizes = {name: getattr(options, name) for name in SIZES}
    knowing = cl.MultisubjectDisRNN(
        dataset.n_inputs,
        int(dataset.n_classes or 0),
        options.latents,
        n_subjects=len(dataset.subject_names),
        key=jax.random.key(options.seed),
        **sizes,
    )
    return [one, knowing]


def _equations(options: argparse.Namespace) -> bool | dict[str, Any]:
    """Settings of the search for equations."""
    if not options.equations:
        return False
    sizes = tuple(range(1, options.equation_latents + 1))
    return {"n_latents": sizes, "n_starts": options.equation_starts, "seed": options.seed}


def _classical(names: list[str] | None, dataset: cl.Dataset) -> dict[str, Any] | None:
    """Those classical models that were named."""
    if names is None:
        return None
    known = cl.classical_models(dataset)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(
            f"--classical {', '.join(unknown)}: there is no such model; there are {', '.join(known)}"
        )
    return {name: known[name] for name in names}


@contextmanager
def _shown() -> Iterator[Callable[[cl.DiscoveryProgress], None]]:
    """A line on the terminal that says what is done now, below what has been finished.

    In a file, where there is no such line, single steps are left out.
    """
    with tqdm(bar_format="{desc} [{elapsed}]", dynamic_ncols=True, disable=None) as bar:

        def watch(progress: cl.DiscoveryProgress) -> None:
            told = f"{progress.stage}: {progress.text}"
            if progress.is_done or (bar.disable and ", step " not in told):
                bar.write(told, file=sys.stderr)
            if not progress.is_done:
                bar.set_description_str(told)

        yield watch
