"""Files of runs: one JSON header and named arrays in an .npz, written atomically and never pickled."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.atomic_files import replacing
from cogrnn_lab.schemas import FileError, Schema, Whole, parsed_json, taking_apart
from cogrnn_lab.stored_arrays import stored_arrays

HEADER = "header"
FORMAT = "cogrnn_lab"
VERSION = 1


def write_archive(
    path: str | Path,
    header: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    *,
    keep_previous: bool = False,
) -> Path:
    """Write a file, which replaces an older one once it is whole and on the disk.

    Arguments:
        path: The file; `.npz` is appended to one without an ending.
        header: What JSON takes of it.
        arrays: Arrays by name.
        keep_previous: Whether the older one is kept as `previous_of(path)`.

    Returns:
        The path written.
    """
    path = Path(path)
    path = path if path.suffix else path.with_suffix(".npz")
    text = json.dumps({"format": FORMAT, "version": VERSION, **header}, allow_nan=True)
    with replacing(path, previous_of(path) if keep_previous else None) as file:
        np.savez(file, allow_pickle=False, **{HEADER: np.array(text), **arrays})
    return path


def previous_of(path: Path) -> Path:
    """Name the file that a checkpoint was before it was last written."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def offered(path: Path, tell: Callable[[Path], str]) -> str:
    """Offer the file that a damaged checkpoint was before, where that is whole, in words.

    Arguments:
        path: The checkpoint.
        tell: Function that reads the file before and says what it holds; whatever it raises, it is damaged.
    """
    before = previous_of(path)
    try:
        held = tell(before)
    except Exception:
        return "; delete it to begin anew"
    return (
        f". The one before it ({held}) is whole: put {str(before)!r} in its place to go on from there, or "
        "delete both to begin anew"
    )


class Header(dict[str, Any]):
    """Header of a file, with its path: errors about what it holds name it."""

    def __init__(self, values: Mapping[str, Any], file: Path):
        super().__init__(values)
        self.file = file


def read_archive(
    path: str | Path, *contents: str, schema: Schema | None = None
) -> tuple[Header, dict[str, np.ndarray]]:
    """Read header and arrays of a file with one of these contents, such as "run".

    Arguments:
        path: The file.
        contents: What may be in it.
        schema: What its header is checked against.

    Returns:
        Header and arrays. What is made of them is made within `taking_apart(header)`.

    Raises:
        FileNotFoundError: There is no such file.
        FileError: It is damaged, not of this package, of a newer version, or holds something else.
    """
    if not isinstance(path, str | Path):
        raise TypeError(f'the path is a {type(path).__name__}, expected that of a file, such as "run.npz"')
    path = Path(path)
    arrays = stored_arrays(path)
    with taking_apart(path):
        if HEADER not in arrays or arrays[HEADER].shape != () or arrays[HEADER].dtype.kind != "U":
            raise FileError("it is not a file that cogrnn_lab saved, or it is damaged (it has no header)")
        header = parsed_json(str(arrays.pop(HEADER)))
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            raise FileError(f"{str(path)!r} was not saved by cogrnn_lab")
        Whole(1).check(header.get("version"), "its version")
        if header["version"] > VERSION:
            raise FileError(
                f"{str(path)!r} was saved by a newer cogrnn_lab (file version {header['version']}); update it"
            )
        if header.get("content") not in contents:
            slip = "; cl.load_network reads it" if header.get("content") == "network" else ""
            raise FileError(
                f"{str(path)!r} holds a {_told(header.get('content'))}, expected a "
                f"{' or a '.join(contents)}{slip}"
            )
        if schema is not None:
            schema.check(header, "its header")
        return Header(header, path), arrays


def _told(content: Any) -> str:
    return content[:40] if isinstance(content, str) else f"{type(content).__name__} in the place of its kind"


def array_in(arrays: Mapping[str, np.ndarray], name: str, kinds: str, *shape: int | None) -> np.ndarray:
    """Take an array of a file.

    Arguments:
        arrays: All of them.
        name: Its name.
        kinds: Kinds of numbers that it may have, as NumPy's `dtype.kind` has them.
        shape: Its shape, with None for any length.

    Raises:
        FileError: There is none of this name, kind and shape.
    """
    if name not in arrays:
        raise FileError(f"the file lacks the array {name!r}")
    array = arrays[name]
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits or array.dtype.kind not in kinds:
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise FileError(
            f"array {name!r} of the file has shape {array.shape} and is of {array.dtype}, expected "
            f"({wanted}) of {' or '.join(_KINDS[kind] for kind in kinds)}"
        )
    return array


_KINDS = {"f": "floats", "i": "whole numbers", "u": "counts", "b": "truth values", "U": "text"}


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
        kind = np.dtype(leaf.dtype).kind
        return jnp.asarray(
            array_in(arrays, name, {"i": "iu", "u": "iu"}.get(kind, kind), *leaf.shape), leaf.dtype
        )

    return jax.tree_util.tree_map_with_path(fill, skeleton)
