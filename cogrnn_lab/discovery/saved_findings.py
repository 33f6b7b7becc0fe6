"""Folder of a discovery: a path, equations, and the findings, which name the two and are switched last."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import numpy as np

from cogrnn_lab.analysis.choice_equations.groups.by_subject import SUBJECTS, subjects_to_archive
from cogrnn_lab.atomic_files import delete
from cogrnn_lab.discovery.course.explained import SEARCHED, searched_to_json
from cogrnn_lab.discovery.level import ARRAYS
from cogrnn_lab.discovery.mechanisms import Agreement
from cogrnn_lab.discovery.units import UNITS, Units
from cogrnn_lab.discovery.yardsticks import Yardsticks
from cogrnn_lab.fingerprints import digest
from cogrnn_lab.models.description import DESCRIPTION, describe_model
from cogrnn_lab.schemas import (
    FileError,
    Flag,
    ListOf,
    MapOf,
    Maybe,
    Number,
    Record,
    Text,
    Whole,
    taking_apart,
)
from cogrnn_lab.training.archive import Header, array_in, read_archive, write_archive

if TYPE_CHECKING:
    from cogrnn_lab.discovery.findings import Discovery

PATH_FILE, EQUATIONS_FILE, FINDINGS_FILE = "path.npz", "equations.npz", "findings.npz"
# The second name of each: what is saved over another discovery stands beside it until the findings name it.
OTHER = {PATH_FILE: "path.other.npz", EQUATIONS_FILE: "equations.other.npz"}
FILES = Record(
    {"path": Text((PATH_FILE, OTHER[PATH_FILE])), "equations": Text((EQUATIONS_FILE, OTHER[EQUATIONS_FILE]))}
)
# Header of the findings.
FINDINGS = Record(
    {
        "rule": Text(),
        "level": Whole(),
        "seed": Whole(),
        "sentences": ListOf(Text()),
        "dealt": Text(),
        "kinds": MapOf(Text()),
        "choosing": MapOf(Number()),
        "failed": MapOf(Text()),
        "units": UNITS,
        "agreement": Flag(),
    },
    {
        "equations": Maybe(Text()),
        "without_equations": Text(),
        "network": Text(),
        "tried": ListOf(DESCRIPTION),
        "hold_out": Maybe(Text()),
        "level_text": Text(),
        "by_equations": Flag(),
        "search": Maybe(SEARCHED),
        "by_subject": Maybe(SUBJECTS),
        "wiring_names": ListOf(Text()),
        "reference": Whole(),
        "files": FILES,
        "path": Text(),
    },
)


def save_findings(found: "Discovery", folder: FilePath, network: str) -> FilePath:
    """Write a discovery into a folder, over another one or not; returns the folder.

    Arguments: `network`, what tells the chosen network from others.
    """
    path = _digest_of(found)
    before = _standing(folder)
    files, is_same = {"path": PATH_FILE, "equations": EQUATIONS_FILE}, False
    if before is not None:
        is_same = before.get("path") == path and (folder / before["files"]["path"]).is_file()
        files = {
            "path": before["files"]["path"] if is_same else _other(before["files"]["path"]),
            "equations": _other(before["files"]["equations"]),
        }
    if not is_same:
        found.path.save(folder / files["path"])
    if found.equations is not None:
        found.equations.save(folder / files["equations"])
    header, arrays = _archive(found)
    write_archive(folder / FINDINGS_FILE, header | {"network": network, "files": files, "path": path}, arrays)
    if before is not None:
        left = [folder / name for kind, name in before["files"].items() if files[kind] != name]
        delete([file for file in left if file.is_file()])
    return folder


def read_findings(folder: FilePath) -> tuple[Header, dict[str, np.ndarray], dict[str, str]]:
    """Header and arrays of the findings in a folder, and the names of the other files."""
    header, arrays = read_archive(folder / FINDINGS_FILE, "discovery", schema=FINDINGS)
    return header, arrays, header.get("files", {"path": PATH_FILE, "equations": EQUATIONS_FILE})


def agreement_of(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Agreement | None:
    """The agreement in the findings."""
    if not header["agreement"]:
        return None
    own = named_arrays("agreement ", arrays)
    n_runs, n_latents = array_in(own, "order", "i", None, None).shape
    shapes: dict[str, tuple[int | None, ...]] = {
        "order": (n_runs, n_latents),
        "similarity": (n_runs, n_runs, n_latents),
        "update_similarity": (n_runs, n_latents),
        "choice_similarity": (n_runs, n_latents),
        "span": (n_runs, n_runs),
        "n_latents": (n_runs,),
        "wiring": (n_runs, n_latents, len(header["wiring_names"])),
    }
    if header["reference"] >= n_runs:
        raise FileError(f"its agreement is with run {header['reference']} of {n_runs}")
    return Agreement(
        **{name: array_in(own, name, "fib", *shape) for name, shape in shapes.items()},
        wiring_names=tuple(header["wiring_names"]),
        reference=header["reference"],
    )


def yardsticks_of(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Yardsticks:
    """What the network was measured by, in the findings."""
    units = Units.from_header(header["units"])
    nll = {name: array_in(arrays, f"nll {name}", "f", units.n) for name in named_arrays("nll ", arrays)}
    if set(nll) != set(header["kinds"]) or not set(header["choosing"]) <= set(nll):
        raise FileError("its yardsticks have likelihoods of some models and names of others")
    return Yardsticks(nll, header["kinds"], header["choosing"], units, header["failed"])


def named_arrays(start: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Arrays whose name begins so, by the rest of it."""
    return {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}


def _archive(found: "Discovery") -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays of the findings."""
    own = found.measured
    header = {
        "content": "discovery",
        "equations": None if found.equations is None else found.equations.text,
        "without_equations": found.without_equations,
        "rule": found.level.rule,
        "level": int(found.level),
        "seed": found.level.seed,
        "level_text": found.level.text,
        "by_equations": found.level.by_networks is not None,
        "search": None if found.search is None else searched_to_json(found.search),
        "sentences": list(found.sentences),
        "dealt": found.dealt,
        "kinds": own.kinds,
        "choosing": own.choosing,
        "failed": own.failed,
        "units": own.units.to_header(),
        "agreement": found.agreement is not None,
        "tried": [describe_model(model) for model in found.tried],
        "hold_out": found.hold_out,
    }
    arrays = {f"nll {name}": nll for name, nll in own.nll.items()}
    if found.by_subject is not None:
        header["by_subject"], kept = subjects_to_archive(found.by_subject)
        arrays |= {f"subjects {name}": array for name, array in kept.items()}
    if found.agreement is not None:
        header |= {
            "wiring_names": list(found.agreement.wiring_names),
            "reference": found.agreement.reference,
        }
        arrays |= {
            f"agreement {field.name}": getattr(found.agreement, field.name)
            for field in fields(Agreement)
            if field.name not in ("wiring_names", "reference")
        }
    return header, arrays


def _standing(folder: FilePath) -> Header | None:
    """Header of the findings that are there now, with the names of their files; None where none are whole."""
    with suppress(FileNotFoundError, FileError):
        header, _, files = read_findings(folder)
        with taking_apart(header):
            header["files"] = files
            return header
    return None


def _other(name: str) -> str:
    """The name, of the two that a file can have, that is not in use."""
    back = {second: first for first, second in OTHER.items()}
    return (OTHER | back)[name]


def _digest_of(found: "Discovery") -> str:
    """What tells one path from another: networks, what was measured of them, and on which sessions."""
    path = found.path
    told = repr((path.settings, path.finished, {name: own.to_header() for name, own in path.units.items()}))
    arrays = [np.frombuffer(told.encode(), np.uint8)]
    for level in (path.warm_up, *path.levels):
        arrays += jax.tree.leaves(eqx.filter(level.models, eqx.is_array))
        arrays += [getattr(level, name) for name in ARRAYS]
        arrays += [level.nll[name] for name in sorted(level.nll)]
    return digest(*arrays)
