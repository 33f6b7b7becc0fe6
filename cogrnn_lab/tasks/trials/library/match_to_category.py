"""To which half of the circle does a direction belong? The categorization task."""

import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from cogrnn_lab.counts import checked_count
from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter
from cogrnn_lab.tasks.trials.decoding import decision_accuracy
from cogrnn_lab.tasks.trials.library.chance import between, chance
from cogrnn_lab.tasks.trials.library.coding import coded_choice
from cogrnn_lab.tasks.trials.library.stimulus_noise import psychrnn_ring_noise_scale
from cogrnn_lab.tasks.trials.library.task_fields import check_fits
from cogrnn_lab.tasks.trials.task import Task
from cogrnn_lab.tasks.trials.time_axis import during
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial


class MatchToCategory(Task):
    """Directions in categories, as PsychRNN has it.

    The inputs are units around a circle, tuned to directions from 0 to 2π (both ends have one); each is the
    Gaussian density (standard deviation 1 radian) of its distance from the angle shown. Categories are equal
    slices of the circle from 0 on. After the stimulus the output of the category must be 1.

    Parameters of a trial: angle (radians), category (from 0), onset_time, input_dur, output_dur (ms),
    stim_noise.

    Arguments:
        n_units, n_categories: Numbers of inputs and of outputs.
        onset: Start of the stimulus (ms).
        stimulus, decision: Lengths of the stimulus and of the decision period after it (ms).
        stim_noise: Noise of the inputs at all times, scaled by `psychrnn_ring_noise_scale`.
        high, low: Targets of the correct and of the other outputs.
        dt, tau, duration: Time step, time constant of the network, and length of a trial (ms).

    Source:
        Freedman and Assad 2006; PsychRNN (Ehrlich et al., eNeuro 2021).

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> cl.MatchToCategory(8).batch(jax.random.key(0), 4).inputs.shape
        (4, 200, 8)
    """

    n_units: int = eqx.field(static=True, default=16)
    n_categories: int = eqx.field(static=True, default=2)
    onset: Parameter = parameter(200.0)
    stimulus: Parameter = parameter(1000.0)
    decision: Parameter = parameter(800.0)
    stim_noise: Parameter = parameter(0.1)
    high: Parameter = parameter(1.0)
    low: Parameter = parameter(0.0)

    def __check_init__(self):
        for n, name in ((self.n_units, "n_units"), (self.n_categories, "n_categories")):
            checked_count(n, name, least=2)
        for name in ("onset", "stimulus", "decision", "stim_noise"):
            check_range(getattr(self, name), name, 0.0, math.inf)
        check_fits(self.onset + self.stimulus + self.decision, self.duration, "onset, stimulus and decision")

    @property
    def input_names(self) -> tuple[str, ...]:
        """The preferred direction of each unit."""
        return tuple(f"unit at {math.degrees(angle):.0f}°" for angle in self.preferred)

    @property
    def target_names(self) -> tuple[str, ...]:
        """The categories."""
        return tuple(f"category {i + 1}" for i in range(self.n_categories))

    @property
    def preferred(self) -> Float[np.ndarray, " unit"]:
        """Preferred direction of each unit (radians), 0 to 2π."""
        return np.linspace(0.0, 2 * np.pi, self.n_units)

    def trial(self, key: Key[Array, ""]) -> Trial:
        """Make one trial."""
        uniform, noise = chance(key, 1, (self.n_steps, self.n_units))
        angle = between(uniform[0], 0.0, 2 * math.pi)
        category = jnp.minimum(jnp.floor(uniform[0] * self.n_categories), self.n_categories - 1)
        category = category.astype(jnp.int32)

        end = self.onset + self.stimulus
        shown = during(self.times, self.onset, end)
        response = during(self.times, end, end + self.decision)
        apart = jnp.abs(jnp.asarray(self.preferred, jnp.float32) - angle)
        apart = jnp.minimum(apart, 2 * math.pi - apart)
        density = jnp.exp(-0.5 * apart**2) / math.sqrt(2 * math.pi)
        inputs = psychrnn_ring_noise_scale(self.stim_noise, self.dt) * noise + shown[:, None] * density[None]
        parameters = {
            "angle": angle,
            "category": category,
            "onset_time": self.onset,
            "input_dur": self.stimulus,
            "output_dur": self.decision,
            "stim_noise": self.stim_noise,
        }
        targets = coded_choice(category, self.n_categories, response, self.high, self.low)
        return Trial(inputs, targets, response, {name: jnp.asarray(x) for name, x in parameters.items()})

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """Score 1 where the output of the category is the highest on average, 0 where not."""
        return decision_accuracy(outputs, batch)
