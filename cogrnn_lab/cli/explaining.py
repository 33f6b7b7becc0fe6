"""`cogrnn-lab explain`: the story of what was found, without a browser."""

import argparse
from pathlib import Path
from typing import Any

import cogrnn_lab as cl
from cogrnn_lab.cli.discovering import INTERRUPTED, PATHS, saying
from cogrnn_lab.cli.fitting import output_folder, read_dataset, refuse
from cogrnn_lab.cli.options import as_options
from cogrnn_lab.discovery.findings import FINDINGS_FILE

RUN_FILE = "run.npz"


def explain_found(options: argparse.Namespace, *, own_process: bool = False) -> int:
    """Explain what the options name, write the story, and return the exit code.

    Code 0: done. 2: what was found, the table, a setting or the folder is wrong, told in one sentence on
    stderr. 130: interrupted; nothing was written.
    """
    try:
        if own_process:
            cl.use_cpu_devices()
        folder = output_folder(Path(options.out), overwrite=options.overwrite)
        found = _found(Path(options.found), options.level)
        dataset = read_dataset(options)
        print(as_options(dataset.summary, splits=False), flush=True)
        with saying() as say:
            story = cl.explain(found, dataset, plays=options.plays, seed=options.seed, watch=say)
            say("figures and report")
            page = story.report(folder)
    except (TypeError, ValueError, IndexError, OSError) as error:
        return refuse(as_options(str(error), splits=False), code=2)
    except KeyboardInterrupt:
        return refuse("interrupted; nothing was written", code=INTERRUPTED)
    print(f"\n{story.text}\n\nwritten to {page}")
    return 0


def _found(where: Path, level: int | None) -> Any:
    """The discovery or the run that is in a folder, or the run of a file."""
    if not where.exists():
        raise ValueError(
            f"there is no {where}; expected the folder of a discovery or a fit, or the file of a run"
        )
    if where.is_dir() and (where / FINDINGS_FILE).is_file():
        found = cl.load_discovery(where)
        return found if level is None else _at(found, level)
    if level is not None:
        raise ValueError(f"--level is of the path of a discovery, but {where} is none")
    if where.is_file():
        return cl.load(where)
    if (where / RUN_FILE).is_file():
        return cl.load(where / RUN_FILE)
    if any(where.glob(PATHS)):
        raise ValueError(
            f"the discovery in {where} has not come to its end; the command cogrnn-lab discover that began "
            "it goes on with it"
        )
    raise ValueError(
        f"{where} has neither {FINDINGS_FILE}, which a discovery writes, nor {RUN_FILE}, which a fit writes; "
        "is it another folder?"
    )


def _at(found: cl.Discovery, level: int) -> cl.Run:
    """The best network of a level."""
    n = len(found.path.levels)
    if level >= n:
        raise ValueError(f"--level {level}: the path has levels 0 to {n - 1}")
    return found.path.at(level, int(found.path.best_seeds[level]))
