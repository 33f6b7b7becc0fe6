"""A network fitted to the probabilities of a teacher, and how near it comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from cogrnn_lab.analysis.scoring.bootstrap import interval
from cogrnn_lab.argument_words import told
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset
from cogrnn_lab.data.splits import apart
from cogrnn_lab.discovery.distillation.teachers import (
    made_choices,
    played_by,
    probabilities_of,
    teachers_of,
    with_probabilities,
)
from cogrnn_lab.discovery.units import Pairing
from cogrnn_lab.models import Network
from cogrnn_lab.models.network_at_hand import HoldsNetwork, network_of
from cogrnn_lab.random_numbers import as_seed
from cogrnn_lab.training import Run, fit
from cogrnn_lab.training.losses import soft_choice_nll

STUDENT, TEACHER, BESIDE = "distilled", "teacher", "fitted to the choices"


@dataclass(frozen=True)
class Distillation:
    """A network that was fitted to what a teacher says of choices.

    It is taken wherever a `Run` is, such as by `cl.explain`.

    Fields:
        run: The run of the student.
        beside: The run of the same network fitted to the choices themselves; None: it was not asked for.
        fidelity: A row for "distilled", "teacher" and "fitted to the choices": model, the likelihood of the
            choices with the ends of its 95 % interval (likelihood, likelihood_low, likelihood_high), and the
            divergence to the teacher in nats a choice (kl, kl_low, kl_high).
        text: What that means, in words.
        reported: The sessions that `fidelity` is of.
        taught: The sessions that the student was trained on, those that the teacher played among them.
        probabilities: (session, trial, alternative) what it was trained to say of them.
    """

    run: Run
    beside: Run | None
    fidelity: pd.DataFrame
    text: str
    reported: Dataset
    taught: Dataset
    probabilities: Float[np.ndarray, "session trial alternative"]

    @property
    def model(self) -> Any:
        """The student."""
        return self.run.model

    def __repr__(self) -> str:
        return f"Distillation({type(self.model).__name__})\n{self.text}"


def distill(
    student: Network | HoldsNetwork,
    teacher: Any,
    train: Dataset,
    valid: Any = None,
    *,
    hold_out: str | None = None,
    played: int = 0,
    environment: Any = None,
    own_choices: float = 0.0,
    beside: bool = True,
    seed: int = 0,
    **settings: Any,
) -> Distillation:
    """Train a network to say of each choice what a teacher says: by its probabilities, not by the choices.

    A choice tells one of its alternatives, a teacher how probable each was: the same sessions teach more.
    What the teacher is wrong about is learned with the rest, so its likelihood is the ceiling.

    Arguments:
        student: The network to be trained, such as a `DisRNN`, or a `Run` that has one.
        teacher: What predicts choices: a network or what has one, an agent, fitted agents, equations; or a
            list of such, whose mean probabilities are learned (an ensemble).
        train: Sessions of choices.
        valid: Held-out sessions, or how much of `train` is held out, as in `fit`. The student is validated
            by their own choices, and the fidelity is of them; with `patience` they also choose the step at
            which training ends. To be a test of the teacher, it must not have
            seen them, either.
        hold_out: What is held out of `train`, as in `fit`.
        played: How many times all sessions of `train` are played anew by the teacher, of several by each in
            turn, and trained on, too: few sessions become many. What it says of these is learned, not what
            it drew.
        environment: What is played, as in `behavior`; by default that of the data, or one made of them.
        own_choices: Weight, from 0 to 1, of the choices that were made in what is learned of `train`. 0: the
            teacher alone; 1: the choices alone.
        beside: Whether the same network is also trained by the choices themselves, in the same way.
        seed: Of both trainings, and of what is played.
        settings: Further arguments of `fit`, such as `phases`, `patience` and `progress`.

    Returns:
        A `Distillation`.

    Raises:
        TypeError: The teacher predicts no choices, or cannot play.
        ValueError: The data are no choices, a number is out of range, or student, teacher, data and settings
            do not belong together.

    Source:
        Hinton, Vinyals & Dean, arXiv:1503.02531 (2015).

    Example:
        >>> import cogrnn_lab as cl
        >>> agent = cl.QLearning()
        >>> data = cl.simulate(agent, cl.DriftingBandit(), n_sessions=4, n_trials=20)
        >>> student = cl.GRU(2, 2, 3, key=0)
        >>> learned = cl.distill(student, agent, data, 2, phases=cl.Phase(3), progress=False)
        >>> list(learned.fidelity["model"])
        ['distilled', 'teacher', 'fitted to the choices']
    """
    network: Any = network_of(student, "the student")
    teachers = teachers_of(teacher)
    seed = as_seed(seed)
    _check(train, played, own_choices, settings)
    train, valid = apart(train, valid, hold_out)
    if valid is not None and not isinstance(valid, Dataset):
        raise TypeError(
            f"valid is {told(valid)}; expected held-out sessions, a cl.Dataset, as train.split() gives"
        )
    shares = probabilities_of(teachers, train)
    taught = [(train, (1 - own_choices) * shares + own_choices * made_choices(train))]
    further, how = played_by(teachers, train, played, environment, seed) if played else ([], "")
    taught += [(own, probabilities_of(teachers, own)) for own in further]
    sessions, targets = train.concat(*further), np.concatenate([own for _, own in taught])
    held_out = None if valid is None else with_probabilities(valid, made_choices(valid))
    run = fit(
        network, with_probabilities(sessions, targets), held_out, loss=soft_choice_nll, seed=seed, **settings
    )
    plain = fit(network, train, valid, seed=seed, **_beside(settings)) if beside else None
    reported = train if valid is None else valid
    table, said = _fidelity(run, teachers, plain, reported)
    parts = _of_sessions(train, further, how), said, _caution(valid, settings.get("patience"))
    text = " ".join(one for one in parts if one)
    return Distillation(run, plain, table, text, reported, sessions, targets)


def _check(train: Any, played: int, own_choices: float, settings: dict[str, Any]) -> None:
    if not isinstance(train, Dataset) or train.kind != "categorical":
        raise ValueError(
            f"distillation is of choices, got {train!r}; make it by cl.read_table or cl.simulate"
        )
    if not 0 <= own_choices <= 1:
        raise ValueError(f"own_choices is {own_choices!r}; expected a weight from 0 (the teacher alone) to 1")
    if played:
        checked_count(played, "played", of="times")
    for name in ("loss", "replicates"):
        if settings.get(name) is not None:
            raise ValueError(f"{name} has no meaning in distill; leave it out")


def _beside(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of the second training: a checkpoint of its own, and nobody who watches."""
    kept = settings.get("checkpoint")
    file = None if kept is None else Path(kept).with_stem(f"{Path(kept).stem}-choices")
    return settings | {"checkpoint": file, "log": None, "callbacks": ()}


def _fidelity(
    run: Run, teachers: Sequence[Any], plain: Run | None, dataset: Dataset
) -> tuple[pd.DataFrame, str]:
    """The table, and what it says."""
    shares = probabilities_of(teachers, dataset)
    said = {STUDENT: probabilities_of((run.model,), dataset), TEACHER: shares}
    if plain is not None:
        said[BESIDE] = probabilities_of((plain.model,), dataset)
    pairing = Pairing(dataset)
    units = pairing.units
    made = made_choices(dataset)
    nll, rows = {}, []
    for name, own in said.items():
        nll[name] = pairing.sums(-_log(own, made))
        kl = pairing.sums(_log(shares, shares) - _log(own, shares))
        low, high = units.likelihood_interval(nll[name])
        kl_low, kl_high = (float(end) for end in interval(units.resampled_means(kl), 0.95))
        likelihood, divergence = float(np.exp(-units.means(nll[name]))), float(units.means(kl))
        rows.append((name, likelihood, low, high, divergence, kl_low, kl_high))
    columns = ["model", "likelihood", "likelihood_low", "likelihood_high", "kl", "kl_low", "kl_high"]
    table = pd.DataFrame(rows, columns=columns)
    return table, _in_words(table, nll, units)


def _log(shares: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean (session, trial) of log probabilities by weights."""
    least = np.finfo(float).tiny
    return np.where(weights > 0, weights * np.log(np.maximum(shares, least)), 0.0).sum(-1)


def _in_words(table: pd.DataFrame, nll: dict[str, np.ndarray], units: Any) -> str:
    of = table.set_index("model")
    text = (
        f"On {units.name} the distilled network is {of.kl[STUDENT]:.4f} nats a choice from its teacher "
        f"({of.kl_low[STUDENT]:.4f} to {of.kl_high[STUDENT]:.4f}); the likelihood of the choices is "
        f"{of.likelihood[STUDENT]:.4f}, and {of.likelihood[TEACHER]:.4f} under the teacher."
    )
    if BESIDE not in nll:
        return text
    better, against = (np.exp(-units.resampled_means(nll[name])) for name in (STUDENT, BESIDE))
    low, high = (float(end) for end in interval(better - against, 0.95))
    gain = of.likelihood[STUDENT] - of.likelihood[BESIDE]
    which = "is worth more than" if low > 0 else "is worth less than" if high < 0 else "cannot be told from"
    return (
        f"{text} It {which} the same network fitted to the choices, whose likelihood is "
        f"{of.likelihood[BESIDE]:.4f} and which is {of.kl[BESIDE]:.4f} nats from the teacher (difference of "
        f"likelihood {gain:+.4f}, 95 % interval {low:+.4f} to {high:+.4f})."
    )


def _of_sessions(train: Dataset, further: Sequence[Dataset], how: str) -> str:
    if not further:
        return ""
    n = sum(own.n_sessions for own in further)
    return f"Beside {train.n_sessions} sessions it was taught by {n} that the teacher played. {how}"


def _caution(valid: Any, patience: Any) -> str:
    if valid is None:
        return "These are the sessions that it was trained on."
    return "" if patience is None else "The same sessions chose the step at which its training ended."
