"""Files of published data: downloaded once, checked, and kept in the user's cache folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from logging import Logger
from pathlib import Path
from typing import Any

CACHE_VARIABLE = "COGRNN_LAB_CACHE"


@dataclass(frozen=True)
class PublishedFile:
    """A file on the web.

    `url` where it is; `filename` what it is called in the cache; `hash` its checksum, "md5:..." or
    "sha256:...", or None where none is known: then the checksum of the first download is noted beside the
    file, and every later copy has to have it.
    """

    url: str
    filename: str
    hash: str | None = None


def cache_folder() -> Path:
    """Where files are kept: the environment variable COGRNN_LAB_CACHE, or the user's cache folder."""
    import pooch  # only those who download pay for it

    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser() if chosen else Path(pooch.os_cache("cogrnn_lab"))


def fetched(file: PublishedFile) -> Path:
    """The path of a file in the cache, which is downloaded if it is not there or is damaged.

    **Raises:** `ConnectionError` where the server cannot be reached or refuses, `ValueError` where the file
    has another checksum than it should.
    """
    import pooch
    import requests

    folder = cache_folder()
    path, note = folder / file.filename, folder / f"{file.filename}.sha256"
    noted = note.read_text(encoding="ascii").strip() if file.hash is None and note.is_file() else None
    known = file.hash or noted
    downloader: Any = pooch.HTTPDownloader(chunk_size=2**16, timeout=60)
    try:
        with _quiet(pooch.get_logger()):
            pooch.retrieve(file.url, known, file.filename, folder, downloader=downloader)
    except requests.exceptions.RequestException as error:
        raise ConnectionError(
            f"{file.url} could not be downloaded ({_reason(error)}). Without a connection, download it "
            f"elsewhere and save it as {path}; {CACHE_VARIABLE} names another folder."
        ) from error
    except ValueError as error:
        raise ValueError(
            f"{file.url} gave a file with another checksum than {known}: it is damaged or was changed by "
            f"those who publish it, and was not kept. {_noted_advice(note) if noted else ''}"
        ) from error
    if file.hash is None and noted is None:
        note.write_text(f"sha256:{pooch.file_hash(str(path))}\n", encoding="ascii")
    return path


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answered {response.status_code} {response.reason}"
    return f"{type(error).__name__}; is this machine online?"


def _noted_advice(note: Path) -> str:
    return f"The checksum is that of the first download; to accept a new version delete {note}."


@contextmanager
def _quiet(logger: Logger) -> Iterator[None]:
    """A library does not print, and this logger would."""
    level = logger.level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)
