"""Is the second stimulus the same as the first?"""

import math

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from cogrnn_lab.counts import checked_count
from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter
from cogrnn_lab.tasks.trials.decoding import decision_accuracy
from cogrnn_lab.tasks.trials.library.chance import between, chance, pick
from cogrnn_lab.tasks.trials.library.coding import coded_choice, one_hot
from cogrnn_lab.tasks.trials.library.stimulus_noise import white_noise_scale
from cogrnn_lab.tasks.trials.library.task_fields import Range, check_fits, check_time_range, time_range
from cogrnn_lab.tasks.trials.task import Task
from cogrnn_lab.tasks.trials.time_axis import during
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial


class DelayedMatchToSample(Task):
    """Sample, delay and test: is the test the sample?

    Each stimulus has its own input, 1 while it is shown. After the test, the output "match" or "non-match"
    must be high.

    Parameters of a trial: sample, test (stimuli from 0), match (1 or 0), delay (ms).

    Arguments:
        n_stimuli: Number of stimuli.
        p_match: Probability that the test is the sample; otherwise it is any of the others.
        onset: Start of the sample (ms).
        sample, test, decision: Lengths of the sample, of the test, and of the decision period after it (ms).
        delay: Range of the time between sample and test (ms).
        input_noise: Standard deviation of the white noise of the inputs, scaled by `white_noise_scale`.
        high, low: Targets of the correct and of the other output.
        dt, tau, duration: Time step, time constant of the network, and length of a trial (ms).

    Source:
        Miller, Erickson and Desimone 1996.

    Example:
        >>> import jax
        >>> import cogrnn_lab as cl
        >>> cl.DelayedMatchToSample().batch(jax.random.key(0), 4).inputs.shape
        (4, 200, 4)
    """

    n_stimuli: int = eqx.field(static=True, default=4)
    p_match: Parameter = parameter(0.5)
    onset: Parameter = parameter(100.0)
    sample: Parameter = parameter(300.0)
    delay: Range = time_range(500.0, 1000.0)
    test: Parameter = parameter(300.0)
    decision: Parameter = parameter(300.0)
    input_noise: Parameter = parameter(0.02)
    high: Parameter = parameter(1.0)
    low: Parameter = parameter(0.0)

    target_names = ("non-match", "match")

    def __check_init__(self):
        checked_count(self.n_stimuli, "n_stimuli", least=2)
        check_range(self.p_match, "p_match", 0.0, 1.0)
        for name in ("onset", "sample", "test", "decision", "input_noise"):
            check_range(getattr(self, name), name, 0.0, math.inf)
        check_time_range(self.delay, "delay", 0.0, self.duration)
        total = self.onset + self.sample + self.delay[1] + self.test + self.decision
        check_fits(total, self.duration, "onset, sample, the longest delay, test and decision")

    @property
    def input_names(self) -> tuple[str, ...]:
        """The stimuli."""
        return tuple(f"stimulus {i + 1}" for i in range(self.n_stimuli))

    def trial(self, key: Key[Array, ""]) -> Trial:
        """Make one trial."""
        uniform, noise = chance(key, 4, (self.n_steps, self.n_stimuli))
        sample, match = pick(uniform[0], self.n_stimuli), uniform[1] < self.p_match
        other = (sample + 1 + pick(uniform[2], self.n_stimuli - 1)) % self.n_stimuli
        test = jnp.where(match, sample, other)
        delay = between(uniform[3], *self.delay)

        test_start = self.onset + self.sample + delay
        test_end = test_start + self.test
        first = during(self.times, self.onset, self.onset + self.sample)
        second = during(self.times, test_start, test_end)
        response = during(self.times, test_end, test_end + self.decision)
        shown = first[:, None] & one_hot(sample, self.n_stimuli)[None]
        shown |= second[:, None] & one_hot(test, self.n_stimuli)[None]
        inputs = shown + white_noise_scale(self.input_noise, self.dt, self.tau) * noise
        match = match.astype(jnp.int32)
        parameters = {"sample": sample, "test": test, "match": match, "delay": delay}
        return Trial(inputs, coded_choice(match, 2, response, self.high, self.low), response, parameters)

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """Score 1 where the correct output is higher on average, 0 where not."""
        return decision_accuracy(outputs, batch)
