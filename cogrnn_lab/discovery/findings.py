"""From a data set to a network that can be believed, in one call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path as FilePath
from typing import Any

import equinox as eqx
import jax
import numpy as np
import pandas as pd

from cogrnn_lab.analysis import TERMS, Equations, EquationsBySubject, Term, load_equations
from cogrnn_lab.analysis.choice_equations.groups.by_subject import subjects_from_archive
from cogrnn_lab.atomic_files import told_if_impossible
from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.ascent import PathReport
from cogrnn_lab.discovery.choice import ONE_STANDARD_ERROR, ChosenLevel
from cogrnn_lab.discovery.course.asked import check_asked
from cogrnn_lab.discovery.course.explained import (
    explained,
    of_subjects,
    searched_from_json,
    starting_networks,
)
from cogrnn_lab.discovery.course.finished import Finished
from cogrnn_lab.discovery.course.level_by_equations import chosen_by_equations, level_of
from cogrnn_lab.discovery.course.networks import knows_subjects, told_from_simpler, tried
from cogrnn_lab.discovery.course.progress import EQUATIONS, PATH, DiscoveryProgress, ended, watchers
from cogrnn_lab.discovery.course.rivals import GRU_UNITS, Rivals, begun
from cogrnn_lab.discovery.judge import REPORT
from cogrnn_lab.discovery.mechanisms import Agreement, agreement
from cogrnn_lab.discovery.parts import Parts, deal
from cogrnn_lab.discovery.path import Path
from cogrnn_lab.discovery.path_training import penalty_path
from cogrnn_lab.discovery.recipe import DiscoveryRecipe, recipe_of
from cogrnn_lab.discovery.saved_findings import (
    FINDINGS_FILE,
    PATH_FILE,
    agreement_of,
    named_arrays,
    read_findings,
    save_findings,
    yardsticks_of,
)
from cogrnn_lab.discovery.verdict import verdict
from cogrnn_lab.discovery.yardsticks import Yardsticks, yardsticks
from cogrnn_lab.fingerprints import digest
from cogrnn_lab.models import Network
from cogrnn_lab.models.description import KINDS, check_description, model_skeleton
from cogrnn_lab.models.network_at_hand import HoldsNetwork
from cogrnn_lab.random_numbers import as_seed
from cogrnn_lab.schemas import FileError, taking_apart
from cogrnn_lab.tasks import classical_models
from cogrnn_lab.training import Run
from cogrnn_lab.workers import door_to

LARGEST_TRIED = 10_000  # sizes of a network of which a file has no array


@dataclass(frozen=True)
class Discovery:
    """Network whose penalty the data have chosen, and how far it can be trusted.

    Fields:
        path: The networks of all levels and seeds.
        level: The chosen level; its `by_networks` is the one that networks alone choose, where equations have
            chosen this one.
        agreement: How alike the seeds are at that level; None of one seed.
        measured: The likelihoods of everything that it is compared with.
        sentences: The verdict, sentence by sentence.
        dealt: How the sessions were dealt, and why this kind of network was kept, in words.
        equations: The few numbers that explain the choices; None where there are none.
        without_equations: Why there are none.
        by_subject: The numbers of the equations for each subject; None of one subject.
        tried: The kinds of network that were tried, untrained, from the simplest on.
        hold_out: What `discover` was told to deal; None where the data said it.
        search: Settings of the search for equations, as `discover` was given them; None where none were asked
            for.
    """

    path: Path
    level: ChosenLevel
    agreement: Agreement | None
    measured: Yardsticks
    sentences: tuple[str, ...]
    dealt: str
    equations: Equations | None = None
    without_equations: str = ""
    by_subject: EquationsBySubject | None = None
    tried: tuple[Any, ...] = ()
    hold_out: str | None = None
    search: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return f"Discovery(level {int(self.level)} of {len(self.path.levels)})\n{self.text}"

    @property
    def text(self) -> str:
        """Equations and verdict, in words."""
        told = self.without_equations if self.equations is None else self.equations.text
        subjects = "" if self.by_subject is None else self.by_subject.text
        return "\n\n".join(part for part in (told, subjects, self.verdict) if part)

    @property
    def networks(self) -> dict[str, Network]:
        """Networks by name that searches for equations begin from, as `cl.equations(found, ...)` does."""
        before = self.level.by_networks
        return starting_networks(self.path, self.level if before is None else before)

    @property
    def run(self) -> Run:
        """The chosen network with its history."""
        return self.path.at(self.level)

    @property
    def model(self) -> Any:
        """The chosen network."""
        return self.path.levels[self.level].models[self.level.seed]

    @property
    def recipe(self) -> DiscoveryRecipe:
        """The paths, and the choice of network and level, for `cl.compare`, which makes them in every fold.

        Sessions are dealt there as they were (`hold_out`), every kind of network that was tried is tried
        again, and equations have the same say in the level. What is scored is the network; the equations with
        `dataclasses.replace(found.recipe, predicts="equations")`.
        """
        return recipe_of(self.path, self.level.rule, self.tried, self.hold_out, self.search)

    @property
    def likelihood(self) -> float:
        """Normalized likelihood of sessions that nothing saw: neither trained on nor chosen by."""
        nll = self.path.levels[self.level].nll[REPORT][self.level.seed]
        return float(np.exp(-self.path.units[REPORT].means(nll)))

    @property
    def yardsticks(self) -> pd.DataFrame:
        """A row for the network and each model beside it; see `Yardsticks.table`."""
        return self.measured.table

    @property
    def verdict(self) -> str:
        """Findings in words."""
        return " ".join(self.sentences)

    def save(self, folder: str | FilePath) -> FilePath:
        """Write the path and everything found into a folder; `cogrnn_lab.load_discovery` reads it.

        Whenever it is stopped, the folder holds the discovery that was there before, or this one.

        Arguments:
            folder: Where to; it is made where it does not exist.

        Returns:
            The folder.
        """
        return save_findings(self, FilePath(folder), _weights_of(self.path, self.level))

    def report(self, folder: str | FilePath, *, story: Any = None) -> FilePath:
        """Write what was found for people: report.md with its figures, and report.html, which needs no other.

        Arguments:
            folder: Where to; it is made where it does not exist.
            story: The `Explanation` of this discovery (`cl.explain`), which is then told in the report; None:
                the report has what was found, but not what the network does.

        Returns:
            The path of report.html.
        """
        import cogrnn_lab  # figures are drawn by rooms above this one, and only for a report

        return cogrnn_lab.reports.write_discovery(self, folder, story)


def load_discovery(
    folder: str | FilePath, *, kind: type | None = None, terms: Sequence[Term] = TERMS
) -> Discovery:
    """Read the `Discovery` that was saved in a folder.

    Arguments:
        folder: What `Discovery.save` wrote.
        kind: The class of the network, where it is one of your own.
        terms: Terms that the equations may have, where some are your own.

    Raises:
        ValueError: Where the files are damaged, or not of one discovery.
    """
    folder = FilePath(folder)
    header, arrays, files = read_findings(folder)
    path = Path.load(folder / files["path"], kind=kind)
    told, equations = header.get("equations"), None
    if told is not None:
        equations = load_equations(folder / files["equations"], terms=terms)
    with taking_apart(header):
        level = level_of(path, header)
        if (int(level), level.seed) != (header["level"], header["seed"]):
            raise FileError(
                f"the path in {str(folder)!r} gives level {int(level)}, but level {header['level']} was "
                f"chosen: {files['path']} and {FINDINGS_FILE} are not of one discovery"
            )
        if header.get("network", _weights_of(path, level)) != _weights_of(path, level):
            raise FileError(
                f"the network of level {int(level)} in {str(folder)!r} is not the one that was chosen: "
                f"{files['path']} and {FINDINGS_FILE} are not of one discovery"
            )
        if equations is not None and equations.text != told:
            raise FileError(
                f"{files['equations']} and {FINDINGS_FILE} in {str(folder)!r} are not of one discovery"
            )
        subjects, kept = header.get("by_subject"), named_arrays("subjects ", arrays)
        if subjects is not None and equations is not None:
            subjects = subjects_from_archive(subjects, kept, equations.fitted, equations.data)
        return Discovery(
            path, level, agreement_of(header, arrays), yardsticks_of(header, arrays),
            tuple(header["sentences"]), header["dealt"], equations, header.get("without_equations", ""),
            subjects, _tried(header.get("tried", []), path, kind), header.get("hold_out"),
            searched_from_json(header.get("search", None if told is None else {}), terms),
        )  # fmt: skip


def _tried(described: Sequence[dict[str, Any]], path: Path, kind: type | None) -> tuple[Any, ...]:
    """Networks of these descriptions; that of the path alone where the class of one is not known."""
    own = {} if kind is None else {kind.__name__: kind}
    known = [{} if one.get("own") else KINDS for one in described]
    kinds = [own.get(one["kind"], of.get(one["kind"])) for one, of in zip(described, known, strict=True)]
    if None in kinds:
        return (path.warm_up.models[0],)
    for one in described:
        check_description(one, LARGEST_TRIED)
    return tuple(model_skeleton(one, found) for one, found in zip(described, kinds, strict=True))


def discover(
    dataset: Dataset,
    report: Dataset | None = None,
    *,
    hold_out: str | None = None,
    model: Network | HoldsNetwork | Sequence[Network | HoldsNetwork] | None = None,
    seeds: int = 5,
    rule: str = ONE_STANDARD_ERROR,
    n_latents: int | None = None,
    equations: bool | Mapping[str, Any] = True,
    classical: Mapping[str, Any] | None = None,
    gru_units: int | None = GRU_UNITS,
    folder: str | FilePath | None = None,
    seed: int = 0,
    watch: Callable[[DiscoveryProgress], None] | None = None,
    callbacks: Sequence[Callable[[PathReport], None]] = (),
    client: Any = None,
    **path_settings: Any,
) -> Discovery:
    """Find the network that these choices can tell from others, and say what it is worth.

    A penalty path of several seeds; the level chosen by sessions that it was not trained on; equations that
    explain the same choices; the agreement of the seeds; and beside it chance, the stay baseline, the
    classical models, a GRU and, where it is known, the agent that made the data, all on sessions that nothing
    saw. Equations have a say in the level: where they predict the choosing sessions no worse with fewer
    latents than its network has, the level with as many as they need is chosen, unless its networks lose
    more than one standard error and 0.001 nats per choice. The verdict says what was done.

    Arguments:
        dataset: Choices. Sessions are dealt in turn: of five, three are trained on, one is chosen by and one
            is reported; with few sessions, blocks of trials are.
        report: Sessions to be reported instead.
        hold_out: What is dealt, whatever there is: "sessions", whole "subjects", so that people are reported
            of whom nothing was seen, or "blocks" of trials within each session.
        model: An untrained network, or a `Run` that has one; by default a `DisRNN` with five latents. Of
            several, from the simplest to the richest, a richer one is kept where it predicts the choosing
            sessions better by more than one standard error; by default that is tried with a
            `MultisubjectDisRNN` where there are several subjects of five sessions or more.
        seeds: How many networks are trained.
        rule: How the level is chosen; see `Path.choose`. With "best" equations have no say in it.
        n_latents: How many latents the network is to have, instead of a rule, whatever equations need.
        equations: Whether to look for equations, or settings of `cl.equations`, such as {"n_starts": 8}. They
            are searched from networks of the path where they can be read as equations, and from random
            starts. With False the networks alone choose the level.
        classical: Agents by name to compare with; by default `classical_models(dataset)`.
        gru_units: Units of the GRU; None for no GRU.
        folder: Where everything is saved, each part as soon as it is finished. A discovery that was
            interrupted there goes on, to the bit as if it had not been. Of classical models those with code
            of your own are not kept, and fitted again.
        seed: Of the first network; the others have the following ones.
        watch: Function called with a `DiscoveryProgress` whenever there is something to tell.
        callbacks: Functions called with a `PathReport` after every check of a level.
        client: A `dask.distributed.Client`, on whose workers the paths of all networks, the classical models
            and the GRU are made at once; equations are searched in this process. A part whose worker dies is
            made again; workers that see `folder` under the same path keep and take up parts as this process
            does. None: all of it is done here. Needs the extra `cluster`.
        path_settings: Further arguments of `penalty_path`.

    Returns:
        A `Discovery`.

    Raises:
        ValueError: Where the data have no choices or too few of them, a choice is in two parts, the folder
            has a path with other settings, `callbacks` are to be called by workers, or an argument is wrong,
            which is said before anything is trained.
        RuntimeError: Workers of the client died of a part again and again.
    """
    if not isinstance(dataset, Dataset) or not dataset.n_classes:
        raise ValueError(
            f"discovery is from choices, got {dataset!r}; make it by cl.read_table or cl.simulate"
        )
    models = tried(model, dataset, as_seed(seed), hold_out)
    check_asked(
        rule=rule, n_latents=n_latents, seeds=seeds, equations=equations, classical=classical,
        gru_units=gru_units, models=models,
    )  # fmt: skip
    parts = deal(dataset, report, every_subject=any(map(knows_subjects, models)), hold_out=hold_out)
    place = None if folder is None else FilePath(folder).resolve()  # workers may begin in another one
    finished = Finished(place)
    with door_to(client, "discover(..., client=...)") as door:
        begun_paths = [
            door.begin(
                f"the path of the {type(one).__name__}",
                partial(
                    penalty_path, seeds=seeds, seed=seed,
                    callbacks=watchers(door, watch, callbacks, parts.choose, one, len(models)),
                    checkpoint=None if place is None else place / file, **path_settings,
                ),
                one, *parts.named.values(),
            )
            for one, file in zip(models, _path_files(len(models)), strict=True)
        ]  # fmt: skip
        if classical is None:
            classical = classical_models(parts.train)
        rivals = begun(parts, classical, gru_units, seed, finished, door=door, watch=watch)
        paths = [ended(door, watch, path()) for path in begun_paths]
        search = None if equations is False else {} if isinstance(equations, bool) else dict(equations)
        levels = [path.choose(rule, n_latents=n_latents) for path in paths]
        kept, why = told_from_simpler(paths, levels)
        if watch is not None:
            watch(DiscoveryProgress(PATH, levels[kept].text, is_done=True, chosen=levels[kept]))
        found = concluded(
            paths[kept], levels[kept], parts, why, search=search, seed=seed, rivals=rivals,
            gru_units=gru_units, finished=finished, watch=watch, tried=models, hold_out=hold_out,
        )  # fmt: skip
    if place is not None:
        with told_if_impossible(place, "the discovery", "it is given back all the same; found.save keeps it"):
            found.save(place)
    return found


def _path_files(n: int) -> list[str]:
    """Files of the paths of several networks, the one that is kept apart."""
    return [PATH_FILE] if n == 1 else [f"path-{i + 1}.npz" for i in range(n)]


def concluded(
    path: Path,
    level: ChosenLevel,
    parts: Parts,
    which: str,
    *,
    search: Mapping[str, Any] | None,
    seed: int,
    rivals: Rivals,
    gru_units: int | None,
    finished: Finished,
    watch: Callable[[DiscoveryProgress], None] | None,
    tried: tuple[Network, ...],
    hold_out: str | None,
) -> Discovery:
    """Conclude a finished path: equations, the level that they choose, agreement, yardsticks and verdict.

    Arguments: `which`, why this network and no other was kept, in words; `rivals`, which it is measured by;
    `search`, `tried` and `hold_out` as `Discovery` has them; `seed` of the search.
    """
    told, why = None, "No equations were asked for."
    if search is not None:
        told, why = explained(path, level, parts, {"seed": seed, **search}, finished, watch)
    if told is not None:
        by_networks, level = level, chosen_by_equations(path, level, told, parts)
        said = level.text.removeprefix(by_networks.text).strip()
        if watch is not None and said:
            watch(DiscoveryProgress(EQUATIONS, said, is_done=True, chosen=level))
    networks = path.levels[level].models
    agreed = agreement(networks, parts.train) if len(networks) > 1 else None
    subjects = None if told is None else of_subjects(told, parts)
    measured = yardsticks(
        networks[level.seed], parts, rivals.classical, gru_units=gru_units, equations=told,
        by_subject=subjects, watch=watch, rivals=rivals,
    )  # fmt: skip
    dealt = " ".join(part for part in (parts.text, which) if part)
    sentences = verdict(dealt, level, agreed, measured, told)
    return Discovery(
        path, level, agreed, measured, sentences, dealt, told, why, subjects, tried, hold_out, search
    )


def _weights_of(path: Path, level: ChosenLevel) -> str:
    """What tells the chosen network from another."""
    return digest(*jax.tree.leaves(eqx.filter(path.levels[level].models[level.seed], eqx.is_array)))
