"""Files that are there whole or not at all, whenever the process or the machine stops."""

import errno
import os
import re
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cogrnn_lab.callers import level_of_caller

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be deleted: that is the lock
    fcntl = None

ENDING = ".partial"
# What the first versions called the files that they left behind, readable by their owner alone.
EARLIER_ENDING, EARLIER_MODE = re.compile(r"[a-z0-9_]{8}"), 0o600


@contextmanager
def replacing(path: str | Path, previous: Path | None = None) -> Iterator[BinaryIO]:
    """A new file, open for writing bytes, that takes the place of `path` when the block ends.

    The file that was there stays as `previous` where that is given and the file system has links.

    It is written beside `path`, under another name, and is on the disk before it gets the name: a crash
    leaves the old file or the new one. An exception in the block leaves the old one. What crashes have left
    of earlier attempts is deleted; what another process is writing is not. Folders are made.
    """
    path = Path(path)
    _make_folder(path.parent)
    _sweep(path)
    file = _open_partial(path)
    partial = Path(file.name)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if previous is not None:
                _keep_as(path, previous)
            if fcntl is not None:
                partial.replace(path)  # while it is locked: nobody takes it for one that was left behind
        if fcntl is None:
            partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Put a file with this content in the place of `path`, as `replacing` does; returns the path."""
    with replacing(path) as file:
        file.write(content)
    return Path(path)


def write_text(path: str | Path, text: str) -> Path:
    """Put a file with this text, in UTF-8, in the place of `path`, as `replacing` does; returns the path."""
    return write_bytes(path, text.encode())


def delete(paths: list[Path]) -> None:
    """Delete files that may be missing, for good."""
    for path in paths:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in paths}:
        _sync_folder(folder)


@contextmanager
def told_if_impossible(path: Path, what: str, so: str) -> Iterator[None]:
    """Warn instead of raising where the system can't write: the disk is full, the folder is gone.

    Arguments: `path` of the file; `what` was to be kept in it, and `so`, what is done now, in words.
    """
    try:
        yield
    except OSError as error:
        warnings.warn(
            f"{what} could not be kept in {str(path)!r} ({error.strerror or error}); {so}",
            stacklevel=level_of_caller(),
        )


def _keep_as(path: Path, previous: Path) -> None:
    """Give a file a second name, so that it outlives what takes its place; at every moment there is one."""
    link = path.with_name(f".{path.name}.{secrets.token_hex(4)}{ENDING}")  # swept as any other that is left
    with suppress(OSError):  # no file yet, or a file system without links: then there is no previous one
        os.link(path, link)
        link.replace(previous)


def _open_partial(path: Path) -> BinaryIO:
    while True:
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}{ENDING}")
        try:
            file = partial.open("xb")
        except FileExistsError:
            continue
        with suppress(OSError):  # some file systems have no locks; there nothing is swept either
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX)
        if partial.exists():
            return file
        file.close()  # swept by another process between the two lines above


def _sweep(path: Path) -> None:
    """Delete what was left behind by processes that were killed while they wrote `path`."""
    prefix = f".{path.name}."
    for found in path.parent.iterdir():
        ending = found.name.removeprefix(prefix)
        if ending == found.name:
            continue
        with suppress(OSError):
            if ending.endswith(ENDING) or (
                EARLIER_ENDING.fullmatch(ending) and found.stat().st_mode & 0o777 == EARLIER_MODE
            ):
                _delete_unless_in_use(found)


def _delete_unless_in_use(path: Path) -> None:
    if fcntl is None:
        path.unlink()
        return
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # an error where its writer lives
        path.unlink()


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:  # some network and FUSE file systems refuse it for folders
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)
