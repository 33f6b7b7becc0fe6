"""`cogrnn-lab study`: many fits as a TOML file describes them, going on where they were interrupted."""

import argparse
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import cogrnn_lab as cl
from cogrnn_lab.cli.discovering import INTERRUPTED, client_at
from cogrnn_lab.cli.fitting import COLUMNS, refuse
from cogrnn_lab.data.reading.table import read_with_cautions
from cogrnn_lab.workers import WorkersDied

PARTS = ("data", "study", "network", "space")
# What [study] may have: arguments of `Study` that are numbers or text.
STUDY = ("n_random", "n_trials", "seed", "folds", "hold_out", "every", "patience", "report_every")


def study_file(options: argparse.Namespace) -> int:
    """Train the study that a TOML file describes, and return the exit code.

    Code 0: every run is there. 1: some have failed, as the table tells, or workers died of them. 2: the file,
    a table or the folder is wrong, told in one sentence on stderr. 130: interrupted; the same command goes
    on.
    """
    file = Path(options.study)
    folder = Path(options.out) if options.out else file.with_suffix("")
    try:
        study = _study(file, folder)
        n = len(study.points) or "as many as are suggested"
        print(f"{n} runs in {folder}", flush=True)
        study.run(client_at(options.scheduler), retry_failed=options.retry_failed, watch=_say, progress=False)
    except WorkersDied as error:
        return refuse(error, code=1)
    except (ValueError, TypeError, OSError, ImportError) as error:
        return refuse(error, code=2)
    except KeyboardInterrupt:
        return refuse(f"interrupted; the same command goes on from what {folder} holds", code=INTERRUPTED)
    table = study.table
    table.to_csv(folder / "table.csv", index=False)
    failed = table[table["state"] == "failed"]
    if len(failed) < len(table):
        if "likelihood_held_out" in table:
            print(f"best run: {study.best()}")
        cl.plots.plot_study(study, x="nats" if "nats" in table else "n_parameters").savefig(
            folder / "study.png"
        )
    print(f"written to {folder}")
    return refuse(f"{len(failed)} runs failed; see {folder / 'table.csv'}", code=1) if len(failed) else 0


def _study(file: Path, folder: Path) -> cl.Study:
    told = _read(file)
    _check_keys(told, PARTS, f"{file}")
    for part in ("data", "space"):
        if part not in told:
            raise ValueError(
                f"{file} has no [{part}]; expected [data] with table = ..., and [space] with settings"
            )
    settings = told.get("study", {})
    _check_keys(settings, STUDY, f"[study] of {file}")
    network = dict(told.get("network", {}))
    kind = network.pop("kind", "DisRNN")
    given = told["space"] if isinstance(told["space"], list) else [told["space"]]
    twice = sorted({name for one in given for name in one} & set(network))
    if twice:
        raise ValueError(f"{twice[0]} is in [network] and in [space] of {file}; leave it in one of them")
    return cl.Study(
        folder, _data(told["data"], file), [network | one for one in given], network=kind, **settings
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"there is no file {file}; expected a TOML file that describes a study") from None
    except RecursionError:
        raise ValueError(f"{file} is not TOML that can be read: it is nested too deep") from None
    except ValueError as error:  # also where it is no UTF-8
        raise ValueError(f"{file} is not TOML: {error}") from None
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None


def _data(told: Mapping[str, Any], file: Path) -> cl.Dataset | dict[str, Any]:
    """The data set of [data], or one for each [data.NAME]."""
    if "table" in told:
        return _table(told, file, "[data]")
    if not told or not all(isinstance(one, Mapping) for one in told.values()):
        raise ValueError(
            f'[data] of {file} has no table; expected the path of a CSV file, as table = "choices.csv"'
        )
    return {name: _table(one, file, f"[data.{name}]") for name, one in told.items()}


def _table(told: Mapping[str, Any], file: Path, part: str) -> cl.Dataset:
    _check_keys(told, ("table", *COLUMNS), f"{part} of {file}")
    if "table" not in told:
        raise ValueError(f"{part} of {file} has no table; expected the path of a CSV file")
    path = file.parent / str(told["table"])  # beside the TOML file, wherever the command is given
    if not path.is_file():
        raise ValueError(f"there is no file {path}; {part} of {file} names it")
    columns = {name: None if value == "" else value for name, value in told.items() if name != "table"}
    return read_with_cautions(path, **columns)[0]


def _check_keys(told: Any, known: tuple[str, ...], where: str) -> None:
    if not isinstance(told, Mapping):
        raise ValueError(f"{where} is {told!r}; expected a table of settings")
    for name in told:
        if name not in known:
            near = get_close_matches(name, known, 1)
            slip = f" (did you mean {near[0]}?)" if near else ""
            raise ValueError(f"{where} has {name}{slip}; expected {', '.join(known)}")


def _say(row: dict[str, Any]) -> None:
    likelihood = row.get("likelihood_held_out")
    told = row["error"] or ("" if likelihood is None else f"likelihood held out {likelihood:.4f}")
    print(f"{row['run']} {row['state']} {told}", flush=True)
