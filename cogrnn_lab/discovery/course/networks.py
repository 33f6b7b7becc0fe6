"""Which kinds of network a discovery tries, and which of them the data tell from a simpler one."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from cogrnn_lab.data import Dataset
from cogrnn_lab.data.splits import SUBJECTS
from cogrnn_lab.discovery.choice import BEST, ChosenLevel
from cogrnn_lab.discovery.judge import CHOOSE
from cogrnn_lab.discovery.parts import TURNS
from cogrnn_lab.discovery.path import Path
from cogrnn_lab.models import DisRNN, MultisubjectDisRNN, Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of


def tried(
    model: Network | HoldsNetwork | Sequence[Network | HoldsNetwork] | None,
    dataset: Dataset,
    seed: int,
    hold_out: str | None = None,
) -> tuple[Network, ...]:
    """Give the networks that were asked for, from the simplest on; by default one that suits the data.

    Where there are several subjects with five sessions or more each, a network that knows them is tried, too,
    unless whole subjects are held out.
    """
    if model is not None:
        several = model if isinstance(model, list | tuple) else [model]
        return tuple(network_of(one) for one in several)
    sizes: Any = (dataset.n_inputs, int(dataset.n_classes or 0))
    key = jax.random.key(seed)
    one = DisRNN(*sizes, key=key)
    if hold_out == SUBJECTS or not has_subjects_to_know(dataset):
        return (one,)
    return one, MultisubjectDisRNN(*sizes, n_subjects=len(dataset.subject_names), key=key)


def has_subjects_to_know(dataset: Dataset) -> bool:
    """Whether there are several subjects, each with sessions to be trained on, chosen by and reported."""
    counted = np.asarray(dataset.mask)[..., 0].any(1)
    sessions = np.bincount(np.asarray(dataset.subject)[counted], minlength=len(dataset.subject_names))
    return len(sessions) > 1 and bool(sessions.min() >= len(TURNS))


def knows_subjects(model: Network) -> bool:
    """Whether a network has something of its own for each subject."""
    return getattr(model, "n_subjects", None) is not None


def told_from_simpler(paths: Sequence[Path], levels: Sequence[ChosenLevel], seed: int = 0) -> tuple[int, str]:
    """Which of several networks, from the simplest to the richest, and the choice in words.

    A richer one is taken where it predicts the choosing sessions better than the simpler one by more than one
    standard error, in paired differences of the mean over the seeds: the rule by which levels are chosen.
    With the rule "best" it need not be more than that.
    """
    taken, said = 0, []
    for other in range(1, len(paths)):
        units = paths[other].units[CHOOSE]
        ours, theirs = (paths[i].levels[levels[i]].nll[CHOOSE].mean(0) for i in (other, taken))
        better = float(units.means(theirs - ours))
        error = float(units.resampled_means(theirs - ours, seed).std())
        is_taken = better > (0.0 if levels[other].rule == BEST else error)
        names = [_name(paths[i]) for i in (other, taken)]
        relation = "better" if better > 0 else "worse"
        said.append(
            f"{names[0][0].upper()}{names[0][1:]} predicts the {units.name} chosen by {relation} than "
            f"{names[1]} by {abs(better):.4f} nats per choice (standard error {error:.4f}, in paired "
            f"differences), so {names[0] if is_taken else names[1]} is kept."
        )
        taken = other if is_taken else taken
    return taken, " ".join(said)


def _name(path: Path) -> str:
    model = path.warm_up.models[0]
    if knows_subjects(model):
        return f"a network that knows its {getattr(model, 'n_subjects', '')} subjects"
    return "one network for all subjects" if isinstance(model, DisRNN) else f"a {type(model).__name__}"
