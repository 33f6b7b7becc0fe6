"""What is known so far of the worth of a network: likelihoods beside it, and a sentence."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cogrnn_lab.analysis.scoring.baseline import STAY, STAY_AT_STIMULUS
from cogrnn_lab.discovery import Discovery
from cogrnn_lab.discovery.yardsticks import CEILING, CHANCE, EQUATIONS, GENERATING, NETWORK, STAYING
from cogrnn_lab.lab.engine.curve import Curve

NETWORK_KIND, EQUATIONS_KIND, OTHER = "network", "equations", "other"
ALIKE = 5e-5  # likelihoods that differ by less are written alike
BEGIN = (
    "Nothing is learned yet. Train shows a network learning at one price of information; Discover lets the "
    "data choose the price, and tells what the network is worth."
)
DISCOVERING = "A discovery is going on ({}). What the network is worth is told when it is done."


@dataclass(frozen=True)
class Mark:
    """A likelihood per choice with its name; `low` and `high` of its 95 % interval where that is known."""

    name: str
    likelihood: float
    kind: str = OTHER
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Worth:
    """Likelihoods from the lowest to the highest, all of the same `sessions` (in words)."""

    marks: tuple[Mark, ...]
    sessions: str

    @property
    def network(self) -> Mark | None:
        """That of the network, where it is known."""
        return next((mark for mark in self.marks if mark.kind == NETWORK_KIND), None)


def worth(run: Any) -> Worth:
    """What is known of the run: of its discovery, where one is finished, else of the network in training."""
    if run.course.found is not None:
        return _of_discovery(run.course.found)
    return _in_training(run)


def _of_discovery(found: Discovery) -> Worth:
    """Each of these on the sessions that nothing saw."""
    measured, marks = found.measured, []
    names = {NETWORK: f"network of level {int(found.level)}", STAY: "stay", GENERATING: "agent"}
    names[STAY_AT_STIMULUS] = "stay, per stimulus"
    best = measured.best_classical
    for name in (CHANCE, *STAYING, best, NETWORK, EQUATIONS, CEILING, GENERATING):
        if name is None or name not in measured.nll:
            continue
        low, high = measured.units.likelihood_interval(measured.nll[name])
        kind = {NETWORK: NETWORK_KIND, EQUATIONS: EQUATIONS_KIND}.get(name, OTHER)
        shown = f"{name} (best classical)" if name == best else names.get(name, name)
        marks.append(Mark(shown, measured.likelihood(name), kind, low, high))
    return _sorted(marks, f"{measured.units.name} that nothing saw")


def _in_training(run: Any) -> Worth:
    """The network on the sessions that it is scored on; of training sessions only what is not training."""
    curve: Curve = run.curve
    marks = [Mark("chance", curve.chance)] if curve.chance is not None else []
    if curve.stay is not None:
        marks.append(Mark("stay", curve.stay))
    if curve.reference is not None and curve.reference[1] != curve.stay:
        marks.append(Mark(*curve.reference))
    if curve.classical is not None:
        left = "so far" if len(curve.fitted) < 2 else "of those fitted"
        marks.append(Mark(f"{curve.classical[0]} (best {left})", curve.classical[1]))
    if run.held_out is not None and curve.valid_likelihood:
        marks.append(Mark("this network", curve.valid_likelihood[-1], NETWORK_KIND))
    found = run.explanation.found
    if found is not None and found.likelihood is not None:
        marks.append(Mark(f"equations of step {found.step:,}", found.likelihood, EQUATIONS_KIND))
    return _sorted(marks, "held-out sessions" if run.held_out is not None else "sessions trained on")


def _sorted(marks: list[Mark], sessions: str) -> Worth:
    there = [mark for mark in marks if np.isfinite(mark.likelihood)]
    return Worth(tuple(sorted(there, key=lambda mark: mark.likelihood)), sessions)


def sentence(run: Any) -> str:
    """What the network in training is worth, as far as that is known."""
    known, step = worth(run), run.curve.n_steps
    if not step:
        return DISCOVERING.format(run.course.now) if run.course.is_at_work else BEGIN
    mark = known.network
    if mark is None:
        return (
            f"After {step:,} steps. No sessions are held out, so nothing tells what the network is worth: "
            "hold some out (Training), or press Discover."
            if run.held_out is None
            else f"After {step:,} steps. The held-out sessions are scored in a moment."
        )
    said = [f"After {step:,} steps the network's likelihood of held-out sessions is {mark.likelihood:.4f}"]
    others = [other for other in known.marks if other.kind == OTHER]
    below = [one for one in others if one.likelihood <= mark.likelihood - ALIKE]
    above = [one for one in others if one.likelihood >= mark.likelihood + ALIKE]
    alike = [one for one in others if one not in below and one not in above]
    for word, those in (("above", below[-2:]), ("as high as", alike), ("below", above[:2])):
        if those:
            said.append(f"{word} {' and '.join(f'{one.name} ({one.likelihood:.4f})' for one in those)}")
    return ", ".join(said) + ". Discover tells how sure that is."
