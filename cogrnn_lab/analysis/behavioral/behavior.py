"""The statistics of behavior of animals, people and models, with intervals from sessions drawn anew."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from cogrnn_lab.analysis.behavioral import statistics
from cogrnn_lab.analysis.behavioral.blocks import LEFT_RIGHT, block_switches, own_columns, sides_assumed
from cogrnn_lab.analysis.behavioral.closed_loop import played
from cogrnn_lab.analysis.behavioral.curves import BehaviorCurve, Drawn, draw_sessions
from cogrnn_lab.analysis.behavioral.history_weights import HistoryWeights, history_weights
from cogrnn_lab.analysis.behavioral.past_trials import PastTrials
from cogrnn_lab.analysis.behavioral.statistics import Windows
from cogrnn_lab.analysis.scoring.predictor import as_predictor
from cogrnn_lab.counts import checked_count
from cogrnn_lab.data import Dataset
from cogrnn_lab.tasks import Environment

CONFIDENCE, N_RESAMPLES = 0.95, 1000


@dataclass(frozen=True)
class Behavior:
    """Statistics of choices, each with intervals from sessions drawn anew.

    Fields:
        stay_and_shift: How often a won choice is made again (win-stay), and a lost one left (lose-shift).
        switch_by_outcomes: How often another choice is made after each series of outcomes.
        switch_by_run: How often another choice is made after 1, 2, ... of the same.
        run_lengths: Shares of the lengths of runs, those that a session's end cuts off included.
        choice_words: How often each series of choices is made.
        around_switches: How often what becomes the best alternative is chosen, around block switches; None
            where the data do not tell.
        history: Weights of the last trials in the log odds; None where too few choices have a known past.
        n_choices: Choices that count.
        n_sessions: Sessions.
        resampled_by: What was drawn anew, in words.
        confidence: Level of the intervals, between 0 and 1.
        source: Whose choices these are, in words.
        notes: What could not be computed, and what has to be known, in sentences.
        dataset: The sessions, those that were played where a model played.
        settings: How far the statistics look, as `behavior` was asked.
    """

    stay_and_shift: BehaviorCurve
    switch_by_outcomes: BehaviorCurve
    switch_by_run: BehaviorCurve
    run_lengths: BehaviorCurve
    choice_words: BehaviorCurve
    around_switches: BehaviorCurve | None
    history: HistoryWeights | None
    n_choices: int
    n_sessions: int
    resampled_by: str
    confidence: float
    source: str
    notes: tuple[str, ...]
    dataset: Dataset
    settings: dict[str, Any]

    @property
    def curves(self) -> tuple[BehaviorCurve, ...]:
        """All curves that there are."""
        both = (
            self.stay_and_shift,
            self.switch_by_outcomes,
            self.switch_by_run,
            self.run_lengths,
            self.choice_words,
        )
        return both if self.around_switches is None else (*both, self.around_switches)

    @property
    def win_stay(self) -> float:
        """Proportion of won choices that are made again on the next trial."""
        return float(self.stay_and_shift.value[0])

    @property
    def lose_shift(self) -> float:
        """Proportion of lost choices that are left on the next trial."""
        return float(self.stay_and_shift.value[1])

    @property
    def table(self) -> pd.DataFrame:
        """A row for each condition of each curve; the weights are in `history.table`."""
        return pd.concat([curve.table for curve in self.curves], ignore_index=True)

    @property
    def text(self) -> str:
        """Tell win-stay and lose-shift with their intervals, and the notes, in sentences."""
        said = [f"{self.source}: {self.n_choices} choices in {self.n_sessions} sessions."]
        for name, what in (("win-stay", "made again after a win"), ("lose-shift", "left after a loss")):
            row: Any = self.stay_and_shift.table.set_index("condition").loc[name]
            if row["n"] > 0:
                said.append(f"A choice is {what} in {_percent(row)}.")
        return " ".join([*said, *self.notes])

    def __repr__(self) -> str:
        return f"Behavior({self.text})"


def behavior(
    dataset: Dataset,
    model: Any = None,
    *,
    environment: Environment | str | None = None,
    open_loop: bool = False,
    n_outcomes: int = 3,
    n_lags: int = 5,
    longest_run: int = 10,
    word_length: int = 3,
    before_switch: int = 10,
    after_switch: int = 20,
    p_reward: Any = None,
    confidence: float = CONFIDENCE,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> Behavior:
    """Describe how choices follow outcomes, choices and blocks: those of the data, or of a model.

    A model plays as many sessions as the data have, each as long, by itself (closed loop): the data's own
    environment where it is known (columns of reward probabilities or payouts, instructed trials), else one
    that is given, else one that is made of the outcomes recorded. It misses no trial.

    The past of a trial is the trial right before it. A trial that follows a missed one, or one whose reward
    is not known, has no such past and is left out where the past is asked for; so is the first trial of a
    session. A win is what `dataset.outcomes` says. Instructed choices are part of the past; they are not
    counted.

    Arguments:
        dataset: Choices, trial by trial.
        model: An agent, an `AgentFit`, `Equations`, or a network, a `Run` or a `Discovery`; None: the choices
            of the data.
        environment: What the model plays, with as many alternatives; "recorded": the reward probabilities of
            the data even where they may depend on choices; None: as above.
        open_loop: Whether the model does not play: its probabilities are taken in place of the choices, with
            the past of the data.
        n_outcomes: How many outcomes make a series.
        n_lags: Trials back in the regression.
        longest_run: Longer runs are taken together with those of this length.
        word_length: Choices of a word.
        before_switch: Trials before a block switch.
        after_switch: Trials after it.
        p_reward: Names of the columns of reward probabilities, one an alternative; None: those that are named
            p_reward_ and the alternative, or its number from 1.
        confidence: Level of the intervals, between 0 and 1.
        n_resamples: How often sessions are drawn anew within subjects; subjects as well, where one has a
            single session.
        seed: Of the resamples and of what is played.

    Returns:
        A `Behavior`.

    Raises:
        TypeError: The model cannot play, such as an object that only predicts.
        ValueError: The data have no choices, or the environment is not known and not clear.

    Source:
        Switches by outcomes: Beron et al., PNAS 2022. Run lengths: Kaplan and Meier, J Am Stat Assoc 1958.
        History: Lau and Glimcher, J Exp Anal Behav 2005.

    Example:
        >>> import cogrnn_lab as cl
        >>> data = cl.simulate(cl.WinStayLoseShift(0.0), cl.DriftingBandit(), n_sessions=4, n_trials=50)
        >>> found = cl.behavior(data)
        >>> found.win_stay, found.lose_shift
        (1.0, 1.0)
    """
    windows = _checked_windows(n_outcomes, n_lags, longest_run, word_length, before_switch, after_switch)
    checked_count(n_resamples, "n_resamples")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence = {confidence!r}; expected a number between 0 and 1, such as 0.95.")
    trials = PastTrials.of(dataset)
    settings = {
        **windows._asdict(),
        "p_reward": p_reward,
        "confidence": confidence,
        "n_resamples": n_resamples,
    }
    said: tuple[str, ...] = ()
    source = "The choices of the data"
    if model is not None and open_loop:
        outputs = as_predictor(model).outputs(dataset)
        trials = trials.predicted(np.exp(choice_log_probabilities(outputs, dataset)))
        source = "What the model predicts along the data"
    elif model is not None:
        dataset, how = played(model, dataset, environment, p_reward=p_reward, seed=seed)
        settings["p_reward"] = own_columns(dataset)
        trials, said, source = PastTrials.of(dataset), (how,), "The model plays"
    elif environment is not None or open_loop:
        raise ValueError(
            "environment and open_loop are of a model that plays or predicts; give the model, too."
        )
    drawn = draw_sessions(np.asarray(dataset.subject), n_resamples, seed)
    return described(dataset, trials, windows, settings, drawn, source, said)


def described(
    dataset: Dataset,
    trials: PastTrials,
    windows: Windows,
    settings: dict[str, Any],
    drawn: Drawn,
    source: str,
    notes: tuple[str, ...] = (),
) -> Behavior:
    """Compute all statistics of these trials."""
    confidence = settings["confidence"]
    switches, why = block_switches(dataset, settings["p_reward"])
    history, unfitted = history_weights(trials, windows.n_lags, drawn, confidence)
    by_run, lengths = statistics.switch_by_run(trials, windows.longest_run, drawn, confidence)
    around = None
    if switches is not None:
        around = statistics.around_switches(trials, switches, windows, drawn, confidence)
    return Behavior(
        stay_and_shift=statistics.win_stay_lose_shift(trials, drawn, confidence),
        switch_by_outcomes=statistics.switch_by_outcomes(trials, windows.n_outcomes, drawn, confidence),
        switch_by_run=by_run,
        run_lengths=lengths,
        choice_words=statistics.choice_words(trials, windows.word_length, drawn, confidence),
        around_switches=around,
        history=history,
        n_choices=int(trials.counted.sum()),
        n_sessions=dataset.n_sessions,
        resampled_by=drawn.by,
        confidence=confidence,
        source=source,
        notes=(*notes, *_notes(dataset, drawn, settings["p_reward"]), *((why,) if why else ()), *unfitted),
        dataset=dataset,
        settings=settings,
    )


def choice_log_probabilities(outputs: Any, dataset: Dataset) -> np.ndarray:
    """Log probabilities (session, trial, alternative) of outputs, -inf where it could not be chosen."""
    logits = np.asarray(outputs, np.float64)[..., : dataset.n_classes]
    if dataset.action_mask is not None:
        logits = np.where(dataset.action_mask, logits, -np.inf)
    return log_softmax(logits, axis=-1)


def log_likelihood_of(outputs: Any, dataset: Dataset) -> np.ndarray:
    """Log probability (session, trial) of the choice made; 0 where none counts.

    Raises:
        ValueError: A choice that was made has probability 0.
    """
    log_p = choice_log_probabilities(outputs, dataset)
    made = np.take_along_axis(log_p, np.maximum(dataset.choices, 0)[..., None], 2)[..., 0]
    made = np.where(np.asarray(dataset.mask)[..., 0], made, 0.0)
    if not np.isfinite(made).all():
        raise ValueError(
            f"the model gives probability 0 to {int((~np.isfinite(made)).sum())} choices that were made."
        )
    return made


def _checked_windows(
    n_outcomes: int, n_lags: int, longest_run: int, word_length: int, before_switch: int, after_switch: int
) -> Windows:
    if checked_count(n_outcomes, "n_outcomes") > 6:
        raise ValueError(f"n_outcomes = {n_outcomes}; expected 6 or fewer, which make 64 series.")
    return Windows(
        n_outcomes=n_outcomes,
        n_lags=checked_count(n_lags, "n_lags"),
        longest_run=checked_count(longest_run, "longest_run", 2),
        word_length=checked_count(word_length, "word_length"),
        before_switch=checked_count(before_switch, "before_switch"),
        after_switch=checked_count(after_switch, "after_switch"),
    )


def _notes(dataset: Dataset, drawn: Drawn, columns: Any) -> tuple[str, ...]:
    notes = []
    missed = int(dataset.missed.sum())
    if missed:
        were = "trial was" if missed == 1 else "trials were"
        notes.append(f"{missed} {were} missed: what comes right after has no known past and is left out.")
    if sides_assumed(dataset, columns):
        first, second = LEFT_RIGHT
        notes.append(
            f"{first} is taken as that of alternative 0 and {second} of 1; p_reward= says otherwise."
        )
    if dataset.n_stimuli > 1:
        notes.append("Stimuli differ from trial to trial; the trial before may have shown another.")
    if drawn.weights is None:
        notes.append("There is one session, which cannot be drawn anew: no intervals.")
    return tuple(notes)


def _percent(row: pd.Series) -> str:
    within = "" if np.isnan(row["low"]) else f" ({100 * row['low']:.0f} to {100 * row['high']:.0f})"
    return f"{100 * row['value']:.0f} %{within} of cases"
