"""Whether networks of other seeds found the same mechanism."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cogrnn_lab.analysis import bottlenecks, wiring
from cogrnn_lab.analysis.flow.graph import CHOICE
from cogrnn_lab.analysis.reading.bottlenecks import input_labels, latent_labels
from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.matching import Course, matched, rule_likeness, span_likeness
from cogrnn_lab.training import Run

# Likeness from which on two latents, or two mechanisms, are the same.
SAME = 0.8


@dataclass(frozen=True)
class Agreement:
    """Likeness of the mechanisms of several networks, on the same data.

    Latents are matched to those of the run `reference`, which is the one most like the others; they are
    counted from the one with the largest share of the choices. A latent of another run that is matched to
    none, or tells nothing that varies from trial to trial, is not among them.

    Fields:
        order: (run, latent) which latent of each run it is, from 0; -1 where a run has none.
        similarity: (run, run, latent) squared correlation of time courses; 0 where a run has none.
        update_similarity: (run, latent) R² of each run's update rule to the reference's, in its units.
        choice_similarity: (run, latent) R² of what the latent does to the choice to the reference's.
        span: (run, run) how much of one network's latents a linear mixture of the other's tells, R².
        n_latents: (run,) how many latents count.
        wiring: (run, latent, channel) True where the latent reads an input or a latent, or the choice reads
            it, as `cl.wiring` tells: by more than 0.05 bits a trial.
        wiring_names: (channel,) names of those channels.
        reference: The run that the others are compared with, from 0.
    """

    order: np.ndarray
    similarity: np.ndarray
    update_similarity: np.ndarray
    choice_similarity: np.ndarray
    span: np.ndarray
    n_latents: np.ndarray
    wiring: np.ndarray
    wiring_names: tuple[str, ...]
    reference: int

    @property
    def n_runs(self) -> int:
        """Number of networks that were compared."""
        return len(self.order)

    @property
    def latent_found(self) -> np.ndarray:
        """(latent,) share of the runs that have this latent of the reference, the reference included."""
        return (self.similarity[self.reference] >= SAME).mean(0)

    @property
    def is_shared(self) -> np.ndarray:
        """(run,) True where a run has the latents of the reference, all of them and no other.

        Alike in their time courses, in the rules by which they are updated and in what they do to the choice.
        """
        alike = np.minimum(
            self.similarity[self.reference], np.minimum(self.update_similarity, self.choice_similarity)
        )
        same_number = self.n_latents == self.n_latents[self.reference]
        return same_number & (alike >= SAME).all(1)

    @property
    def shared(self) -> float:
        """Fraction of runs with the mechanism of the reference, which is among them."""
        return float(self.is_shared.mean())

    @property
    def same_span(self) -> np.ndarray:
        """(run,) True where a run has the reference's variables in whatever coordinates: R² from 0.9."""
        same_number = self.n_latents == self.n_latents[self.reference]
        return same_number & (self.span[self.reference] >= 0.9)

    @property
    def wiring_similarity(self) -> np.ndarray:
        """(run,) share of the connections of a run or the reference that both have; 1 without any."""
        mine, theirs = self.wiring, self.wiring[self.reference][None]
        either = (mine | theirs).sum((1, 2))
        return np.where(either > 0, (mine & theirs).sum((1, 2)) / np.maximum(either, 1), 1.0)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each run and latent of the reference: the run's latent (from 1) and how alike it is."""
        rows = [
            {
                "run": run,
                "reference_latent": int(self.order[self.reference, k]) + 1,
                "latent": int(self.order[run, k]) + 1 if self.order[run, k] >= 0 else None,
                "similarity": self.similarity[self.reference, run, k],
                "update_similarity": self.update_similarity[run, k],
                "choice_similarity": self.choice_similarity[run, k],
                "n_latents": int(self.n_latents[run]),
                "span": self.span[self.reference, run],
                "wiring_similarity": self.wiring_similarity[run],
                "shared": bool(self.is_shared[run]),
            }
            for run in range(self.n_runs)
            for k in range(self.order.shape[1])
        ]
        return pd.DataFrame(rows)

    @property
    def text(self) -> str:
        """Tell how many runs agree, in words."""
        n, own = self.n_runs, int(self.n_latents[self.reference])
        which = "no latents" if own == 0 else "one latent" if own == 1 else f"{own} latents"
        text = f"{self.is_shared.sum()} of {n} networks found the same mechanism, with {which}"
        other_coordinates = int((self.same_span & ~self.is_shared).sum())
        if other_coordinates:
            text += f"; {other_coordinates} more hold the same variables in other coordinates"
        if own:
            found = ", ".join(f"{share * n:.0f}" for share in self.latent_found)
            text += f". Its latents, by their share of the choice, are in {found} of the {n}"
        return text + "."


def agreement(runs: Sequence[Any], dataset: Dataset) -> Agreement:
    """Compare the mechanisms that several networks found, whatever their order, sign and scale of latents.

    Latents that count (see `LatentContributions`) are matched by the squared correlation of their time
    courses, so that the sum is greatest.

    Arguments:
        runs: Two or more networks, or `Run`s, for such data.
        dataset: Sessions along which their latents are compared.

    Returns:
        An `Agreement`.

    Raises:
        ValueError: Where there are fewer than two networks.
    """
    models = [run.model if isinstance(run, Run) else run for run in runs]
    if len(models) < 2:
        raise ValueError(f"got {len(models)} network, expected two or more to compare; train other seeds")
    courses = [Course.of(model, dataset) for model in models]
    pairs = {
        (i, j): matched(one, other)
        for i, one in enumerate(courses)
        for j, other in enumerate(courses)
        if i != j
    }
    reference = _most_like_the_others(courses, pairs)
    order = _orders(courses, pairs, reference)
    similarity = _similarities(courses, order)
    rules = np.array(
        [_rules(courses, order, reference, run, dataset) for run in range(len(courses))]
    ).reshape(len(courses), order.shape[1], 2)
    wiring, names = _wirings(models, order, dataset)
    return Agreement(
        order=order,
        similarity=similarity,
        update_similarity=rules[..., 0],
        choice_similarity=rules[..., 1],
        span=np.array([[span_likeness(one, other) for other in courses] for one in courses]),
        n_latents=np.array([len(course.counted) for course in courses]),
        wiring=wiring,
        wiring_names=names,
        reference=reference,
    )


def _most_like_the_others(
    courses: list[Course], pairs: dict[tuple[int, int], list[tuple[int, int, float]]]
) -> int:
    """The run whose matched latents are most alike those of all others; unmatched latents are not alike."""
    alike = np.zeros((len(courses), len(courses)))
    for (i, j), matches in pairs.items():
        most = max(len(courses[i].counted), len(courses[j].counted))
        alike[i, j] = sum(match[2] for match in matches) / most if most else 1.0
    return int(np.argmax(alike.sum(1)))


def _orders(
    courses: list[Course], pairs: dict[tuple[int, int], list[tuple[int, int, float]]], reference: int
) -> np.ndarray:
    """(run, latent of the reference) which latent of each run it is, -1 where none."""
    own = courses[reference].counted
    order = np.full((len(courses), len(own)), -1)
    order[reference] = own
    place = {int(latent): k for k, latent in enumerate(own)}
    for run in range(len(courses)):
        for mine, theirs, _ in pairs.get((reference, run), []):
            order[run, place[mine]] = theirs
    return order


def _similarities(courses: list[Course], order: np.ndarray) -> np.ndarray:
    n_runs, n_latents = order.shape
    similarity = np.zeros((n_runs, n_runs, n_latents))
    for k in range(n_latents):
        for i in range(n_runs):
            for j in range(n_runs):
                if order[i, k] >= 0 and order[j, k] >= 0:
                    one, other = courses[i].states[:, order[i, k]], courses[j].states[:, order[j, k]]
                    similarity[i, j, k] = 1.0 if i == j else min(1.0, np.corrcoef(one, other)[0, 1] ** 2)
    return similarity


def _rules(
    courses: list[Course], order: np.ndarray, reference: int, run: int, dataset: Dataset
) -> list[tuple[float, float]]:
    """(latent, 2): likeness of update rule and of choice rule to the reference's."""
    found = []
    for k, own in enumerate(order[run]):
        if run == reference:
            found.append((1.0, 1.0))
        elif own < 0:
            found.append((0.0, 0.0))
        else:
            pair = (int(order[reference, k]), int(own))
            found.append(rule_likeness(courses[reference], courses[run], pair, dataset))
    return found


def _wirings(models: list[Any], order: np.ndarray, dataset: Dataset) -> tuple[np.ndarray, tuple[str, ...]]:
    """(run, latent, channel) what each latent reads of inputs and latents, and whether the choice reads it.

    By the one rule of `wiring`: channels that tell something that varies, and to which their reader listens.
    """
    n_runs, n_latents = order.shape
    inputs = tuple(map(str, input_labels(models[0], dataset)))
    sources = [f"from latent {k + 1}" for k in range(n_latents)]
    names = (*(f"from {name}" for name in inputs), *sources, "to the choice")
    found = np.zeros((n_runs, n_latents, len(names)), bool)
    for run, model in enumerate(models):
        if not bottlenecks(model).groups:
            found[run, order[run] >= 0] = True
            continue
        labels = latent_labels(model.n_latents)
        edges = {(edge.source, edge.target) for edge in wiring(model, dataset).edges}
        own = [labels[i] if i >= 0 else "" for i in order[run]]
        for k, name in enumerate(own):
            if name:
                read = [(source, name) in edges for source in (*inputs, *own)]
                found[run, k] = [*read, (name, CHOICE) in edges]
    return found, names
