"""Which of two noisy inputs is stronger? The random-dot motion task."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter
from cogrnn_lab.tasks.trials.decoding import decision_accuracy
from cogrnn_lab.tasks.trials.library.chance import between, chance, one_of, pick
from cogrnn_lab.tasks.trials.library.coding import coded_choice, one_hot
from cogrnn_lab.tasks.trials.library.stimulus_noise import psychrnn_noise_scale
from cogrnn_lab.tasks.trials.library.task_fields import (
    Levels,
    Range,
    check_levels,
    check_time_range,
    levels,
    share,
    time_range,
)
from cogrnn_lab.tasks.trials.task import Task
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial


class PerceptualDiscrimination(Task):
    """Random-dot motion (Britten et al. 1992; Roitman and Shadlen 2002) as PsychRNN has it.

    Both inputs are 1 plus noise during the stimulus, the one of the direction higher by the coherence. When
    the stimulus is over, the output of that direction has to be high.

    - `coherences`: differences between the inputs, one of which a trial has.
    - `stim_noise`: noise of the inputs at every time, scaled by `psychrnn_noise_scale`.
    - `onset`, `stimulus`: ranges of the onset and of the length of the stimulus (ms). None: 0 to 1/2, and 1/8
        to 3/8, of the duration.
    - `decision_delay`: time (ms) from the end of the stimulus, when the response begins to count, to its
        target; before it the target is 0.
    - `high`, `low`: targets of the correct and the other output.

    Parameters of a trial: coherence, direction (0 or 1), onset_time and stim_duration (ms), stim_noise.
    """

    coherences: Levels = levels(0.1, 0.3, 0.5, 0.7)
    stim_noise: Parameter = parameter(0.1)
    onset: Range | None = time_range()
    stimulus: Range | None = time_range()
    decision_delay: Parameter = parameter(20.0)
    high: Parameter = parameter(1.0)
    low: Parameter = parameter(0.2)

    input_names = ("motion left", "motion right")
    target_names = ("choose left", "choose right")

    def __check_init__(self):
        check_levels(self.coherences, "coherences", 0.0, math.inf)
        check_range(self.stim_noise, "stim_noise", 0.0, math.inf)
        check_range(self.decision_delay, "decision_delay", 0.0, math.inf)
        check_time_range(self.onset, "onset", 0.0, self.duration)
        check_time_range(self.stimulus, "stimulus", 0.0, self.duration)

    def trial(self, key: Key[Array, ""]) -> Trial:
        """One trial."""
        uniform, noise = chance(key, 4, (self.n_steps, 2))
        coherence, direction = one_of(uniform[0], self.coherences), pick(uniform[1], 2)
        onset = between(uniform[2], *(self.onset or share(self.duration, 0.0, 0.5)))
        length = between(uniform[3], *(self.stimulus or share(self.duration, 0.125, 0.375)))
        end = onset + length

        times = jnp.asarray(self.times)
        shown = (times > onset) & (times < end)
        strength = 1.0 + coherence * one_hot(direction, 2)
        inputs = psychrnn_noise_scale(self.stim_noise, self.dt) * noise + shown[:, None] * strength[None]
        targets = coded_choice(direction, 2, times > end + self.decision_delay, self.high, self.low)
        parameters = {
            "coherence": coherence,
            "direction": direction,
            "onset_time": onset,
            "stim_duration": length,
            "stim_noise": jnp.asarray(self.stim_noise),
        }
        return Trial(inputs, targets, times >= end, parameters)

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """1 where the output of the direction is higher on average, 0 where not."""
        return decision_accuracy(outputs, batch)
