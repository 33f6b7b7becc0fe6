"""Respond to one cue and withhold the response to the other."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter
from cogrnn_lab.tasks.trials.decoding import agreement, decisions
from cogrnn_lab.tasks.trials.library.chance import between, chance
from cogrnn_lab.tasks.trials.library.coding import one_hot
from cogrnn_lab.tasks.trials.library.stimulus_noise import white_noise_scale
from cogrnn_lab.tasks.trials.library.task_fields import Range, check_fits, check_time_range, time_range
from cogrnn_lab.tasks.trials.task import Task, time_field
from cogrnn_lab.tasks.trials.time_axis import during
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial


class GoNoGo(Task):
    """Go or no-go (Donders' C reaction, 1868; translated 1969 in Acta Psychologica 30).

    One of two cues is shown. After a go cue the output has to be high in the response window; at all other
    times, and after a no-go cue, it has to be low. The end of the trial, after the window, does not count.

    - `p_go`: probability of a go cue.
    - `onset`: range of the start of the cue (ms).
    - `cue`, `delay`, `response`: lengths of the cue, of the delay and of the response window after it (ms).
    - `input_noise`: white noise of the inputs, scaled by `white_noise_scale`.
    - `high`, `low`: targets while responding and while not.

    Parameters of a trial: go (1 or 0), onset_time (ms).
    """

    duration: float = time_field(1500.0)
    p_go: Parameter = parameter(0.5)
    onset: Range = time_range(200.0, 500.0)
    cue: Parameter = parameter(200.0)
    delay: Parameter = parameter(200.0)
    response: Parameter = parameter(500.0)
    input_noise: Parameter = parameter(0.02)
    high: Parameter = parameter(1.0)
    low: Parameter = parameter(0.0)

    input_names = ("go cue", "no-go cue")
    target_names = ("response",)

    def __check_init__(self):
        check_range(self.p_go, "p_go", 0.0, 1.0)
        for name in ("cue", "delay", "response", "input_noise"):
            check_range(getattr(self, name), name, 0.0, math.inf)
        check_time_range(self.onset, "onset", 0.0, self.duration)
        total = self.onset[1] + self.cue + self.delay + self.response
        check_fits(total, self.duration, "the latest onset, cue, delay and response")

    def trial(self, key: Key[Array, ""]) -> Trial:
        """One trial."""
        uniform, noise = chance(key, 2, (self.n_steps, 2))
        go, onset = uniform[0] < self.p_go, between(uniform[1], *self.onset)
        shown = during(self.times, onset, onset + self.cue)
        window = self._window(onset)
        inputs = jnp.where(
            shown[:, None], one_hot(1 - go.astype(jnp.int32), 2)[None].astype(jnp.float32), 0.0
        )
        inputs += white_noise_scale(self.input_noise, self.dt, self.tau) * noise
        targets = jnp.where(window & go, self.high, self.low)[:, None]
        counts = self.times < self._window_end(onset)
        return Trial(inputs, targets, counts, {"go": go.astype(jnp.int32), "onset_time": onset})

    def _window_end(self, onset: Float[Array, ""]) -> Float[Array, ""]:
        return onset + self.cue + self.delay + self.response

    def _window(self, onset: Float[Array, ""]) -> Bool[Array, " time"]:
        end = self._window_end(onset)
        return during(self.times, end - self.response, end)

    def choices(self, outputs: Outputs, batch: TaskBatch) -> Int[Array, " trial"]:
        """1 where the mean output in the response window is nearer to `high`, else 0."""
        onset = jnp.asarray(batch.parameters["onset_time"])[:, None]
        end = onset + self.cue + self.delay + self.response
        times = jnp.asarray(self.times)[None]
        window = (times >= end - self.response) & (times < end)
        return decisions(outputs, window[..., None], threshold=(self.high + self.low) / 2)

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """1 for a response to a go cue and for none to a no-go cue, else 0."""
        return agreement(self.choices(outputs, batch), batch.parameters["go"])
