"""Published data sets by name: downloaded once, checked, and read."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.published_sets import rat_bandit, rat_clicks
from cogrnn_lab.data.published_sets.files import PublishedFile, cache_folder, fetched

__all__ = [
    "PublishedFile",
    "PublishedSet",
    "cache_folder",
    "fetch",
    "published",
    "published_names",
    "published_set",
]


@dataclass(frozen=True)
class PublishedSet:
    """A published data set.

    `files` by subject, or one for all subjects under the name "all"; `read` what makes a `Dataset` of their
    paths; `citation`, `page` and `license` to be heeded by those who use it.
    """

    files: Mapping[str, PublishedFile]
    read: Callable[[dict[str, Path], tuple[str, ...] | None], Dataset]
    citation: str
    page: str
    license: str


SETS: Mapping[str, PublishedSet] = MappingProxyType(
    {
        "rat_bandit": PublishedSet(
            rat_bandit.FILES, rat_bandit.read, rat_bandit.CITATION, rat_bandit.PAGE, rat_bandit.LICENSE
        ),
        "rat_clicks": PublishedSet(
            rat_clicks.FILES, rat_clicks.read, rat_clicks.CITATION, rat_clicks.PAGE, rat_clicks.LICENSE
        ),
    }
)


def published_names() -> tuple[str, ...]:
    """Names of the data sets that `published` knows.

    - "rat_bandit": 20 rats at a two-armed bandit whose reward probabilities drift, with instructed trials
        (Miller, Botvinick and Brody 2018).
    - "rat_clicks": 19 rats that weigh Poisson clicks (Brunton, Botvinick and Brody 2013), like
        `simulate_clicks`.
    """
    return tuple(SETS)


def published(name: str, *, subjects: Sequence[str] | None = None) -> Dataset:
    """A published data set.

    Its files are downloaded the first time and kept in the user's cache folder, or in the folder that the
    environment variable COGRNN_LAB_CACHE names.

    **Arguments:**

    - `name`: one of `published_names()`.
    - `subjects`: names of the subjects that are wanted; all without. Where each has a file of its own, only
        theirs are downloaded.

    **Raises:** `ValueError` for a name or a subject that there is not, or a file that is not what it was when
    it was published; `ConnectionError` where there is no connection, saying what to download and where to.
    """
    chosen = published_set(name)
    wanted = _wanted(subjects)
    return chosen.read(_fetched(chosen, wanted), wanted)


def fetch(name: str, *, subjects: Sequence[str] | None = None) -> dict[str, Path]:
    """Downloads the files of a published data set, as `published` does, and says where they are.

    By subject, or one for all subjects under the name "all".
    """
    return _fetched(published_set(name), _wanted(subjects))


def published_set(name: str) -> PublishedSet:
    """Files, citation, page and license of a published data set, which nothing is downloaded for."""
    if name not in SETS:
        close = difflib.get_close_matches(str(name), SETS, n=1)
        hint = f' Is it "{close[0]}"?' if close else ""
        raise ValueError(f'no published data set is called "{name}"; there are {", ".join(SETS)}.{hint}')
    return SETS[name]


def _wanted(subjects: Sequence[str] | None) -> tuple[str, ...] | None:
    if subjects is None:
        return None
    wanted = (subjects,) if isinstance(subjects, str) else tuple(str(subject) for subject in subjects)
    if not wanted or len(set(wanted)) < len(wanted):
        raise ValueError(f"subjects = {subjects!r}; expected one or more different names.")
    return wanted


def _fetched(chosen: PublishedSet, wanted: tuple[str, ...] | None) -> dict[str, Path]:
    files = chosen.files
    if "all" not in files and wanted is not None:
        unknown = [subject for subject in wanted if subject not in files]
        if unknown:
            raise ValueError(f"no subject {', '.join(unknown)}; the subjects are: {', '.join(files)}.")
        files = {subject: files[subject] for subject in wanted}
    return {subject: fetched(file) for subject, file in files.items()}
