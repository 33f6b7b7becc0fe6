"""One level of a penalty path: the networks at a price, and what was found out about them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cogrnn_lab.analysis.reading.contributions import LEAST_BITS
from cogrnn_lab.discovery.together import Standing
from cogrnn_lab.schemas import Flag, ListOf, Number, Record
from cogrnn_lab.training import Penalties, Report
from cogrnn_lab.training.archive import array_in
from cogrnn_lab.training.run import (
    PENALTIES,
    REPORT,
    reports_from_file,
    reports_to_arrays,
    reports_to_json,
)

ARRAYS = ("penalized_loss", "first_loss", "openness", "bits", "share", "logit_spread")
LEVEL = Record(
    {"price": Number(), "penalties": PENALTIES, "settled": Flag(), "reports": ListOf(ListOf(REPORT))}
)


@dataclass(frozen=True)
class Level:
    """Networks of all seeds at one penalty.

    Fields:
        price: Penalty in multiples of the base penalties; 0 for the warm-up.
        penalties: The penalties themselves.
        models: (seed,) networks.
        reports: (seed,) reports of training at this level.
        settled: False where the level ended at its most steps.
        penalized_loss: (seed,) on the same training sessions with the same noise, in nats per choice.
        first_loss: (seed,) task loss of the first training step.
        openness: (seed, latent) 1 - sigma of each latent's bottleneck.
        bits: (seed, latent) mutual information of each latent and its noisy copy, in bits per trial.
        share: (seed, latent) share of the variance of the logits; see `LatentContributions`.
        logit_spread: (seed,) standard deviation of the centered logits over training trials.
        nll: {sessions: (seed, unit)} negative log-likelihood in nats, summed over each session or block.
    """

    price: float
    penalties: Penalties
    models: tuple[Any, ...]
    reports: tuple[tuple[Report, ...], ...]
    settled: bool
    penalized_loss: np.ndarray
    first_loss: np.ndarray
    openness: np.ndarray
    bits: np.ndarray
    share: np.ndarray
    logit_spread: np.ndarray
    nll: dict[str, np.ndarray]

    @property
    def n_latents(self) -> np.ndarray:
        """(seed,) how many latents tell something that varies from trial to trial."""
        return (self.bits > LEAST_BITS).sum(1)

    @property
    def n_steps(self) -> int:
        """Training steps of this level."""
        return max(sum(report.n_steps for report in own) for own in self.reports)

    @property
    def seconds(self) -> float:
        """Time that training took, in seconds."""
        return sum(report.seconds for report in self.reports[0])

    @property
    def nats(self) -> list[dict[str, float]]:
        """For each seed {bottleneck group: nats per choice that it paid for}, as training last saw it."""
        return [own[-1].information if own else {} for own in self.reports]

    @property
    def best_seed(self) -> int:
        """The seed of the lowest penalized loss: no choosing or reported session has a say in it."""
        return int(np.argmin(self.penalized_loss))

    @property
    def standing(self) -> Standing:
        """Where training stood at the end."""
        steps = [own[-1].step if own else 0 for own in self.reports]
        return Standing(self.models, np.array(steps), self.first_loss)

    def to_file(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Take the level apart for a file.

        Returns:
            What JSON takes, and arrays by name; the networks are stored apart.
        """
        header = {
            "price": self.price,
            "penalties": self.penalties.as_dict(),
            "settled": self.settled,
            "reports": [reports_to_json(own) for own in self.reports],
        }
        arrays = {name: getattr(self, name) for name in ARRAYS}
        arrays |= {f"nll {part}": nll for part, nll in self.nll.items()}
        for seed, own in enumerate(self.reports):
            arrays |= {f"{name} {seed}": array for name, array in reports_to_arrays(own).items()}
        return header, arrays

    @classmethod
    def from_file(
        cls, header: dict[str, Any], arrays: dict[str, np.ndarray], models: tuple[Any, ...]
    ) -> "Level":
        """Make the level that `to_file` took apart.

        Arguments:
            header: What JSON kept of it.
            arrays: Its arrays by name.
            models: (seed,) its networks, which are stored apart.

        Returns:
            The level.

        Raises:
            FileError: An array is missing or of another shape.
        """
        n_seeds = len(models)
        n_latents = array_in(arrays, "bits", "f", n_seeds, None).shape[1]
        shapes = dict.fromkeys(ARRAYS, (n_seeds,)) | dict.fromkeys(
            ("openness", "bits", "share"), (n_seeds, n_latents)
        )
        reports = []
        for seed, rows in enumerate(header["reports"]):
            losses = {name: arrays[f"{name} {seed}"] for name in ("losses", "task_losses")}
            reports.append(reports_from_file(rows, losses))
        return cls(
            price=header["price"],
            penalties=Penalties(**header["penalties"]),
            models=models,
            reports=tuple(reports),
            settled=header["settled"],
            nll={
                name[4:]: array_in(arrays, name, "f", n_seeds, None)
                for name in arrays
                if name.startswith("nll ")
            },
            **{name: array_in(arrays, name, "f", *shapes[name]) for name in ARRAYS},
        )
