"""Rats at a two-armed bandit whose reward probabilities drift (Miller, Botvinick and Brody)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.data.dataset import Dataset
from cogrnn_lab.data.published_sets.files import PublishedFile
from cogrnn_lab.data.reading.table import read_table

CITATION = (
    "Miller, K. J., Botvinick, M. M. and Brody, C. D. From predictive models to cognitive models: separable "
    "behavioral processes underlying reward learning in the rat. bioRxiv 461129 (2018)."
)
PAGE = "https://doi.org/10.6084/m9.figshare.20449356"
LICENSE = "CC BY 4.0"
FILES = {
    # version 2 of the record; the checksum as recorded by others who verify the file with it
    "all": PublishedFile(
        url="https://ndownloader.figshare.com/files/40442660",
        filename="miller_rat_bandit.json",
        hash="md5:fec60bb91e2e7c297c7cf87508b83065",
    )
}

SIDES = {"l": "left", "r": "right"}
_TRIAL_TYPES = "flr"
_COLUMNS = {"left_prob1": "p_reward_left", "right_prob1": "p_reward_right"}


def read(paths: dict[str, Path], subjects: tuple[str, ...] | None) -> Dataset:
    """All rats, or some by name. Violations are left out; instructed trials are inputs but no targets."""
    rats = json.loads(next(iter(paths.values())).read_text(encoding="utf-8"))
    if not isinstance(rats, list) or not rats or not all(isinstance(rat, dict) for rat in rats):
        raise ValueError("the file of the rat bandit is not a list of rats; it has changed, or is damaged.")
    names = _names(rats)
    wanted = names if subjects is None else subjects
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise ValueError(f"no rat {', '.join(unknown)}; the rats are: {', '.join(names)}.")
    frames = [_trials(rats[names.index(name)], name) for name in wanted]
    return read_table(
        pd.concat(frames, ignore_index=True),
        subject="subject",
        instructed="instructed",
        classes=tuple(SIDES.values()),
    )


def _names(rats: list[dict[str, Any]]) -> tuple[str, ...]:
    names = tuple(str(rat.get("ratname", "")) for rat in rats)
    known = all(names) and len(set(names)) == len(names)
    return names if known else tuple(str(i + 1) for i in range(len(rats)))


def _trials(rat: dict[str, Any], name: str) -> pd.DataFrame:
    """One row per trial that ended in a choice."""
    lacking = [key for key in ("sides", "trial_types", "rewards", "new_sess") if key not in rat]
    if lacking:
        raise ValueError(f"rat {name} has no {', '.join(lacking)}; it has {', '.join(rat)}.")
    sides, types = np.array(list(rat["sides"])), np.array(list(rat["trial_types"]))
    rewards, begins = np.asarray(rat["rewards"]).ravel(), np.asarray(rat["new_sess"]).ravel()
    if not len(sides) == len(types) == len(rewards) == len(begins):
        raise ValueError(
            f"rat {name} has {len(sides)} sides, {len(types)} trial_types, {len(rewards)} rewards and "
            f"{len(begins)} new_sess; expected one of each for a trial."
        )
    for letters, allowed, what in ((sides, "lrv", "sides"), (types, _TRIAL_TYPES, "trial_types")):
        odd = sorted(set(letters) - set(allowed))
        if odd:
            raise ValueError(
                f"{what} of rat {name} hold {', '.join(odd)}; expected only {', '.join(allowed)}."
            )
    frame = {
        "subject": name,
        "session": np.maximum(np.cumsum(begins == 1), 1),
        "choice": [SIDES.get(side) for side in sides],
        "reward": rewards,
        "instructed": (types != "f").astype(int),
    }
    for key, column in _COLUMNS.items():
        values = np.asarray(rat.get(key, []), np.float64).ravel()
        if len(values) == len(sides):
            frame[column] = values
    return pd.DataFrame(frame)[sides != "v"]
