"""Outputs and behavior of a network before and after a perturbation, along data or as it plays."""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import pandas as pd

from cogrnn_lab.analysis.behavioral.behavior import (
    Behavior,
    behavior,
    choice_log_probabilities,
    log_likelihood_of,
)
from cogrnn_lab.analysis.behavioral.blocks import own_columns
from cogrnn_lab.analysis.behavioral.closed_loop import further_inputs, players_of
from cogrnn_lab.analysis.behavioral.curves import draw_sessions, percentiles
from cogrnn_lab.analysis.behavioral.matched_environment import environment_of
from cogrnn_lab.analysis.dynamics.intervention import Perturbation
from cogrnn_lab.analysis.dynamics.perturbed_agent import perturbed_players
from cogrnn_lab.analysis.dynamics.perturbed_trials import Planned, perturbed_rollout, planned
from cogrnn_lab.analysis.reading.latents import latents
from cogrnn_lab.data import Dataset
from cogrnn_lab.models import Network
from cogrnn_lab.models.own_step import check_readout
from cogrnn_lab.random_numbers import as_seed
from cogrnn_lab.tasks.simulation import simulate_like
from cogrnn_lab.training.compatibility import as_network_knows

CLOSED = 0.1  # openness below which a channel counts as closed
WITHOUT = "Without effect"
NOTHING = 1e-6  # difference of probabilities below which there is none


@dataclass(frozen=True)
class PerturbationEffect:
    """What a perturbation does to a network's outputs and to its behavior.

    Fields:
        perturbation: What was done.
        is_on: (session, trial) whether it was on.
        loop: "open", along the trials of the data, or "closed", as the network plays.
        before: Behavior without it; in open loop of the network's probabilities.
        after: Behavior with it.
        outputs_before: (session, trial, output) noiseless outputs, of a closed loop along what was played.
        outputs_after: The same with the perturbation.
        states_before: (session, trial, latent) latents after each update.
        states_after: The same with the perturbation.
        likelihood_before: Normalized likelihood of the data's choices; NaN in closed loop.
        likelihood_after: The same with the perturbation.
        reward_before: Mean scaled reward of a choice; in open loop that of the data.
        reward_after: The same with the perturbation.
        differences: A row for each condition of each curve: before, after, and their difference with its
            interval, sessions drawn anew in pairs.
        notes: What had no effect, and what has to be known, in sentences.
        text: What was done and what it changed, in sentences.
    """

    perturbation: Perturbation
    is_on: np.ndarray
    loop: str
    before: Behavior
    after: Behavior
    outputs_before: np.ndarray
    outputs_after: np.ndarray
    states_before: np.ndarray
    states_after: np.ndarray
    likelihood_before: float
    likelihood_after: float
    reward_before: float
    reward_after: float
    differences: pd.DataFrame
    notes: tuple[str, ...]
    text: str

    def __repr__(self) -> str:
        return f"PerturbationEffect({self.text})"


def effect_of(
    model: Network,
    dataset: Dataset,
    perturbation: Perturbation,
    closed_loop: bool,
    environment: Any,
    seed: int,
    settings: dict[str, Any],
) -> PerturbationEffect:
    """Perturb a network along the data, or as it plays; see `perturb`."""
    if environment is not None and not closed_loop:
        raise ValueError("an environment is played in closed loop: closed_loop=True")
    if perturbation.is_empty:
        raise ValueError("the perturbation changes nothing: all of its parts are None")
    dataset.choices  # data without choices say so  # noqa: B018
    run = latents(model, dataset)
    # Beyond the end of a session there is nothing to patch from, and latents are free.
    states = np.where(dataset.valid[..., None], run.states, np.nan)
    plan = planned(model, perturbation, dataset.n_sessions, dataset.n_trials, states)
    if plan.change.moves_states(model, plan.moments):
        check_readout(model)
    make = _played if closed_loop else _along
    return make(model, dataset, perturbation, plan, environment, seed, settings)


def _along(
    model: Network,
    dataset: Dataset,
    perturbation: Perturbation,
    plan: Planned,
    environment: None,
    seed: int,
    settings: dict[str, Any],
) -> PerturbationEffect:
    known = as_network_knows(model, dataset)
    before = latents(model, dataset)
    outputs, states = _rolled(model, np.asarray(known.inputs), _subject(model, known), plan)
    pair = [
        behavior(dataset, _Predicted(each), open_loop=True, seed=seed, **settings)
        for each in (before.outputs, outputs)
    ]
    return _result(
        dataset, perturbation, plan, "open", pair, (before.outputs, outputs), (before.states, states), seed
    )


def _played(
    model: Network,
    dataset: Dataset,
    perturbation: Perturbation,
    plan: Planned,
    environment: Any,
    seed: int,
    settings: dict[str, Any],
) -> PerturbationEffect:
    p_reward = settings.get("p_reward")
    world, place, how = environment_of(dataset, environment, p_reward, as_seed(seed))
    intact, player = players_of(model, dataset)
    plain = simulate_like(dataset, intact, player, world, place, as_seed(seed))
    changed = perturbed_players(model, dataset, plan, further_inputs(model, dataset))
    other = simulate_like(dataset, changed, np.arange(dataset.n_sessions), world, place, as_seed(seed))
    own: dict[str, Any] = settings | {"p_reward": own_columns(plain)}
    pair = [behavior(one, seed=seed, **own) for one in (plain, other)]
    subject = _subject(model, as_network_knows(model, dataset))
    nothing = planned(model, Perturbation(), dataset.n_sessions, dataset.n_trials, None)
    runs = [
        _rolled(model, _shown(model, one, dataset), subject, each)
        for one, each in ((plain, nothing), (other, plan))
    ]
    outputs, states = zip(*runs, strict=True)
    return _result(dataset, perturbation, plan, "closed", pair, outputs, states, seed, (how,))


class _Predicted:
    """Outputs of a network as a model that predicts."""

    def __init__(self, outputs: np.ndarray):
        self.outputs = outputs

    def logits(self, dataset: Dataset) -> np.ndarray:
        """The logits of the alternatives."""
        return self.outputs[..., : dataset.n_classes]


def _subject(model: Network, known: Dataset) -> Any:
    return jnp.asarray(known.subject) if getattr(model, "n_subjects", None) is not None else None


def _shown(model: Network, played: Dataset, dataset: Dataset) -> np.ndarray:
    """Inputs of what was played, as the network was shown them."""
    inputs = np.asarray(played.inputs)
    rest = further_inputs(model, dataset)
    return np.concatenate(
        [inputs, np.broadcast_to(np.asarray(rest, np.float32), (*inputs.shape[:2], len(rest)))], axis=-1
    )


def _rolled(model: Network, inputs: np.ndarray, subject: Any, plan: Planned) -> tuple[np.ndarray, np.ndarray]:
    reads = plan.change.moves_states(model, plan.moments)
    rolled = perturbed_rollout(
        model, jnp.asarray(inputs), plan.change, plan.moments, subject, None, jnp.zeros(()), reads
    )
    return np.asarray(rolled.outputs), np.asarray(rolled.states)


def _result(
    dataset: Dataset,
    perturbation: Perturbation,
    plan: Planned,
    loop: str,
    pair: list[Behavior],
    outputs: Any,
    states: Any,
    seed: int,
    notes: tuple[str, ...] = (),
) -> PerturbationEffect:
    differences = _differences(pair[0], pair[1], np.asarray(dataset.subject), seed)
    is_open = loop == "open"
    odds = [np.exp(choice_log_probabilities(each, dataset)) for each in outputs]
    largest = float(np.abs(odds[1] - odds[0])[dataset.valid].max()) if is_open else np.nan
    same_play = loop == "closed" and np.array_equal(pair[0].dataset.choices, pair[1].dataset.choices)
    said = (*notes, *_without_effect(plan, largest, same_play))
    likelihoods = [_likelihood(each, dataset) if is_open else np.nan for each in outputs]
    rewards = [_reward(one.dataset) for one in pair]
    return PerturbationEffect(
        perturbation=perturbation,
        is_on=np.broadcast_to(plan.moments.is_on, dataset.valid.shape),
        loop=loop,
        before=pair[0],
        after=pair[1],
        outputs_before=outputs[0],
        outputs_after=outputs[1],
        states_before=states[0],
        states_after=states[1],
        likelihood_before=likelihoods[0],
        likelihood_after=likelihoods[1],
        reward_before=rewards[0],
        reward_after=rewards[1],
        differences=differences,
        notes=said,
        text=_text(perturbation, loop, likelihoods, rewards, differences, said),
    )


def _likelihood(outputs: np.ndarray, dataset: Dataset) -> float:
    return float(np.exp(log_likelihood_of(outputs, dataset)[np.asarray(dataset.mask)[..., 0]].mean()))


def _reward(dataset: Dataset) -> float:
    paid = dataset.outcomes.scaled(dataset.rewards[(dataset.choices >= 0) & np.isfinite(dataset.rewards)])
    return float(paid.mean()) if paid.size else float("nan")


def _differences(before: Behavior, after: Behavior, subject: np.ndarray, seed: int) -> pd.DataFrame:
    drawn = draw_sessions(subject, before.settings["n_resamples"], seed)
    theirs = {curve.name: curve for curve in after.curves}
    parts = []
    for curve in before.curves:
        if curve.name not in theirs:
            continue
        other = theirs[curve.name]
        change = other.value - curve.value
        mine, new = curve.resampled(drawn), other.resampled(drawn)
        spread = None if mine is None or new is None else new - mine
        low, high = percentiles(spread, change, before.confidence)
        parts.append(
            pd.DataFrame(
                {
                    "curve": curve.name,
                    "condition": list(curve.conditions),
                    "before": curve.value,
                    "after": other.value,
                    "difference": change,
                    "low": low,
                    "high": high,
                    "n": curve.n,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _without_effect(plan: Planned, largest: float, same_play: bool) -> tuple[str, ...]:
    """Sentences on what changes nothing, and on channels that were closed before."""
    notes = [
        f"{name} was closed already (openness {openness:.2f})."
        for name, openness in plan.openness.items()
        if openness < CLOSED
    ]
    if same_play:
        notes.append(f"{WITHOUT}: the network plays the same choices.")
    elif largest < NOTHING:
        notes.append(f"{WITHOUT}: no probability of a choice changes.")
    return tuple(notes)


def _text(
    perturbation: Perturbation,
    loop: str,
    likelihoods: list[float],
    rewards: list[float],
    differences: pd.DataFrame,
    notes: tuple[str, ...],
) -> str:
    said = [f"{perturbation.text[0].upper()}{perturbation.text[1:]} ({loop} loop)."]
    if loop == "open":
        said.append(f"The likelihood of a choice goes from {likelihoods[0]:.4f} to {likelihoods[1]:.4f}.")
    else:
        said.append(f"The mean reward goes from {rewards[0]:.3f} to {rewards[1]:.3f}.")
    shown = () if any(note.startswith(WITHOUT) for note in notes) else ("win-stay", "lose-shift")
    for name in shown:
        row = differences[differences["condition"] == name].iloc[0]
        if not np.isfinite(row["difference"]):
            continue
        within = "" if np.isnan(row["low"]) else f" ({row['low']:+.3f} to {row['high']:+.3f})"
        sure = np.isnan(row["low"]) or row["low"] > 0 or row["high"] < 0
        told = "" if sure else ", which may be none"
        name = name[0].upper() + name[1:]
        said.append(
            f"{name}: {row['before']:.3f} to {row['after']:.3f}, {row['difference']:+.3f}{within}{told}."
        )
    return " ".join([*said, *notes])
