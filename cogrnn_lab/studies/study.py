"""Many fits in one folder, each an entry that is there whole or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm.auto import tqdm

from cogrnn_lab.atomic_files import delete
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset
from cogrnn_lab.extras import check_extra
from cogrnn_lab.fingerprints import fingerprint_of_all
from cogrnn_lab.random_numbers import as_seed
from cogrnn_lab.studies.definition import keep_definition, read_definition
from cogrnn_lab.studies.points import Point, check_points, complete_space, completed, kind_of, name_of
from cogrnn_lab.studies.space import REPEATS, Range, Space, checked_space, points_of, repeats
from cogrnn_lab.studies.suggestions import WHAT, suggested, train_suggested
from cogrnn_lab.studies.table import best_run, by_setting, row_of
from cogrnn_lab.studies.work import FAILED, FINISHED, Entry, Work
from cogrnn_lab.studies.workers import train_here, train_on
from cogrnn_lab.training import DEFAULT_RECIPE, Penalties, Run, load
from cogrnn_lab.training.logs.log import checked_logs
from cogrnn_lab.training.watching.patience import checked_patience


class Study:
    """Study of many fits that differ in sizes, prices, seeds, folds, networks or data, kept in a folder.

    The same study made again trains only what is missing, and goes on within a run from its last report, to
    the bit as if it had never been interrupted. Any number of processes may work on one folder: each claims
    its run by a lock of the file system (flock), which the system frees when a process ends in any way.
    Between machines the file system must pass locks on, as NFS does; without locks (also on Windows) runs may
    be trained twice, to the same end.

    Settings are the arguments of the network, such as n_latents; `price`, a factor of all penalties;
    penalty_latent and its like for single ones; warm_up, steps, warm_up_rate, learning_rate (after the
    warm-up), noise, batch_size and max_grad_norm as in `TrainingRecipe`; seed; network; and dataset, the name
    of one.

    Arguments:
        folder: Folder of the study, made where there is none. Alone, it opens a study to look at it.
        data: A `Dataset`, or several by name, on each of which every setting is trained.
        space: {setting: values}: a list of values, a single one, or a range to draw from, (low, high) or
            (low, high, "log"), whole numbers where both ends are. What is left out has its default. Every
            combination is trained, or those that `n_random` or `n_trials` choose. Several spaces are a list.
        network: Class of the networks or its name, where `space` has none.
        n_random: Number of settings drawn at random, each trained with all seeds, folds and data sets.
        n_trials: Number of settings that Optuna suggests by the likelihood on held-out sessions of those
            before, in its own storage within the folder; each is trained as with `n_random`. Needs the extra
            `optuna`.
        sampler: Class of Optuna's sampler, or another function (seed=...) that makes one; None: TPESampler.
        seed: Seed of what is drawn or suggested.
        every: One of so many is held out, or a fraction, as in `Dataset.split`.
        hold_out: What is held out, "sessions", "subjects" or "blocks", as in `Dataset.split`.
        folds: Number of folds in the place of `every`, each of which is held out in a run of its own.
        penalties: Penalties at price 1; None for the default ones.
        patience: As in `fit`.
        report_every: Steps between reports, with each of which a run is kept.
        log: Where runs are logged, such as `cl.logs.MLflow()`, or several.

    Raises:
        TypeError: Data or space are something else.
        ValueError: There is no such setting, or the folder holds another study or other files.

    Example:
        >>> import tempfile
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=10)
        >>> space = {"price": [0.1, 1.0], "seed": [0, 1], "steps": 200}
        >>> cl.Study(tempfile.mkdtemp(), data, space).table[["price", "seed", "state"]].values.tolist()
        [[0.1, 0, 'waiting'], [0.1, 1, 'waiting'], [1.0, 0, 'waiting'], [1.0, 1, 'waiting']]
    """

    def __init__(
        self,
        folder: str | Path,
        data: Any = None,
        space: Any = None,
        *,
        network: Any = "DisRNN",
        n_random: int | None = None,
        n_trials: int | None = None,
        sampler: Any = None,
        seed: int = 0,
        every: int | float | None = None,
        hold_out: str | None = None,
        folds: int | None = None,
        penalties: Penalties | Mapping[str, float] | None = None,
        patience: int | None = None,
        report_every: int = 100,
        log: Any = None,
    ):
        self.folder = Path(folder)
        self._work: Work | None = None
        self._search: dict[str, Any] | None = None
        self._sampler = sampler
        if data is None and space is None:
            self._open()
            return
        if data is None or space is None:
            raise ValueError("a study needs data and space; the folder alone opens one to look at it")
        if folds is not None and every is not None:
            raise ValueError("folds and every both say what is held out; give one of them")
        report_every = checked_count(report_every, "report_every")
        self._work = Work(
            folder=self.folder,
            data=_checked_data(data),
            networks={},
            base=_base(penalties),
            hold_out=hold_out,
            every=2 if every is None else every,
            folds=None if folds is None else checked_count(folds, "folds", 2),
            patience=checked_patience(patience, report_every, has_held_out=True),
            report_every=report_every,
            log=checked_logs(log),
        )
        spaces = space if isinstance(space, list) and space else [space]
        self._spaces = [complete_space(checked_space(one), network, self._work) for one in spaces]
        self._points = self._chosen(n_random, n_trials, sampler, as_seed(seed))
        check_points(self._points, self._work)
        name = keep_definition(self.folder, self._definition())
        self._work = replace(self._work, study=name)

    def run(
        self,
        client: Any = None,
        *,
        retry_failed: bool = False,
        watch: Callable[[dict[str, Any]], Any] | None = None,
        progress: bool = True,
    ) -> "Study":
        """Train what is missing; what other processes train is waited for. Ctrl-C loses nothing.

        A run that fails is noted in the table with its reason, and the others go on; what the machine fails
        at, as a full disk, is raised.

        Arguments:
            client: A `dask.distributed.Client`, on whose workers each run is a task; they need the folder
                under the same path. None: this process trains. Needs the extra `cluster`.
            retry_failed: Whether runs that failed are tried again.
            watch: Function that is called with the row of the table of every run that ends.
            progress: Whether a bar shows how many runs are finished.

        Returns:
            This study.

        Raises:
            RuntimeError: Workers of the client died of a run again and again.
            ValueError: The study was opened by its folder alone.
        """
        if self._work is None:
            raise ValueError("this study was opened to look at it; to train, give data and space as well")
        if retry_failed:
            delete([own.failure for own in map(self._entry, self.points) if own.state == FAILED])
        work = self._work
        with tqdm(unit="run", dynamic_ncols=True, disable=None if progress else True) as bar:

            def tell(point: Point, state: str) -> None:
                bar.update()
                if watch is not None:
                    watch(self._row(point, self.settings))

            def train(points: list[Point]) -> None:
                left = [point for point in points if self._entry(point).state is None]
                bar.total = (bar.total or 0) + len(left)
                if client is None:
                    train_here(work, left, tell)
                else:
                    train_on(client, work, left, tell)

            if self._search is None:
                train(self._points)
            else:
                train_suggested(self.folder, self._search, self._spaces[0], self._sampler, work, train)
        return self

    @property
    def points(self) -> list[Point]:
        """All settings of every run, in the order of the table; of a sampler those that it has suggested."""
        return self._points if self._search is None else suggested(self.folder)

    @property
    def settings(self) -> list[str]:
        """Names of the settings that differ between runs, seeds and folds last."""
        points = self.points
        names = list(dict.fromkeys(name for point in points for name in point))
        varied = [name for name in names if len({repr(point.get(name)) for point in points}) > 1]
        return sorted(varied, key=lambda name: name in REPEATS)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each run: `run`, its name; the settings that differ; `state`; and what it came to.

        `state` is "finished", "failed" (`error` says why), "under way" (a process has it), "interrupted" or
        "waiting". Likelihoods are normalized, per choice; `bits` is what the latents tell of a trial,
        `n_open` how many tell more than .05 bits, `openness_1` is that of the most open latent; `nats` the
        information per choice that all bottlenecks passed before the report on the network (step `n_steps`).
        """
        settings = self.settings  # once: it looks at every run
        rows = [self._row(point, settings) for point in self.points]
        table = pd.DataFrame(rows, columns=None if rows else ["run", "state", "error"])
        return table[[*(name for name in table if name != "error"), "error"]]

    @property
    def by_setting(self) -> pd.DataFrame:
        """A row for each setting, averaged over its finished runs of all seeds, folds and data sets.

        `standard_error` is that of the held-out likelihood over runs. The likelihood of the best setting is
        too high by what luck gave it on these sessions: score it anew on sessions that the study never had.
        """
        return by_setting(self.table, self.settings)

    def best(self, rule: str = "best") -> str:
        """Name the best run of the best setting.

        Arguments:
            rule: "best": the setting of the highest mean likelihood on held-out sessions. "one standard
            error":
                that which tells least (the smallest one, without bottlenecks) of those within one standard
                error of it.

        Returns:
            The name, for `open`, of its run of the highest held-out likelihood.

        Raises:
            ValueError: No run is finished, or the rule is another.
        """
        return best_run(self.table, self.settings, rule)

    def open(self, name: str | None = None, **settings: Any) -> Run:
        """Read a finished run.

        Arguments:
            name: Its name in the table; or None, with settings that tell it.
            settings: Settings of one run, as n_latents=2, seed=0.

        Returns:
            The `Run`.

        Raises:
            ValueError: There is no such run, or there are several, or it is not finished.
        """
        if (name is None) == (not settings):
            raise ValueError("open a run by its name in study.table, or by settings such as seed=0")
        found = [
            point
            for point in self.points
            if (name is None or name_of(point) == name)
            and all(own in point and point[own] == value for own, value in settings.items())
        ]
        told = repr(name) if settings == {} else ", ".join(f"{k}={v!r}" for k, v in settings.items())
        if len(found) != 1:
            raise ValueError(
                f"{len(found) or 'no'} runs of the study are {told}; study.table has the names of all, which "
                f"differ in {', '.join(self.settings) or 'nothing'}"
            )
        row = row_of(self._entry(found[0]), found[0])
        if row["state"] != FINISHED:
            raise ValueError(f"the run {told} is {row['state']}" + (f": {row['error']}" * bool(row["error"])))
        kinds = {} if self._work is None else self._work.networks
        return load(self._entry(found[0]).run, kind=kinds.get(found[0]["network"]))

    def __repr__(self) -> str:
        counts = self.table["state"].value_counts()
        told = ", ".join(f"{n} {state}" for state, n in counts.items())
        return f"Study({str(self.folder)!r}: {told or 'no runs yet'})"

    def _open(self) -> None:
        """Take what the folder says of its study."""
        found = read_definition(self.folder)
        if found is None:
            raise ValueError(f"there is no study in {str(self.folder)!r}; a new one needs data and space")
        self._points, self._search = found["points"], found.get("search")

    def _chosen(self, n_random: int | None, n_trials: int | None, sampler: Any, seed: int) -> list[Point]:
        """The points of the study; none where a sampler suggests them."""
        assert self._work is not None
        if n_random is not None and n_trials is not None:
            raise ValueError("got n_random and n_trials; settings are drawn at random or suggested")
        if sampler is not None and n_trials is None:
            raise ValueError("a sampler suggests settings for n_trials= trials; say how many")
        if (n_random is not None or n_trials is not None) and len(self._spaces) > 1:
            raise ValueError(f"a search is in one space, got {len(self._spaces)}; make a study of each")
        if n_trials is not None:
            self._search = _search(self._spaces[0], checked_count(n_trials, "n_trials"), sampler, seed)
            first = {
                name: one.low if isinstance(one, Range) else one[0] for name, one in self._spaces[0].items()
            }
            check_points([self._complete(first)], self._work)
            return []
        n_random = None if n_random is None else checked_count(n_random, "n_random")
        found = [self._complete(point) for one in self._spaces for point in points_of(one, n_random, seed)]
        return list({name_of(point): point for point in found}.values())

    def _complete(self, point: Mapping[str, Any]) -> Point:
        assert self._work is not None
        return completed(point, kind_of(point["network"], self._work.networks))

    def _definition(self) -> dict[str, Any]:
        assert self._work is not None
        work = self._work
        return {
            "data": {name: fingerprint_of_all(dataset) for name, dataset in work.data.items()},
            "every": work.every,
            "hold_out": work.hold_out,
            "folds": work.folds,
            "penalties": work.base.as_dict(),
            "patience": work.patience,
            "report_every": work.report_every,
            "search": self._search,
            "points": self._points,
        }

    def _entry(self, point: Point) -> Entry:
        return Entry(self.folder, name_of(point))

    def _row(self, point: Point, settings: Sequence[str]) -> dict[str, Any]:
        row = row_of(self._entry(point), point)
        return {"run": row["run"]} | {name: point.get(name) for name in settings} | row


def _search(space: Space, n: int, sampler: Any, seed: int) -> dict[str, Any]:
    """What Optuna is to search, as JSON takes it."""
    check_extra("optuna", "optuna", WHAT)
    repeats(space)  # which must be lists
    name = None if sampler is None else getattr(sampler, "__name__", type(sampler).__name__)
    sizes = {name: vars(one) if isinstance(one, Range) else one for name, one in space.items()}
    return {"n": n, "seed": seed, "sampler": name, "space": sizes}


def _base(penalties: Any) -> Penalties:
    if penalties is None:
        return DEFAULT_RECIPE.penalties
    return penalties if isinstance(penalties, Penalties) else Penalties(**penalties)


def _checked_data(data: Any) -> dict[str, Dataset]:
    several = dict(data) if isinstance(data, Mapping) else {"data": data}
    for name, dataset in several.items():
        if not isinstance(dataset, Dataset) or not isinstance(name, str):
            raise TypeError(
                f"data has {name!r}: a {type(dataset).__name__}, expected a cl.Dataset or {{name: it}}"
            )
    if not several:
        raise ValueError("data has no data set")
    return several
