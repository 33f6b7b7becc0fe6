"""The penalty path of a network: what it tells at every price of information."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import index
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.discovery.choice import ChosenLevel, choose_level
from cogrnn_lab.discovery.judge import REPORT, Judge, check_apart
from cogrnn_lab.discovery.level import LEVEL, Level
from cogrnn_lab.discovery.units import UNITS, Units
from cogrnn_lab.models.description import DESCRIPTION, describe_model
from cogrnn_lab.schemas import FileError, Flag, ListOf, MapOf, Number, Record, Text, Whole, taking_apart
from cogrnn_lab.training import Run
from cogrnn_lab.training.archive import Header, read_archive, tree_arrays, tree_from_arrays, write_archive
from cogrnn_lab.training.network_files import described_network

# Header of its file.
PATH = Record(
    {
        "model": DESCRIPTION,
        "levels": ListOf(LEVEL),
        "units": MapOf(UNITS),
        "groups": ListOf(Text()),
        "settings": Record(
            {"seed": Whole(most=2**63), "batch_size": Whole(1)}, {"factor": Number(finite=True)}
        ),
        "finished": Flag(),
        "seeds": Whole(1, 10_000),
    }
)


@dataclass(frozen=True)
class Path:
    """Networks of one kind at every penalty on information, from where all is open to where all is closed.

    Fields:
        warm_up: The level without penalty from which the path began.
        levels: Levels by ascending price, each with its networks.
        units: {sessions: `Units`} by which likelihoods are paired, of the sessions trained on ("train"),
            chosen by ("choose") and reported ("report"), as far as they were given.
        groups: Names of the penalties that grow along the path.
        settings: Settings of training.
        finished: False where the path was interrupted.

    Source:
        The regularization path of the lasso (Friedman, Hastie & Tibshirani, J. Stat. Softw. 2010).
    """

    warm_up: Level
    levels: tuple[Level, ...]
    units: dict[str, Units]
    groups: tuple[str, ...]
    settings: dict[str, Any]
    finished: bool = True

    @property
    def n_seeds(self) -> int:
        """Number of networks at each level."""
        return len(self.warm_up.models)

    @property
    def prices(self) -> np.ndarray:
        """(level,) multiples of the base penalties."""
        return np.array([level.price for level in self.levels])

    @property
    def n_latents(self) -> np.ndarray:
        """(level, seed) how many latents tell more than 0.05 bits that vary from trial to trial."""
        rows = [level.n_latents for level in self.levels]
        return np.stack(rows) if rows else np.zeros((0, self.n_seeds), int)

    @property
    def best_seeds(self) -> np.ndarray:
        """(level,) the seed of the lowest penalized training loss of each level, which represents it."""
        return np.array([level.best_seed for level in self.levels], int)

    def nll(self, sessions: str) -> np.ndarray:
        """Stack the negative log-likelihoods of all levels and seeds.

        Arguments:
            sessions: "train", "choose" or "report".

        Returns:
            (level, seed, unit) in nats, summed over the choices of each unit.
        """
        if sessions not in self.units:
            raise ValueError(
                f"the path has no likelihood of sessions to {sessions!r}; it has "
                f"{', '.join(map(repr, self.units))}. Give them to penalty_path, or see Path.reported"
            )
        rows = [level.nll[sessions] for level in self.levels]
        return np.stack(rows) if rows else np.zeros((0, self.n_seeds, self.units[sessions].n))

    @property
    def table(self) -> pd.DataFrame:
        """A row for each level and seed.

        level, seed, price, steps, settled, penalized_loss, n_latents; nats_<group>, the information paid for
        per choice; bits_<i>, openness_<i> and share_<i> of latent i; likelihood_<sessions> with the bounds of
        its 95 % bootstrap interval, _low and _high.
        """
        return pd.DataFrame(
            [
                self._row(number, level, seed)
                for number, level in enumerate(self.levels)
                for seed in range(self.n_seeds)
            ]
        )

    def _row(self, number: int, level: Level, seed: int) -> dict[str, Any]:
        row: dict[str, Any] = {
            "level": number,
            "seed": seed,
            "price": level.price,
            "steps": level.n_steps,
            "settled": level.settled,
            "penalized_loss": level.penalized_loss[seed],
            "n_latents": int(level.n_latents[seed]),
            "bits": float(level.bits[seed].sum()),
        }
        row |= {f"nats_{group}": nats for group, nats in level.nats[seed].items()}
        for name in ("openness", "bits", "share"):
            row |= {f"{name}_{i}": value for i, value in enumerate(getattr(level, name)[seed], 1)}
        for sessions, units in self.units.items():
            nll = level.nll[sessions][seed]
            low, high = units.likelihood_interval(nll)
            row[f"likelihood_{sessions}"] = float(np.exp(-units.means(nll)))
            row |= {f"likelihood_{sessions}_low": low, f"likelihood_{sessions}_high": high}
        return row

    def at(self, level: int, seed: int | None = None) -> Run:
        """Give the network of a level as a `Run`, with the history of how it came there.

        Arguments:
            level: Number of the level from 0, or a `ChosenLevel`.
            seed: Which network, from 0; by default the one that was chosen with a `ChosenLevel`, else the
                first.
        """
        number = self._checked_level(level)
        chosen = self.levels[number]
        if seed is None:
            seed = level.seed if isinstance(level, ChosenLevel) else 0
        if not 0 <= index(seed) < self.n_seeds:
            raise ValueError(f"there is no seed {seed}: the path has {self.n_seeds}, counted from 0")
        reports = [r for one in (self.warm_up, *self.levels[: number + 1]) for r in one.reports[seed]]
        settings = {
            "seed": self.settings["seed"] + seed,
            "batch_size": self.settings["batch_size"],
            "price": chosen.price,
        }
        return Run(chosen.models[seed], tuple(reports), settings)

    def choose(
        self, rule: str = "one standard error", *, n_latents: int | None = None, seed: int = 0
    ) -> ChosenLevel:
        """Choose the level that the choosing sessions favor.

        Arguments:
            rule: "one standard error", the level with the highest price whose likelihood of the choosing
                sessions, the mean over its networks, is within one standard error of the best level's, in
                paired differences; or "best".
            n_latents: Instead of a rule: the best level whose network has so many latents that count.
            seed: Of the bootstrap.

        Returns:
            A `ChosenLevel`: a number, with `text` that says how it was found.

        Raises:
            ValueError: Where the path was made without choosing sessions, or no level has so many latents.

        Source:
            Breiman et al., "Classification and regression trees", 1984, sec. 3.4.3.
        """
        return choose_level(self, rule, n_latents, seed)

    def reported(self, dataset: Any, others: Sequence[Any] = ()) -> "Path":
        """Score sessions that the path has not seen, under "report".

        Arguments:
            dataset: Those sessions.
            others: The data sets trained on and chosen by, against which they are checked.

        Returns:
            The same path with these likelihoods.
        """
        parts = {str(i): other for i, other in enumerate(others)} | {REPORT: dataset}
        check_apart(parts)
        judge = Judge({REPORT: dataset})
        levels = [judge.scored(level) for level in (self.warm_up, *self.levels)]
        units = self.units | {REPORT: judge.pairings[REPORT].units}
        return Path(levels[0], tuple(levels[1:]), units, self.groups, self.settings, self.finished)

    def save(self, path: str | FilePath, *, keep_previous: bool = False) -> FilePath:
        """Write the path with all its networks into one file, atomically.

        Arguments:
            path: Where to; `.npz` is appended where it has no ending.
            keep_previous: Whether a file that is there stays, with ".previous" in its name.

        Returns:
            The path written.
        """
        everything = (self.warm_up, *self.levels)
        headers, arrays = [], {}
        for number, level in enumerate(everything):
            header, own = level.to_file()
            headers.append(header)
            arrays |= {f"level {number} {name}": array for name, array in own.items()}
        models = [[tree_arrays("", model) for model in level.models] for level in everything]
        for name in models[0][0]:
            arrays[f"model{name}"] = np.stack([[one[name] for one in seeds] for seeds in models])
        header = {
            "content": "path",
            "model": describe_model(self.warm_up.models[0]),
            "levels": headers,
            "units": {name: units.to_header() for name, units in self.units.items()},
            "groups": list(self.groups),
            "settings": self.settings,
            "finished": self.finished,
            "seeds": self.n_seeds,
        }
        return write_archive(path, header, arrays, keep_previous=keep_previous)

    @classmethod
    def load(cls, path: str | FilePath, *, kind: type | None = None) -> "Path":
        """Read a path that was saved.

        Arguments:
            path: The file.
            kind: The class of the networks, where it is one of your own.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: It is damaged, holds something else, or was saved by a newer version.
        """
        header, arrays = read_archive(path, "path", schema=PATH)
        with taking_apart(header):
            return cls(**_taken_apart(header, arrays, kind))

    def _checked_level(self, level: int) -> int:
        number = index(level)
        if not 0 <= number < len(self.levels):
            has = f"the path has {len(self.levels)}, counted from 0" if self.levels else "it has none yet"
            raise ValueError(f"there is no level {number}: {has}")
        return number


def _taken_apart(header: Header, arrays: Mapping[str, np.ndarray], kind: type | None) -> dict[str, Any]:
    """Fields of the path in a file."""
    skeleton = described_network(header["model"], arrays, kind)
    n_levels, n_seeds = len(header["levels"]), header["seeds"]
    stacked = {name: array for name, array in arrays.items() if name.startswith("model")}
    if n_levels < 1 or any(array.shape[:2] != (n_levels, n_seeds) for array in stacked.values()):
        raise FileError(f"its networks are not those of {n_levels} levels and {n_seeds} seeds")
    units = {name: Units.from_header(own) for name, own in header["units"].items()}
    levels = []
    for number, own in enumerate(header["levels"]):
        start = f"level {number} "
        kept = {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}
        if len(own["reports"]) != n_seeds:
            raise FileError(f"its level {number} has reports of {len(own['reports'])} of {n_seeds} networks")
        models = tuple(
            tree_from_arrays("model", skeleton, {name: a[number, seed] for name, a in stacked.items()})
            for seed in range(n_seeds)
        )
        levels.append(Level.from_file(own, kept, models))
        if any(name not in units or units[name].n != nll.shape[1] for name, nll in levels[-1].nll.items()):
            raise FileError(f"its level {number} has likelihoods of other units than it names")
        if set(units) - set(levels[-1].nll):
            raise FileError(f"its level {number} lacks likelihoods")
    return {
        "warm_up": levels[0],
        "levels": tuple(levels[1:]),
        "units": units,
        "groups": tuple(header["groups"]),
        "settings": header["settings"],
        "finished": header["finished"],
    }
