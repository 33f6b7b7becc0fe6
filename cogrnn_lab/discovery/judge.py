"""What is found out about the networks of a level: likelihoods of all kinds of sessions, and the latents."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cogrnn_lab.analysis import latent_contributions, latents
from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.level import Level
from cogrnn_lab.discovery.units import Pairing

TRAIN, CHOOSE, REPORT = "train", "choose", "report"


@dataclass(frozen=True)
class Findings:
    """Of each network of a level; see `Level`."""

    openness: np.ndarray
    bits: np.ndarray
    share: np.ndarray
    logit_spread: np.ndarray
    nll: dict[str, np.ndarray]


class Judge:
    """Scores networks on the sessions trained on, chosen by and reported.

    Arguments: `parts`, the data sets by name, "train" always among them.
    """

    def __init__(self, parts: dict[str, Dataset]):
        self.parts = parts
        self.pairings = {name: Pairing(dataset) for name, dataset in parts.items()}

    def __call__(self, models: Sequence[Any]) -> Findings:
        """Likelihoods and latents of each network."""
        nll: dict[str, list[np.ndarray]] = {name: [] for name in self.parts}
        contributions, spreads = [], []
        for model in models:
            for name, dataset in self.parts.items():
                along = latents(model, dataset)
                nll[name].append(self.pairings[name].nll(along))
                if name == TRAIN:
                    contributions.append(latent_contributions(model, dataset, along))
                    spreads.append(_logit_spread(along))
        return Findings(
            openness=np.stack([one.openness for one in contributions]),
            bits=np.stack([one.bits for one in contributions]),
            share=np.stack([one.share for one in contributions]),
            logit_spread=np.array(spreads),
            nll={name: np.stack(rows) for name, rows in nll.items()},
        )

    def scored(self, level: Level) -> Level:
        """The level with the likelihoods of these parts beside those that it has."""
        nll = {}
        for name, dataset in self.parts.items():
            pairing = self.pairings[name]
            nll[name] = np.stack([pairing.nll(latents(model, dataset)) for model in level.models])
        return replace(level, nll=level.nll | nll)

    def training_loss(self, level: Level) -> np.ndarray:
        """(seed,) nats per choice on the sessions trained on, without noise."""
        return self.pairings[TRAIN].units.means(level.nll[TRAIN])

    def choosing_loss(self, models: Sequence[Any]) -> np.ndarray:
        """(seed,) nats per choice on the choosing sessions."""
        pairing, dataset = self.pairings[CHOOSE], self.parts[CHOOSE]
        nll = np.stack([pairing.nll(latents(model, dataset)) for model in models])
        return pairing.units.means(nll)


def _logit_spread(along: Any) -> float:
    logits = np.asarray(along.outputs, float)[along.valid][:, : along.n_classes]
    centered = logits - logits.mean(1, keepdims=True)
    return float(centered.std(0).max())


def check_apart(parts: dict[str, Dataset]) -> None:
    """Refuse sessions that are in two parts with the same choices counted.

    Blocks of one session may be in several parts: then the inputs are the same, but no counted choice is.
    """
    seen: dict[bytes, list[tuple[str, int]]] = {}
    for name, dataset in parts.items():
        for session in range(dataset.n_sessions):
            own = dataset.inputs[session][dataset.valid[session]]
            for other, there in seen.setdefault(own.tobytes(), []):
                if other != name and _share_choices(dataset, session, parts[other], there):
                    raise ValueError(
                        f"session {dataset.session_names[session]} of subject "
                        f"{dataset.subject_names[dataset.subject[session]]} is among the sessions of both "
                        f"{other} and {name}, with the same choices counted. What is reported must not have "
                        "been trained on or chosen by; split the data set once, into parts that share no "
                        "choice."
                    )
            seen[own.tobytes()].append((name, session))


# Two sessions of fewer trials than this may be alike by chance.
ALIKE_BY_CHANCE = 20


def _share_choices(one: Dataset, session: int, other: Dataset, there: int) -> bool:
    counted = [d.mask[s, : d.lengths[s], 0] for d, s in ((one, session), (other, there))]
    both = counted[0] & counted[1]
    chosen = [d.targets[s, : d.lengths[s], 0][both] for d, s in ((one, session), (other, there))]
    names = [(d.subject_names[d.subject[s]], d.session_names[s]) for d, s in ((one, session), (other, there))]
    is_long = both.sum() >= ALIKE_BY_CHANCE or names[0] == names[1]
    return bool(both.any() and is_long and np.array_equal(chosen[0], chosen[1]))
