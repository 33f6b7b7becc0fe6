"""Who trains which run: a lock that the system frees when its process ends, however it ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: there two processes may train the same run, to the same end
    fcntl = None


@contextmanager
def claimed(path: Path) -> Iterator[bool]:
    """Whether this process has the claim to itself, for as long as the block lasts.

    The claim is a lock on the file (flock), which a killed process loses at once: no claim outlives its
    process. It holds between the processes of a machine, and between machines on a file system that passes
    locks on, as NFS does. Where there are no locks everyone has it: then work may be done twice, but what is
    written is the same, and it is written atomically.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file, is_ours = _open(path)
    try:
        yield is_ours
    finally:
        if is_ours and fcntl is not None:
            # while it is locked: whoever opened the file sees that it is gone, and makes another
            path.unlink(missing_ok=True)
        os.close(file)
        if fcntl is None:
            with suppress(OSError):  # Windows deletes no file that is open, here or in another process
                path.unlink(missing_ok=True)


def is_claimed(path: Path) -> bool:
    """Whether a process has the claim now."""
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _locked(file)
    finally:
        os.close(file)


def _open(path: Path) -> tuple[int, bool]:
    """The file of a claim, and whether it was locked."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT)
        is_ours = _locked(file)
        if not is_ours or _is_still(path, file):
            return file, is_ours
        os.close(file)  # its last owner deleted it between the two lines above


def _is_still(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _locked(file: int) -> bool:
    if fcntl is not None:
        with suppress(OSError):  # some file systems have no locks
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
    return True
