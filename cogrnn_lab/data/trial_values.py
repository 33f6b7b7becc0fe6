"""What a data set says of each trial besides inputs and targets, found when it is asked for."""

import itertools
import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from jaxtyping import Bool, Float32, Int32

from cogrnn_lab.data import outcomes
from cogrnn_lab.data.outcome_scale import OutcomeScale, checked_scale, scale_of

if TYPE_CHECKING:
    from cogrnn_lab.data.dataset import Dataset


class TrialValues:
    """Choices, rewards, missed trials and stimuli of a `Dataset`, which is derived from this class."""

    inputs: Float32[np.ndarray, "session trial input"]
    valid: Bool[np.ndarray, "session trial"]
    input_names: tuple[str, ...]
    target_names: tuple[str, ...]
    kind: str
    outcome_scale: OutcomeScale | None
    stimulus_inputs: tuple[tuple[str, ...], ...]

    @cached_property
    def choices(self) -> Int32[np.ndarray, "session trial"]:
        """Index of the choice made on each trial, (session, trial), -1 where none is known.

        The column "choice" where it holds a number (of an instructed choice too), else the target where it
        counts: a column may be missing in a part of joined data.

        Raises:
            ValueError: Where the targets are numbers, or the column holds a number that is no alternative.
        """
        return _read_only(outcomes.choices(self._dataset))

    @cached_property
    def rewards(self) -> Float32[np.ndarray, "session trial"]:
        """Reward of each trial, (session, trial), NaN where it is not known.

        The column "reward" where it holds a number, else the input "previous reward" of the next trial.
        """
        return _read_only(outcomes.rewards(self._dataset))

    @cached_property
    def missed(self) -> Bool[np.ndarray, "session trial"]:
        """True on valid trials without a known choice, (session, trial).

        Raises:
            ValueError: As `choices`.
        """
        return _read_only(self.valid & (self.choices < 0))

    @cached_property
    def outcomes(self) -> OutcomeScale:
        """Which rewards are wins, and the scale on which reference agents take them.

        What was set by `with_outcomes`, else from the range of the rewards: of two amounts the higher is a
        win; where some are below 0 and some above, these are; else what is above the middle of the range, or
        above 0 where a tenth of the choices or more were paid exactly 0. Parts of a data set (`select`,
        `split`) keep the scale of the whole.
        """
        return self.outcome_scale or scale_of(self._dataset)

    def with_outcomes(self, outcomes: Any) -> "Dataset":
        """Set which rewards are wins, and the scale on which reference agents take them.

        Arguments:
            outcomes: An `OutcomeScale`, or (low, high) or (low, high, win_above) in units of reward. None:
                from the rewards' range.

        Returns:
            The data set with this scale, which parts of it keep.

        Raises:
            ValueError: It is no scale.

        Example:
            >>> import cogrnn_lab as cl
            >>> data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=20)
            >>> data.with_outcomes((0, 2)).outcomes.win_above
            1.0
        """
        return self._dataset._replace(outcome_scale=checked_scale(outcomes))

    @property
    def signal_names(self) -> tuple[str, ...]:
        """Names of the targets that are numbers, such as recorded signals; none of a categorical data set."""
        return {"categorical": (), "mixed": self.target_names[1:]}.get(self.kind, self.target_names)

    @property
    def n_stimuli(self) -> int:
        """Number of stimuli that inputs tell apart, 1 where none do; of several columns every combination."""
        return math.prod(len(group) for group in self.stimulus_inputs)

    @property
    def stimulus_names(self) -> tuple[str, ...]:
        """Names of the stimuli in the order of their indices, such as "cue = A"."""
        if not self.stimulus_inputs:
            return ()
        return tuple(", ".join(names) for names in itertools.product(*self.stimulus_inputs))

    @cached_property
    def stimuli(self) -> Int32[np.ndarray, "session trial"]:
        """Index of the stimulus that is shown before each choice, (session, trial); -1 where none is known.

        From the inputs of `stimulus_inputs`: the columns that `read_table` was given as `stimulus`.
        """
        index = np.where(self.valid, 0, -1).astype(np.int32)
        for group in self.stimulus_inputs:
            places = [self.input_names.index(name) for name in group]
            is_shown = self.inputs[..., places] == 1
            known = is_shown.any(-1) & (index >= 0)
            index = np.where(known, index * len(group) + is_shown.argmax(-1), -1)
        return _read_only(index.astype(np.int32) if self.stimulus_inputs else np.full_like(index, -1))

    @property
    def _dataset(self) -> "Dataset":
        return cast("Dataset", self)


def _read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
