"""From a data set to a network that can be believed, in one call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path as FilePath
from typing import Any

import jax
import numpy as np
import pandas as pd

from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.ascent import PathReport
from cogrnn_lab.discovery.choice import ONE_STANDARD_ERROR, ChosenLevel
from cogrnn_lab.discovery.judge import REPORT
from cogrnn_lab.discovery.mechanisms import Agreement, agreement
from cogrnn_lab.discovery.parts import Parts, deal
from cogrnn_lab.discovery.path import Path
from cogrnn_lab.discovery.path_training import penalty_path
from cogrnn_lab.discovery.units import Units
from cogrnn_lab.discovery.verdict import verdict
from cogrnn_lab.discovery.yardsticks import GRU_UNITS, Yardsticks, yardsticks
from cogrnn_lab.models import DisRNN, Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.tasks import classical_models
from cogrnn_lab.training import Run
from cogrnn_lab.training.archive import read_archive, write_archive

PATH_FILE, FINDINGS_FILE = "path.npz", "findings.npz"


@dataclass(frozen=True)
class Discovery:
    """Network whose penalty the data have chosen, and how far it can be trusted.

    Fields:
        path: The networks of all levels and seeds.
        level: The chosen level.
        agreement: How alike the seeds are at that level; None of one seed.
        measured: The likelihoods of everything that it is compared with.
        sentences: The verdict, sentence by sentence.
        dealt: How the sessions were dealt, in words.
    """

    path: Path
    level: ChosenLevel
    agreement: Agreement | None
    measured: Yardsticks
    sentences: tuple[str, ...]
    dealt: str

    @property
    def run(self) -> Run:
        """The chosen network with its history."""
        return self.path.at(self.level)

    @property
    def model(self) -> Any:
        """The chosen network."""
        return self.path.levels[self.level].models[self.level.seed]

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
        """What was found, in words."""
        return " ".join(self.sentences)

    def save(self, folder: str | FilePath) -> FilePath:
        """Write the path and everything found into a folder; `cogrnn_lab.load_discovery` reads it.

        Arguments:
            folder: Where to; it is made where it does not exist.

        Returns:
            The folder.
        """
        folder = FilePath(folder)
        self.path.save(folder / PATH_FILE)
        own = self.measured
        header = {
            "content": "discovery",
            "rule": self.level.rule,
            "level": int(self.level),
            "seed": self.level.seed,
            "sentences": list(self.sentences),
            "dealt": self.dealt,
            "kinds": own.kinds,
            "choosing": own.choosing,
            "failed": own.failed,
            "units": own.units.to_header(),
            "agreement": self.agreement is not None,
        }
        arrays = {f"nll {name}": nll for name, nll in own.nll.items()}
        if self.agreement is not None:
            header |= {
                "wiring_names": list(self.agreement.wiring_names),
                "reference": self.agreement.reference,
            }
            arrays |= {
                f"agreement {field.name}": getattr(self.agreement, field.name)
                for field in fields(Agreement)
                if field.name not in ("wiring_names", "reference")
            }
        write_archive(folder / FINDINGS_FILE, header, arrays)
        return folder


def load_discovery(folder: str | FilePath, *, kind: type | None = None) -> Discovery:
    """Read the `Discovery` that was saved in a folder.

    Arguments:
        folder: What `Discovery.save` wrote.
        kind: The class of the network, where it is one of your own.

    Raises:
        ValueError: Where the files are damaged, or not of one discovery.
    """
    folder = FilePath(folder)
    path = Path.load(folder / PATH_FILE, kind=kind)
    header, arrays = read_archive(folder / FINDINGS_FILE, "discovery")
    found = None
    if header["agreement"]:
        start = "agreement "
        own = {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}
        found = Agreement(**own, wiring_names=tuple(header["wiring_names"]), reference=header["reference"])
    measured = Yardsticks(
        nll={name[4:]: array for name, array in arrays.items() if name.startswith("nll ")},
        kinds=header["kinds"],
        choosing=header["choosing"],
        units=Units.from_header(header["units"]),
        failed=header["failed"],
    )
    level = _chosen(path, header["rule"])
    if (int(level), level.seed) != (header["level"], header["seed"]):
        raise ValueError(
            f"the path in {str(folder)!r} gives level {int(level)}, but level {header['level']} was chosen: "
            f"{PATH_FILE} and {FINDINGS_FILE} are not of one discovery"
        )
    return Discovery(path, level, found, measured, tuple(header["sentences"]), header["dealt"])


def discover(
    dataset: Dataset,
    report: Dataset | None = None,
    *,
    model: Network | HoldsNetwork | None = None,
    seeds: int = 5,
    rule: str = ONE_STANDARD_ERROR,
    n_latents: int | None = None,
    classical: Mapping[str, Any] | None = None,
    gru_units: int | None = GRU_UNITS,
    folder: str | FilePath | None = None,
    seed: int = 0,
    callbacks: Sequence[Callable[[PathReport], None]] = (),
    **path_settings: Any,
) -> Discovery:
    """Find the network that these choices can tell from others, and say what it is worth.

    A penalty path of several seeds; the level chosen by sessions that it was not trained on; the agreement of
    the seeds there; and beside it chance, the stay baseline, the classical models, a GRU and, where it is
    known, the agent that made the data, all on sessions that nothing saw.

    Arguments:
        dataset: Choices. Sessions are dealt in turn: of five, three are trained on, one is chosen by and one
            is reported; with few sessions, blocks of trials are.
        report: Sessions to be reported instead.
        model: An untrained network, or a `Run` that has one; by default a `DisRNN` with five latents.
        seeds: How many networks are trained.
        rule: How the level is chosen; see `Path.choose`.
        n_latents: How many latents the network is to have, instead of a rule.
        classical: Agents by name to compare with; by default `classical_models()`.
        gru_units: Units of the GRU; None for no GRU.
        folder: Where everything is saved. A path that was interrupted there goes on.
        seed: Of the first network; the others have the following ones.
        callbacks: Functions called with a `PathReport` after every check of a level.
        path_settings: Further arguments of `penalty_path`.

    Returns:
        A `Discovery`.

    Raises:
        ValueError: Where the data have no choices or too few of them, or a choice is in two parts.
    """
    if not isinstance(dataset, Dataset) or not dataset.n_classes:
        raise ValueError(
            f"discovery is from choices, got {dataset!r}; make it by cl.read_table or cl.simulate"
        )
    if model is None:
        model = DisRNN(dataset.n_inputs, dataset.n_classes, key=jax.random.key(seed))
    model = network_of(model)
    parts = deal(dataset, report, every_subject=getattr(model, "n_subjects", None) is not None)
    checkpoint = None if folder is None else FilePath(folder) / PATH_FILE
    path = penalty_path(
        model, *parts.named.values(), seeds=seeds, seed=seed, checkpoint=checkpoint, callbacks=callbacks,
        **path_settings,
    )  # fmt: skip
    found = concluded(path, parts, rule, n_latents, classical, gru_units, seed)
    if folder is not None:
        found.save(folder)
    return found


def concluded(
    path: Path,
    parts: Parts,
    rule: str = ONE_STANDARD_ERROR,
    n_latents: int | None = None,
    classical: Mapping[str, Any] | None = None,
    gru_units: int | None = GRU_UNITS,
    seed: int = 0,
) -> Discovery:
    """What a finished path comes to: level, agreement, yardsticks and verdict."""
    level = path.choose(rule, n_latents=n_latents)
    networks = path.levels[level].models
    agreed = agreement(networks, parts.train) if len(networks) > 1 else None
    if classical is None:
        classical = classical_models(int(parts.train.n_classes or 2))
    measured = yardsticks(networks[level.seed], parts, classical, gru_units=gru_units, seed=seed)
    sentences = verdict(parts.text, level, agreed, measured)
    return Discovery(path, level, agreed, measured, sentences, parts.text)


def _chosen(path: Path, rule: str) -> ChosenLevel:
    """The level by the rule as a `ChosenLevel` names it."""
    if rule.endswith(" latents"):
        return path.choose(n_latents=int(rule.split()[0]))
    return path.choose(rule)
