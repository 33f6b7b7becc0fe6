"""Is the rate of flashes, clicks or both high or low?"""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter
from cogrnn_lab.tasks.trials.decoding import decision_accuracy
from cogrnn_lab.tasks.trials.library.chance import chance, one_of, pick
from cogrnn_lab.tasks.trials.library.coding import coded_choice
from cogrnn_lab.tasks.trials.library.stimulus_noise import white_noise_scale
from cogrnn_lab.tasks.trials.library.task_fields import Levels, check_fits, check_levels, levels
from cogrnn_lab.tasks.trials.task import Task, time_field
from cogrnn_lab.tasks.trials.time_axis import during
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial


class MultisensoryIntegration(Task):
    """Rates of visual, auditory or both kinds of events (Raposo, Kaufman and Churchland 2014).

    Each modality has an input that grows and one that falls with the rate, between 0.2 and 1, as in the
    networks of Song, Yang and Wang (2016); both are 0 in a trial without that modality. After the stimulus
    the output "low rate" or "high rate" has to be high, by the side of the boundary on which the rate is.

    - `rates`: events per second, one of which a trial has.
    - `boundary`: rate between low and high.
    - `onset`, `stimulus`, `decision`: start of the stimulus, its length, and that of the decision period that
        follows (ms).
    - `input_noise`: white noise of the inputs, scaled by `white_noise_scale`.
    - `high`, `low`: targets of the correct and the other output.

    Parameters of a trial: rate, modality (0: visual, 1: auditory, 2: both), choice (0: low, 1: high).
    """

    duration: float = time_field(1600.0)
    rates: Levels = levels(9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0)
    boundary: Parameter = parameter(12.5)
    onset: Parameter = parameter(300.0)
    stimulus: Parameter = parameter(1000.0)
    decision: Parameter = parameter(300.0)
    input_noise: Parameter = parameter(0.1)
    high: Parameter = parameter(1.0)
    low: Parameter = parameter(0.0)

    input_names = ("visual", "visual reversed", "auditory", "auditory reversed")
    target_names = ("low rate", "high rate")

    def __check_init__(self):
        check_levels(self.rates, "rates", 0.0, math.inf, at_least=2)
        for name in ("boundary", "onset", "stimulus", "decision", "input_noise"):
            check_range(getattr(self, name), name, 0.0, math.inf)
        total = self.onset + self.stimulus + self.decision
        check_fits(total, self.duration, "onset, stimulus and decision")

    def trial(self, key: Key[Array, ""]) -> Trial:
        """One trial."""
        uniform, noise = chance(key, 2, (self.n_steps, 4))
        rate, modality = one_of(uniform[0], self.rates), pick(uniform[1], 3)
        choice = (rate > self.boundary).astype(jnp.int32)

        rates = jnp.stack([jnp.asarray(r, jnp.float32) for r in self.rates])
        part = (rate - rates.min()) / (rates.max() - rates.min())
        pair = jnp.stack([0.2 + 0.8 * part, 1.0 - 0.8 * part])
        present = jnp.stack([modality != 1, modality != 0])
        strengths = (present[:, None] * pair[None]).reshape(4)

        end = self.onset + self.stimulus
        shown = during(self.times, self.onset, end)
        response = during(self.times, end, end + self.decision)
        inputs = shown[:, None] * strengths[None]
        inputs += white_noise_scale(self.input_noise, self.dt, self.tau) * noise
        parameters = {"rate": rate, "modality": modality, "choice": choice}
        return Trial(inputs, coded_choice(choice, 2, response, self.high, self.low), response, parameters)

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """1 where the correct output is higher on average, 0 where not."""
        return decision_accuracy(outputs, batch)
