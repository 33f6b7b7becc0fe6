"""Rats that weigh Poisson clicks (Brunton, Botvinick and Brody 2013)."""

from pathlib import Path
from typing import Any

import numpy as np

from cogrnn_lab.data.clicks import binned, click_dataset, whole_bins
from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.published_sets.files import PublishedFile
from cogrnn_lab.data.subjects import join_subjects

CITATION = (
    "Brunton, B. W., Botvinick, M. M. and Brody, C. D. Rats and humans can optimally accumulate evidence for "
    "decision-making. Science 340, 95-98 (2013)."
)
PAGE = "https://github.com/Brody-Lab/brunton_dataset"
LICENSE = "CC BY-NC 4.0"
RATS = (
    "B052", "B053", "B065", "B069", "B074", "B083", "B090", "B093", "B097", "B102",
    "B103", "B104", "B105", "B106", "B107", "B111", "B112", "B113", "B115",
)  # fmt: skip
FILES = {
    rat: PublishedFile(
        url=f"https://github.com/Brody-Lab/brunton_dataset/raw/main/data/chrono_{rat}_rawdata.mat",
        filename=f"brunton_clicks_{rat}.mat",
    )
    for rat in RATS
}
BIN_WIDTH = 0.01


def read(paths: dict[str, Path], subjects: tuple[str, ...] | None) -> Dataset:
    """Each trial in bins of 10 ms, the choice after the last, as `read_clicks` makes it of a table."""
    return join_subjects({rat: _trials(path, rat) for rat, path in paths.items()})


def _trials(path: Path, rat: str) -> Dataset:
    raw, n_trials = _raw(path)
    duration = _numbers(raw, "T", n_trials)
    if not (duration > 0).all():
        raise ValueError(f"a stimulus of rat {rat} lasts {duration.min():g} s; expected more than 0.")
    n_bins = whole_bins(duration, BIN_WIDTH)
    left, right = (
        binned([_times(one, rat) for one in _field(raw, name, n_trials)], n_bins, BIN_WIDTH)
        for name in ("leftbups", "rightbups")
    )
    extra = {"gamma": "gamma", "hit": "reward"}
    others = {
        column: _numbers(raw, name, n_trials).astype(np.float32)
        for name, column in extra.items()
        if name in (raw.dtype.names or ())
    }
    return click_dataset(
        left,
        right,
        n_bins,
        _numbers(raw, "pokedR", n_trials).astype(int),
        of_trials={"duration_s": duration.astype(np.float32), **others},
    )


def _raw(path: Path) -> tuple[np.ndarray, int]:
    """The structure of trials, and their number."""
    from scipy.io import loadmat  # slow to import

    try:
        content = loadmat(path, squeeze_me=True)
    except NotImplementedError:
        raise ValueError(
            f"{path} is a MATLAB 7.3 file; expected one of version 5, as it was published. Download it again."
        ) from None
    except Exception as error:  # scipy raises many kinds for a damaged file
        raise ValueError(f"{path} is no MATLAB file ({error}); delete it, to download it again.") from error
    if "rawdata" not in content:
        raise ValueError(f'{path} has no "rawdata", only {", ".join(k for k in content if k[0] != "_")}.')
    raw = np.atleast_1d(content["rawdata"])
    return raw, int(content.get("total_trials", raw.size))


def _field(raw: np.ndarray, name: str, n_trials: int) -> Any:
    """A field for each trial, of a structure for each trial or of one that holds vectors."""
    if name not in (raw.dtype.names or ()):
        raise ValueError(f'"rawdata" has no field "{name}", only {", ".join(raw.dtype.names or ())}.')
    values = raw[name] if raw.size == n_trials else np.atleast_1d(raw[name][0])
    if len(values) != n_trials:
        raise ValueError(f'field "{name}" is of {len(values)} trials; expected {n_trials}.')
    return values


def _numbers(raw: np.ndarray, name: str, n_trials: int) -> np.ndarray:
    return np.array([float(value) for value in _field(raw, name, n_trials)])


def _times(value: Any, rat: str) -> np.ndarray:
    times = np.atleast_1d(np.asarray(value, np.float64)).ravel()
    if not (times >= 0).all():
        raise ValueError(f"a click of rat {rat} is at {times.min():g} s; expected times from the start.")
    return times
