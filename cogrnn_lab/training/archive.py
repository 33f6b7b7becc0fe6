"""Files of runs: one JSON header and named arrays in an .npz, written atomically and never pickled."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.atomic_files import replacing

HEADER = "header"
FORMAT = "cogrnn_lab"
VERSION = 1


def write_archive(path: str | Path, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Path:
    """Write a file, which replaces an older one once it is whole and on the disk.

    `.npz` is appended to a path without an ending. Returns the path written.
    """
    path = Path(path)
    path = path if path.suffix else path.with_suffix(".npz")
    text = json.dumps({"format": FORMAT, "version": VERSION, **header}, allow_nan=True)
    with replacing(path) as file:
        np.savez(file, allow_pickle=False, **{HEADER: np.array(text), **arrays})
    return path


def read_archive(path: str | Path, *contents: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read header and arrays of a file with one of these contents, such as "run"; else a `ValueError`."""
    if not isinstance(path, str | Path):
        raise TypeError(f'the path is a {type(path).__name__}, expected that of a file, such as "run.npz"')
    path = Path(path)
    try:
        # Opened here, because numpy leaves a damaged file open.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(str(arrays.pop(HEADER)))
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {str(path)!r}") from None
    except (KeyError, ValueError, EOFError, OSError, zipfile.BadZipFile, TypeError, AttributeError) as error:
        raise ValueError(
            f"{str(path)!r} is not a file that cogrnn_lab saved, or it is damaged ({type(error).__name__})"
        ) from error
    if header.get("format") != FORMAT:
        raise ValueError(f"{str(path)!r} was not saved by cogrnn_lab")
    if header["version"] > VERSION:
        raise ValueError(
            f"{str(path)!r} was saved by a newer cogrnn_lab (file version {header['version']}); update it"
        )
    if header.get("content") not in contents:
        slip = "; cl.load_network reads it" if header.get("content") == "network" else ""
        raise ValueError(
            f"{str(path)!r} holds a {header.get('content')}, expected a {' or a '.join(contents)}{slip}"
        )
    return header, arrays


def tree_arrays(prefix: str, tree: Any) -> dict[str, np.ndarray]:
    """Collect the array leaves of a pytree by their paths."""
    leaves = jax.tree_util.tree_leaves_with_path(eqx.filter(tree, eqx.is_array))
    return {prefix + jax.tree_util.keystr(where): np.asarray(leaf) for where, leaf in leaves}


def tree_from_arrays(prefix: str, skeleton: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """Fill `skeleton` (arrays, or shapes of them) with the arrays that `tree_arrays` wrote."""

    def fill(where, leaf):
        if not (eqx.is_array(leaf) or isinstance(leaf, jax.ShapeDtypeStruct)):
            return leaf
        name = prefix + jax.tree_util.keystr(where)
        if name not in arrays:
            raise ValueError(f"the file lacks the array {name!r}")
        if arrays[name].shape != leaf.shape:
            raise ValueError(
                f"array {name!r} of the file has shape {arrays[name].shape}, expected {leaf.shape}"
            )
        return jnp.asarray(arrays[name], leaf.dtype)

    return jax.tree_util.tree_map_with_path(fill, skeleton)
