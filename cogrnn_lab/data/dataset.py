"""The one container of behavior: inputs, targets, and where they count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Float32, Int, Int32

from cogrnn_lab.data import checks, joining, time_major
from cogrnn_lab.data.outcome_scale import OutcomeScale, checked_scale
from cogrnn_lab.data.reading.labels import in_words
from cogrnn_lab.data.signal_ceiling import share_without_noise
from cogrnn_lab.data.splits import split, way_by
from cogrnn_lab.data.summary import summary
from cogrnn_lab.data.trial_values import TrialValues


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Dataset(TrialValues):
    """Behavior of one or many subjects: inputs, targets, and which of them count.

    All arrays are copied and read-only. A target that does not count is stored as 0, inputs on padding as 0.

    Arguments:
        inputs: Numbers that a model gets on each trial, (session, trial, input).
        targets: What it has to predict, (session, trial, target). Class indices 0..n_classes-1 for kind
            "categorical" (one target column); numbers for "continuous"; for "mixed" the first column is
            categorical and the others continuous. NaN is a missing target.
        mask: Bool, (session, trial, target) or (session, trial), True where the target counts. By default
            every target that is not NaN and not on padding.
        valid: Bool, (session, trial), False on padding, which may only be at the end of a session.
        subject: Int, (session,), index of the subject of each session, from 0.
        kind: "categorical", "continuous" or "mixed".
        n_classes: Number of alternatives; by default found from the targets.
        input_names, target_names: Labels of inputs and targets.
        action_mask: Bool, (session, trial, class), which alternatives could be chosen.
        columns: Arrays (session, trial) by name that are kept but not shown to a model, such as "choice" (-1:
            missed), "reward", "instructed", "p_choice" (the probability that the generating agent gave to the
            choice made).
        subject_names: Labels of the subjects; a session finds its subject in a trained network by this name.
        session_names, class_names: Labels of sessions and alternatives.
        time_step: Seconds from one row to the next where rows are steps in time, as bins of clicks are; None
            where they are trials of behavior.
        notes: Sentences about how the data were read, which their text shows.
        outcome_scale: Which rewards are wins, and the scale on which agents take them, as in
            `with_outcomes`; None: from the rewards' range.
        stimulus_inputs: Names of inputs that show the stimulus of the coming trial one-hot: a group of names
            for each column of stimuli, such as [("cue = A", "cue = B")]. Agents keep values for each.

    Raises:
        ValueError: With what was got, what was expected and the likely slip.
        TypeError: An argument is of another kind, as a number in the place of names.

    Example:
        >>> import numpy as np
        >>> import cogrnn_lab as cl
        >>> inputs = np.zeros((2, 3, 1))
        >>> choices = np.array([[[0], [1], [1]], [[1], [0], [np.nan]]])
        >>> data = cl.Dataset(inputs, choices, input_names=["stimulus"])
        >>> data
        Dataset(categorical, 2 classes: 1 subject, 2 sessions of 3 trials; inputs stimulus)
        >>> int(data.missed.sum())
        1
    """

    inputs: Float32[np.ndarray, "session trial input"]
    targets: Float32[np.ndarray, "session trial target"]
    mask: Bool[np.ndarray, "session trial target"]
    valid: Bool[np.ndarray, "session trial"]
    subject: Int32[np.ndarray, " session"]
    kind: str
    n_classes: int | None
    input_names: tuple[str, ...]
    target_names: tuple[str, ...]
    action_mask: Bool[np.ndarray, "session trial class"] | None
    columns: Mapping[str, np.ndarray]
    subject_names: tuple[str, ...]
    session_names: tuple[str, ...]
    class_names: tuple[str, ...] | None
    time_step: float | None
    notes: tuple[str, ...] = ()
    outcome_scale: OutcomeScale | None = None
    stimulus_inputs: tuple[tuple[str, ...], ...] = ()

    def __init__(
        self,
        inputs: Any,
        targets: Any,
        *,
        mask: Any = None,
        valid: Any = None,
        subject: Any = None,
        kind: str = "categorical",
        n_classes: int | None = None,
        input_names: Sequence[str] | None = None,
        target_names: Sequence[str] | None = None,
        action_mask: Any = None,
        columns: Mapping[str, Any] | None = None,
        subject_names: Sequence[str] | None = None,
        session_names: Sequence[str] | None = None,
        class_names: Sequence[str] | None = None,
        time_step: float | None = None,
        notes: Sequence[str] = (),
        outcome_scale: Any = None,
        stimulus_inputs: Sequence[Sequence[str]] = (),
    ):
        checks.check_kind(kind)
        inputs, targets = checks.checked_arrays(inputs, targets)
        targets = checks.with_whole_choices(targets, kind)
        shape = inputs.shape[:2]
        valid = checks.checked_valid(valid, shape)
        checks.check_finite_inputs(inputs, valid)
        mask = checks.checked_mask(mask, targets, valid)
        action_mask = checks.checked_action_mask(action_mask, shape)
        n_classes = checks.checked_classes(kind, targets, mask, n_classes, class_names, action_mask)
        subject = checks.checked_subject(subject, shape[0])
        session_names = checks.checked_names(session_names, shape[0], "session", unique=False)
        checks.check_sessions_unique(session_names, subject)
        input_names = checks.checked_names(input_names, inputs.shape[2], "input")
        self._set(
            inputs=np.where(valid[..., None], inputs, np.float32(0)),
            targets=np.where(mask, targets, np.float32(0)),
            mask=mask,
            valid=valid,
            subject=subject,
            kind=kind,
            n_classes=n_classes,
            input_names=input_names,
            target_names=checks.checked_target_names(target_names, kind, targets.shape[2]),
            action_mask=action_mask,
            columns=checks.checked_columns(columns or {}, shape),
            subject_names=checks.checked_subject_names(subject_names, subject),
            session_names=session_names,
            class_names=checks.checked_class_names(class_names, n_classes),
            time_step=checks.checked_time_step(time_step),
            notes=(notes,) if isinstance(notes, str) else tuple(str(note) for note in notes),
            outcome_scale=checked_scale(outcome_scale),
            stimulus_inputs=checks.checked_stimulus_inputs(stimulus_inputs, input_names, inputs, valid),
        )

    def _set(self, **values: Any) -> None:
        values["columns"] = MappingProxyType(dict(values["columns"]))
        for array in (*values.values(), *values["columns"].values()):
            if isinstance(array, np.ndarray):
                array.setflags(write=False)
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _replace(self, **changes: Any) -> "Dataset":
        """Copy with some fields exchanged for others that are known to be right."""
        return self._trusted(**{field.name: getattr(self, field.name) for field in fields(self)} | changes)

    @classmethod
    def _trusted(cls, **values: Any) -> "Dataset":
        """Make a data set of fields that are known to be right, neither checked nor copied."""
        new = object.__new__(cls)
        new._set(**values)
        return new

    @classmethod
    def from_time_major(
        cls, xs: Any, ys: Any, *, kind: str = "categorical", n_classes: int | None = None, **names: Any
    ) -> "Dataset":
        """Make a data set from arrays [trial, session, feature], as other packages keep them.

        Such arrays do not tell padding from missed trials, so every trial is valid and a missing target just
        does not count. Each target counts by itself: a signal on a trial whose choice is missing or masked is
        still learned and scored, unless it is NaN too or `mask` says otherwise.

        Arguments:
            xs: Inputs, [trial, session, input].
            ys: Targets, [trial, session, target]; missing: NaN, or -1 for choices.
            kind, n_classes: As in `Dataset`.
            names: Further arguments of `Dataset`, such as `input_names`. Arrays over trials and sessions have
                the trial first, as `xs` has: `action_mask` [trial, session, class], `mask`, `valid`, and each
                of `columns`.

        Returns:
            The data set.

        Raises:
            ValueError: As `Dataset`, or where an array has not three axes, or not the trials and sessions of
                `xs`.

        Example:
            >>> import numpy as np
            >>> import cogrnn_lab as cl
            >>> cl.Dataset.from_time_major(np.zeros((5, 2, 1)), np.ones((5, 2, 1))).n_sessions
            2
        """
        return cls(**time_major.arguments(xs, ys, kind, names), kind=kind, n_classes=n_classes)

    @property
    def n_sessions(self) -> int:
        """Number of sessions."""
        return self.inputs.shape[0]

    @property
    def n_trials(self) -> int:
        """Number of trials that every session is padded to."""
        return self.inputs.shape[1]

    @property
    def n_inputs(self) -> int:
        """Number of inputs on each trial."""
        return self.inputs.shape[2]

    @property
    def n_targets(self) -> int:
        """Number of target columns (not of classes)."""
        return self.targets.shape[2]

    @property
    def subjects(self) -> Int32[np.ndarray, " subject"]:
        """Indices of the subjects that have a session here, ascending."""
        return np.unique(self.subject)

    @property
    def lengths(self) -> Int[np.ndarray, " session"]:
        """Number of valid trials of each session."""
        return self.valid.sum(1)

    @property
    def generating_likelihood(self) -> float | None:
        """Normalized likelihood of the agent that made the data: exp of its mean log probability per choice.

        The ceiling for any model of these choices; None where the probability was not recorded.
        """
        p_choice = self.columns.get("p_choice")
        if p_choice is None or self.kind == "continuous":
            return None
        counted = p_choice[self.mask[..., 0]].astype(np.float64)
        if counted.size == 0 or not np.all((counted > 0) & (counted <= 1)):
            return None
        return float(np.exp(np.log(counted).mean()))

    @property
    def generating_r2(self) -> dict[str, float]:
        """R² of each recorded signal without its noise: the ceiling for any model of the signal.

        Of the signals whose noiseless values are known, as those of `simulate(signals=...)`.
        """
        return share_without_noise(self.targets, self.mask, self.target_names, self.columns)

    def subject_values(self, column: str) -> Float[np.ndarray, " subject"]:
        """Read the value of a column for each subject, such as a parameter of the agents that made the data.

        Arguments:
            column: Name of a column that is constant within each subject.

        Returns:
            Values in the order of `subject_names`, (subject,); NaN without a session.

        Raises:
            ValueError: Where there is no such column or it varies within a subject.
        """
        if column not in self.columns:
            known = ", ".join(self.columns) or "none"
            raise ValueError(f'the data set has no column "{column}"; its columns are: {known}.')
        values = np.full(len(self.subject_names), np.nan)
        for one in self.subjects:
            own = np.unique(self.columns[column][(self.subject == one)[:, None] & self.valid])
            if len(own) > 1:
                raise ValueError(
                    f'column "{column}" has {len(own)} values within subject "{self.subject_names[one]}"; '
                    "expected one for each subject."
                )
            values[one] = own[0]
        return values

    def with_names(
        self,
        *,
        input_names: Sequence[str] | None = None,
        class_names: Sequence[str] | None = None,
        subject_names: Sequence[str] | None = None,
    ) -> "Dataset":
        """Give inputs, alternatives or subjects other names, in the order in which they are.

        Arguments:
            input_names, class_names, subject_names: One name for each; None: as they are.

        Returns:
            A copy that shares its arrays.

        Raises:
            ValueError: Where there are more or fewer names, or two are the same.
        """
        given = {"input": input_names, "class": class_names, "subject": subject_names}
        sizes = {"input": self.n_inputs, "class": self.n_classes or 0, "subject": len(self.subject_names)}
        changes = {
            f"{what}_names": checks.checked_names(names, sizes[what], what)
            for what, names in given.items()
            if names is not None
        }
        renamed = dict(zip(self.input_names, changes.get("input_names", self.input_names), strict=True))
        stimulus_inputs = tuple(tuple(renamed[name] for name in group) for group in self.stimulus_inputs)
        return self._replace(**changes, stimulus_inputs=stimulus_inputs)

    def select(self, sessions: Any) -> "Dataset":
        """Take some of the sessions.

        They keep their padding, so that functions compiled for this data set serve the selection as well.

        Arguments:
            sessions: Indices in the wanted order, a slice, or a bool for each session.

        Returns:
            The data set of these sessions.

        Raises:
            ValueError: Where an index does not exist or nothing is left.
        """
        indices = checks.session_indices(sessions, self.n_sessions)
        return self._replace(
            **{
                name: getattr(self, name)[indices]
                for name in ("inputs", "targets", "mask", "valid", "subject")
            },
            action_mask=None if self.action_mask is None else self.action_mask[indices],
            columns={name: column[indices] for name, column in self.columns.items()},
            session_names=tuple(self.session_names[i] for i in indices),
            outcome_scale=self.outcomes,
        )

    def split(
        self,
        every: int | float = 2,
        offset: int = 1,
        *,
        hold_out: str | None = None,
        block_trials: int | None = None,
        seed: int | None = None,
        by: str | None = None,
    ) -> tuple["Dataset", "Dataset"]:
        """Split into what is trained on and what is held out.

        Arguments:
            every: One of so many is held out; or a fraction up to 0.5, as 0.2 for a fifth.
            offset: The first one that is held out, counted from 0: by default the second, fourth, ... Of no
                effect for a fraction.
            hold_out: What is held out. "sessions" of each subject (the default); whole "subjects"; or
                "blocks", stretches of trials within each session: both parts have all sessions, through which
                a model runs from beginning to end, but only their own trials count.
            block_trials: Trials that count in a block; by default about 25, in blocks of equal size.
            seed: Of a random choice; None: in turn.
            by: "session", "subject" or "block", another way to say `hold_out`.

        Returns:
            The data to train on, and the held-out data.

        Raises:
            ValueError: Where one of the two would have no target that counts, as where each subject has one
                session, or the arguments do not belong together.

        Example:
            >>> import cogrnn_lab as cl
            >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=5, n_trials=20)
            >>> train, held_out = data.split(every=2)
            >>> train.session_names, held_out.session_names
            (('1', '3', '5'), ('2', '4'))
            >>> [int(part.mask.sum()) for part in data.split(0.2, hold_out="blocks")]
            [80, 20]
        """
        return split(self, every, offset, way_by(hold_out, by), block_trials, seed)

    def concat(self, *others: "Dataset") -> "Dataset":
        """Join these sessions with those of other data sets, padded to the longest.

        Subjects are the same where their names are. A column that is missing in one data set becomes NaN
        there. The notes of all are kept, each once.

        Arguments:
            others: Data sets of the same kind, inputs, targets, classes and time step.

        Returns:
            The joined data set.

        Raises:
            ValueError: Where kind, inputs, targets, classes or the time step differ.
        """
        return joining.joined((self, *others))

    def to_dataframe(self, latents: Any = None) -> pd.DataFrame:
        """Make a table with one row per valid trial, in the order of the sessions.

        `read_table` reads it back. Columns: subject, session, trial (from 1), the targets (a choice under its
        label; missed: -1, or empty for labels that are text), the inputs, every entry of `columns`, and the
        latents as latent_1, latent_2, ...

        Arguments:
            latents: (session, trial, latent), or the result of `latents()`; None: none.

        Returns:
            A pandas DataFrame.

        Raises:
            ValueError: Where the latents are of other sessions or trials.
        """
        from cogrnn_lab.data.frames import trial_frame  # that module builds on this one

        return trial_frame(self, latents)

    @property
    def summary(self) -> str:
        """The data set in words, a line each: subjects and sessions, alternatives and missed trials, rewards.

        With what counts as a win, the inputs, and the notes of how the data were read.
        """
        return summary(self)

    def __str__(self) -> str:
        return f"{self!r}\n{self.summary}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the data set in a notebook."""
        printer.text(str(self))

    def __repr__(self) -> str:
        classes = "" if self.n_classes is None else f", {self.n_classes} classes"
        low, high = int(self.lengths.min()), int(self.lengths.max())
        length = in_words(high, "trial") if low == high else f"{low} to {high} trials"
        subjects, sessions = in_words(len(self.subjects), "subject"), in_words(self.n_sessions, "session")
        names = ", ".join(self.input_names)
        return f"Dataset({self.kind}{classes}: {subjects}, {sessions} of {length}; inputs {names})"
