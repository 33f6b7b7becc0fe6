"""What happens without each latent: along the data, and as the network plays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cogrnn_lab.analysis import LatentRole, Perturbation, PerturbationEffect, latents, perturb
from cogrnn_lab.analysis.behavioral.behavior import log_likelihood_of
from cogrnn_lab.analysis.scoring.bootstrap import interval
from cogrnn_lab.data import Dataset
from cogrnn_lab.discovery.units import Pairing
from cogrnn_lab.training.compatibility import as_network_knows


@dataclass(frozen=True)
class Experiment:
    """A latent held at its mean, on all trials.

    Fields:
        latent: Its index, from 0.
        worth: By how much the normalized likelihood of a choice falls, with the bounds of its 95 % interval
            by paired resamples: (worth, low, high).
        along: The effect along the data.
        playing: The effect as the network plays; None where it does not.
        unplayed: Why it does not, "" where it does or was not asked to.
    """

    latent: int
    worth: tuple[float, float, float]
    along: PerturbationEffect
    playing: PerturbationEffect | None
    unplayed: str = ""

    @property
    def worth_in_words(self) -> str:
        """What the latent is worth, in a sentence."""
        worth, low, high = self.worth
        if low <= 0 <= high:
            return f"What it is worth is unclear: {worth:.4f} a choice ({low:.4f} to {high:.4f})."
        return f"It is worth {worth:.4f} a choice ({low:.4f} to {high:.4f})."

    @property
    def sentence(self) -> str:
        """What changes when the network plays, in words."""
        return self.unplayed if self.playing is None else self.playing.text


def experiments(
    network: Any,
    dataset: Dataset,
    roles: tuple[LatentRole, ...],
    *,
    environment: Any = None,
    plays: bool = True,
    seed: int = 0,
    say: Callable[[str], None],
) -> tuple[Experiment, ...]:
    """Hold each latent that contributes at its mean over the data.

    Arguments: as of `explain`; `roles` of the latents; `say`, which is told what is held.
    """
    known = as_network_knows(network, dataset)
    means = np.asarray(latents(network, known).states, float)[known.valid].mean(0)
    pairing = Pairing(known)
    done = []
    for role in roles:
        say(f"what happens without latent {role.latent + 1}")
        held = Perturbation(clamp={f"latent {role.latent + 1}": float(means[role.latent])})
        along: Any = perturb(network, dataset, held, seed=seed)
        playing: Any = None
        why = ""
        if plays:
            try:
                playing = perturb(
                    network, dataset, held, closed_loop=True, environment=environment, seed=seed
                )
            except (TypeError, ValueError) as error:
                why = f"Latent {role.latent + 1} was not held while the network plays: {error}"
        done.append(Experiment(role.latent, _worth(pairing, known, along), along, playing, why))
    return tuple(done)


def _worth(pairing: Pairing, known: Dataset, effect: PerturbationEffect) -> tuple[float, float, float]:
    nll = [
        pairing.sums(-log_likelihood_of(outputs, known))
        for outputs in (effect.outputs_before, effect.outputs_after)
    ]
    before, after = (np.exp(-pairing.units.resampled_means(own)) for own in nll)
    low, high = interval(before - after, 0.95)
    worth = float(np.exp(-pairing.units.means(nll[0])) - np.exp(-pairing.units.means(nll[1])))
    return worth, float(low), float(high)
