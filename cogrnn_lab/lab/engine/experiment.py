"""Experiments on a copy of the network: what can be closed, scaled or held, and what that changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cogrnn_lab.analysis import Bottlenecks, Perturbation, PerturbationEffect, perturb
from cogrnn_lab.data import Dataset
from cogrnn_lab.lab.engine.beside import Check

ARROW, SHOWN_ARROW = " -> ", " → "
LATENT_GROUP, NETWORK = "latent", " network"
OPEN = 0.1  # openness from which a channel is offered
CLOSE, SCALE, HOLD = "close", "scale", "hold"
SETTINGS: dict[str, Any] = {
    "n_outcomes": 2, "n_lags": 1, "longest_run": 2, "word_length": 1, "n_resamples": 200
}  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """What is done: `part` of the network by name, `action`, `factor` of scaling, value that is `held`."""

    part: str
    action: str = CLOSE
    factor: float = 1.0
    held: float = 0.0

    @property
    def is_latent(self) -> bool:
        """Whether the part is a latent rather than a channel."""
        return ARROW not in self.part

    def on(self, model: Any) -> Perturbation:
        """What is done to this network, as an intervention."""
        if self.action == HOLD and self.is_latent:
            return Perturbation(clamp={self.part: self.held})
        factor = 0.0 if self.action == CLOSE else self.factor
        if getattr(model, "groups", ()):
            return Perturbation(channels={self.part: factor})
        return Perturbation(lesion=[self.part])  # without bottlenecks a latent can only fall silent


def actions_for(part: str, has_bottlenecks: bool) -> tuple[str, ...]:
    """What can be done to a part."""
    if ARROW in part:
        return (CLOSE, SCALE)
    return (CLOSE, SCALE, HOLD) if has_bottlenecks else (CLOSE, HOLD)


def parts_of(found: Bottlenecks, order: Iterable[int], kept: str = "") -> list[tuple[str, str]]:
    """Parts in words and by name: latents in this order, then open channels to the choice, and into latents.

    `kept` is offered also where it has closed.
    """
    names = [f"latent {i + 1}" for i in order]
    channels = []
    groups = sorted(found.groups, key=lambda name: not name.startswith("choice"))
    for name in groups:
        if name == LATENT_GROUP:
            continue
        group = found.groups[name]
        for i, source in enumerate(group.from_names):
            for k, reader in enumerate(group.to_names):
                channel = f"{source}{ARROW}{reader.removesuffix(NETWORK)}"
                if group.openness[i, k] >= OPEN or channel == kept:
                    channels.append(channel)
    return [(name.replace(ARROW, SHOWN_ARROW), name) for name in [*names, *dict.fromkeys(channels)]]


def along(model: Any, data: Dataset, trial: Trial, check: Check) -> PerturbationEffect:
    """Effect along the data: on the likelihood of their choices, and on what is predicted after each past."""
    check()
    effect: Any = perturb(model, data, trial.on(model), **SETTINGS)
    return effect


def playing(model: Any, data: Dataset, trial: Trial, check: Check) -> PerturbationEffect:
    """Effect on how it plays, with the same chance."""
    check()
    effect: Any = perturb(model, data, trial.on(model), closed_loop=True, **SETTINGS)
    return effect
