"""What each latent of a network stands for, told by how it moves, in a sentence with its numbers."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from cogrnn_lab.analysis.choice_equations.reading import LatentReading, read_latents
from cogrnn_lab.analysis.flow.moves import FORGOTTEN, Moves, Value
from cogrnn_lab.analysis.flow.probing import Probed, probed
from cogrnn_lab.analysis.reading.contributions import telling_latents
from cogrnn_lab.analysis.reading.latents import latents
from cogrnn_lab.data import Dataset
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.models.own_step import check_readout
from cogrnn_lab.training.compatibility import as_network_knows

UNCLEAR = "unclear"
# Rates that differ by less are one rate; a latent that moves by less stays.
ONE_RATE, STAYS = 0.07, 0.04
# Slope by another latent, in units of their spans, from which on that one moves it.
PULLS = 0.05
# A latent whose rates are all above this keeps nothing of its former value.
AT_ONCE = 1 - FORGOTTEN
# R² of its moves by a rate and a target from which on these numbers are a latent's rule.
RULE_R2 = 0.8


@dataclass(frozen=True)
class LatentRole:
    """What a latent that contributes to the choice stands for.

    Fields:
        latent: Its index, from 0.
        name: "value of left", "last choice", "trace of choices", "difference of values", "win-stay
            lose-shift", "preference"; or "unclear".
        text: A sentence that names it "latent 1", counted from 1, with the numbers of its rule.
        share: Standard deviation of its contribution divided by that of the log odds.
        move_r2: Least R² of its change by a rate and a target, of the observations that move it.
    """

    latent: int
    name: str
    text: str
    share: float
    move_r2: float

    @property
    def is_clear(self) -> bool:
        """Whether it is something that is known, and moves by a rate to a target."""
        return self.name != UNCLEAR and self.move_r2 >= RULE_R2


class _Asked(NamedTuple):
    moves: Moves
    reading: LatentReading
    classes: tuple[str, ...]


def latent_roles(model: Network | HoldsNetwork, dataset: Dataset) -> tuple[LatentRole, ...]:
    """Tell what each latent that contributes to the choice stands for, those that contribute most first.

    A latent of a bottleneck that tells next to nothing from trial to trial is none of them.

    A latent is known by what moves it: outcomes of one alternative alone (a value), choices whatever they
    gave (the last choice, a trace of choices), both by one rate (a difference of values), or outcomes the
    more the less likely the choice was (a preference, as the policy gradient moves it). What is none of
    these, or moves otherwise than by a rate towards a target, is said to be unclear.

    Arguments:
        model: Any network that predicts choices, or a `Run` or a `Discovery` that has one.
        dataset: Sessions of choices and rewards that fit it.

    Returns:
        A `LatentRole` of each.

    Raises:
        ValueError: The data are no choices, or do not fit the network.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=50)
        >>> roles = cl.latent_roles(cl.SwitchingLinearRNN(2, 2, 2, key=0), data)
        >>> [role.text.split()[0] for role in roles] == ["Latent"] * len(roles)
        True
    """
    network: Any = network_of(model)
    check_readout(network)
    known = as_network_knows(network, dataset)
    states = np.asarray(latents(network, known).states, float)[known.valid]
    counted = telling_latents(network, states)
    if not counted:
        return ()
    reading = read_latents(network, known, among=counted)
    answers = probed(network, known, states)
    classes = tuple(str(name) for name in known.class_names or map(str, range(known.n_classes or 0)))
    if len(classes) != 2 or answers.outcomes is None or len(reading.observations) != 4:
        return tuple(_not_told(reading, place, classes, answers) for place in range(len(reading.latents)))
    asked = _Asked(Moves.of(answers, answers.turn(counted)), reading, classes)
    return tuple(_role(asked, place) for place in range(len(reading.latents)))


def _not_told(reading: LatentReading, place: int, classes: tuple[str, ...], answers: Probed) -> LatentRole:
    why = (
        f"there are {len(classes)} alternatives"
        if len(classes) != 2
        else "not every alternative was chosen both with and without reward"
        if answers.outcomes is None
        else "rewards are amounts"
    )
    latent = reading.latents[place]
    text = (
        f"Latent {latent + 1} contributes {reading.share[place]:.0%} of the spread of the log odds; what it "
        f"stands for is told between two alternatives with rewards of 0 and 1, and here {why}."
    )
    return LatentRole(latent, UNCLEAR, text, float(reading.share[place]), float("nan"))


def _role(asked: _Asked, place: int) -> LatentRole:
    moves, reading = asked.moves, asked.reading
    latent = reading.latents[place]
    rates, targets, r2 = (
        own[:, place].reshape(2, 2) for own in (reading.rates, reading.targets, reading.move_r2)
    )
    moving = np.abs(rates) > STAYS
    least = float(r2[moving].min()) if moving.any() else 1.0
    value = moves.value_of(latent)
    if value is not None:
        name, said = _value(value, rates, targets, asked.classes)
    elif moves.repeats(latent):
        name, said = _repetition(moves, latent, rates, targets)
    elif moves.follows_policy_gradient(latent):
        name = "preference"
        said = (
            f"is a preference for {asked.classes[1]}, which the outcome of a choice moves the more the "
            + ("less likely that choice was")
        )
    elif moves.difference(latent) is not None or _is_plain_difference(moves, latent, rates):
        name, said = _difference(rates, targets, asked.classes)
    else:
        name, said = UNCLEAR, f"is unclear: {_by_observation(rates, targets, asked.classes)}"
    if name not in (UNCLEAR, "preference") and least < RULE_R2:
        name, said = (
            UNCLEAR,
            f"is unclear: moved like a {name}, but not by a rate to a target (R² {least:.2f})",
        )
    moved_by = [f"latent {other + 1}" for other in _movers(moves, latent)]
    if name == UNCLEAR and moved_by:
        said += f"; {' and '.join(moved_by)} {'moves' if len(moved_by) == 1 else 'move'} it as well"
    text = f"Latent {latent + 1} {said}."
    return LatentRole(latent, name, text, float(reading.share[place]), least)


def _movers(moves: Moves, latent: int) -> list[int]:
    """Other latents that move it."""
    pulls = np.abs(moves.slopes[:, :, :, latent]).mean((0, 1))
    return [int(other) for other in np.flatnonzero(pulls > PULLS) if other != latent]


def _is_plain_difference(moves: Moves, latent: int, rates: np.ndarray) -> bool:
    """Whether outcomes of both alternatives move it, mirrored, and it fades after all of them."""
    return moves.mirrors_wins(latent) and bool((rates > STAYS).all())


def _value(value: Value, rates: np.ndarray, targets: np.ndarray, classes: tuple[str, ...]) -> tuple[str, str]:
    own, other = value.alternative, 1 - value.alternative
    loss, win = rates[own]
    apart = abs(targets[own, 1] - targets[own, 0])
    learns = (
        f"moves by {(loss + win) / 2:.2f} of the way to the outcome"
        if abs(win - loss) < ONE_RATE
        else f"moves to the outcome by {win:.2f} of the way after a reward and by {loss:.2f} without"
    )
    forgets = rates[other].mean()
    rest = "stays otherwise" if value.stays or abs(forgets) < STAYS else f"fades by {forgets:.2f} otherwise"
    name = f"value of {classes[own]}"
    return name, (
        f"is the {name}: it {learns} when {classes[own]} is chosen (a reward and none are {apart:.2f} apart "
        f"in log odds), and {rest}"
    )


def _repetition(moves: Moves, latent: int, rates: np.ndarray, targets: np.ndarray) -> tuple[str, str]:
    does = "repeats" if moves.repeats(latent) > 0 else "avoids"
    weight = abs(targets[1].mean() - targets[0].mean()) / 2
    if not moves.remembers(latent):
        return "last choice", f"is the last choice, and {does} it by {weight:.2f} in log odds"
    return "trace of choices", (
        f"is a trace of choices: it follows what was chosen by {rates.mean():.2f} a trial whatever it gave, "
        f"and {does} what always was by {weight:.2f} in log odds"
    )


def _difference(rates: np.ndarray, targets: np.ndarray, classes: tuple[str, ...]) -> tuple[str, str]:
    won, lost = ((targets[1, w] - targets[0, w]) / 2 for w in (1, 0))
    if (rates > AT_ONCE).all():
        return "win-stay lose-shift", (
            f"is what the last outcome favors: what was chosen by {won:.2f} in log odds after a reward, and "
            f"{'it as well' if lost > 0 else 'the other'} by {abs(lost):.2f} without one"
        )
    by_win = rates.mean(0)
    fades = (
        f"{rates.mean():.2f} of the way a trial"
        if abs(by_win[1] - by_win[0]) < ONE_RATE
        else f"{by_win[1]:.2f} of the way after a reward and {by_win[0]:.2f} without"
    )
    unpaid = "0" if abs(lost) < 0.05 else f"{abs(lost):.2f} {'for it as well' if lost > 0 else 'against it'}"
    return "difference of values", (
        f"is the difference of the values of {classes[1]} and {classes[0]}: it moves by {fades}, after a "
        f"reward to {won:.2f} in log odds for what was chosen, without one to {unpaid}"
    )


def _by_observation(rates: np.ndarray, targets: np.ndarray, classes: tuple[str, ...]) -> str:
    said = [
        f"after {classes[c]}{', rewarded' if w else ', not rewarded'} it "
        + (f"moves by {rates[c, w]:.2f} to {targets[c, w]:.2f}" if abs(rates[c, w]) > STAYS else "stays")
        for c in (0, 1)
        for w in (1, 0)
    ]
    return "; ".join(said)
