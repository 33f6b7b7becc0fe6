"""Discriminate, where one of the two answers may pay more."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from cogrnn_lab.tasks.parameters import Parameter, check_range, parameter
from cogrnn_lab.tasks.trials.decoding import decision_accuracy
from cogrnn_lab.tasks.trials.library.chance import chance, one_of, pick
from cogrnn_lab.tasks.trials.library.coding import one_hot
from cogrnn_lab.tasks.trials.library.stimulus_noise import white_noise_scale
from cogrnn_lab.tasks.trials.library.task_fields import Levels, check_fits, check_levels, levels
from cogrnn_lab.tasks.trials.task import Task, time_field
from cogrnn_lab.tasks.trials.time_axis import during
from cogrnn_lab.tasks.trials.trial_batch import Outputs, TaskBatch, Trial


class RewardBiasedDiscrimination(Task):
    """Motion discrimination with unequal rewards (Rorie, Gao, McClelland and Newsome 2010).

    Two inputs show what a correct answer to either side pays; then two noisy inputs show motion, 1/2 plus and
    minus half of the coherence. In the decision period each output has to be the reward that its side gives
    in this trial: the reward of the direction of motion, 0 for the other side. A network that learns this by
    squared errors gives expected rewards, so its higher output is the choice that earns most: in weak motion
    the side that pays more.

    - `coherences`: strengths of motion, one of which a trial has, in either direction.
    - `rewards`: amounts, one of which each side pays, independently.
    - `cue`: start of the reward cue, which stays on (ms).
    - `onset`, `stimulus`, `decision`: start of the motion, its length, and that of the decision period that
        follows (ms).
    - `input_noise`: white noise of the motion inputs, scaled by `white_noise_scale`.

    Parameters of a trial: coherence (negative: left), direction (0: left, 1: right), reward_left,
    reward_right.
    """

    duration: float = time_field(1400.0)
    coherences: Levels = levels(0.0, 0.064, 0.128, 0.256, 0.512)
    rewards: Levels = levels(0.5, 1.0)
    cue: Parameter = parameter(200.0)
    onset: Parameter = parameter(600.0)
    stimulus: Parameter = parameter(500.0)
    decision: Parameter = parameter(300.0)
    input_noise: Parameter = parameter(0.1)

    input_names = ("reward left", "reward right", "motion left", "motion right")
    target_names = ("value left", "value right")

    def __check_init__(self):
        check_levels(self.coherences, "coherences", 0.0, 1.0)
        check_levels(self.rewards, "rewards", 0.0, math.inf)
        for name in ("cue", "onset", "stimulus", "decision", "input_noise"):
            check_range(getattr(self, name), name, 0.0, math.inf)
        check_range(self.cue, "cue", 0.0, self.duration)
        total = self.onset + self.stimulus + self.decision
        check_fits(total, self.duration, "onset, stimulus and decision")

    def trial(self, key: Key[Array, ""]) -> Trial:
        """One trial."""
        uniform, noise = chance(key, 4, (self.n_steps, 2))
        direction = pick(uniform[0], 2)
        coherence = one_of(uniform[1], self.coherences) * jnp.where(direction == 1, 1.0, -1.0)
        rewards = jnp.stack([one_of(uniform[2], self.rewards), one_of(uniform[3], self.rewards)])

        end = self.onset + self.stimulus
        cued = jnp.asarray(self.times >= self.cue)
        moving = during(self.times, self.onset, end)
        response = during(self.times, end, end + self.decision)
        motion = 0.5 * jnp.stack([1.0 - coherence, 1.0 + coherence])
        noise = white_noise_scale(self.input_noise, self.dt, self.tau) * noise
        inputs = jnp.concatenate(
            [cued[:, None] * rewards[None], moving[:, None] * motion[None] + noise], axis=1
        )
        paid = jnp.where(one_hot(direction, 2), rewards, 0.0)
        parameters = {
            "coherence": coherence,
            "direction": direction,
            "reward_left": rewards[0],
            "reward_right": rewards[1],
        }
        return Trial(inputs, response[:, None] * paid[None], response, parameters)

    def accuracy(self, outputs: Outputs, batch: TaskBatch) -> Float[Array, " trial"]:
        """1 where the higher output is on the side of the motion, 0 where not."""
        return decision_accuracy(outputs, batch)
