"""Several bandits in turn, each under a stimulus of its own."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree, Shaped

from cogrnn_lab.counts import checked_count
from cogrnn_lab.random_numbers import uniforms
from cogrnn_lab.tasks.bandits.environment import Environment
from cogrnn_lab.tasks.stimulus_tables import entry_of, with_entry


class StimulusState(NamedTuple):
    """State of the bandit of each stimulus, with the stimulus first, and which one is shown now."""

    worlds: PyTree[Any]
    shown: Int[Array, ""]


class StimulusBandits(Environment):
    """Bandits of which one is played on each trial, told by a stimulus that is shown before the choice.

    All are the same environment, but each has a state of its own, such as its reward probabilities, and moves
    on only when it is played. Stimuli are equally likely on every trial.

    Arguments:
        environment: The bandit that is under each stimulus.
        n_stimuli: Number of stimuli, 2 or more.

    Example:
        >>> import cogrnn_lab as cl
        >>> agent = cl.PerStimulus(cl.QLearning(), 3)
        >>> task = cl.StimulusBandits(cl.DriftingBandit(), 3)
        >>> cl.simulate(agent, task, n_sessions=2, n_trials=20).n_stimuli
        3
    """

    environment: Environment
    n_stimuli: int = eqx.field(static=True)

    def __check_init__(self):
        checked_count(self.n_stimuli, "n_stimuli", least=2)

    @property
    def n_arms(self) -> int:
        """Arms of each bandit."""
        return self.environment.n_arms

    @property
    def stimuli(self) -> int:
        """The number of stimuli."""
        return self.n_stimuli

    def start(self, session: Int[Array, ""], key: Key[Array, ""]) -> StimulusState:
        """Every bandit starts anew; the first stimulus is drawn."""
        first, *keys = jax.random.split(key, 1 + self.n_stimuli)
        worlds = jax.vmap(lambda one: self.environment.start(session, one))(jnp.stack(keys))
        return StimulusState(worlds, self._drawn(uniforms(first, ())))

    def draw(self, key: Key[Array, ""], n_trials: int) -> tuple[PyTree[Any], PyTree[Any]]:
        """The chance of the bandits, and which stimulus is next."""
        of_bandits, of_stimuli = jax.random.split(key)
        instructions, chance = self.environment.draw(of_bandits, n_trials)
        return instructions, (chance, uniforms(of_stimuli, (n_trials,)))

    def stimulus(self, state: StimulusState) -> Int[Array, ""]:
        """The one that is shown."""
        return state.shown

    def instruct(self, state: StimulusState, key: PyTree[Any]) -> Int[Array, ""]:
        """The instruction of the bandit under the stimulus."""
        return self.environment.instruct(self._present(state), key)

    def step(
        self, state: StimulusState, choice: Int[Array, ""], key: tuple[PyTree[Any], Float[Array, ""]]
    ) -> tuple[Shaped[Array, ""], StimulusState]:
        """The bandit under the stimulus answers and moves on."""
        chance, uniform = key
        reward, after = self.environment.step(self._present(state), choice, chance)
        worlds = with_entry(state.worlds, state.shown, after, self.n_stimuli)
        return reward, StimulusState(worlds, self._drawn(uniform))

    def describe(self, state: StimulusState) -> dict[str, Shaped[Array, ""]]:
        """What describes the bandit under the stimulus."""
        return self.environment.describe(self._present(state))

    def check_sizes(self, n_sessions: int, n_trials: int) -> None:
        """Refuse numbers of sessions or trials for which the bandits cannot be played.

        Arguments:
            n_sessions: Sessions of each subject.
            n_trials: Trials of each session.
        """
        self.environment.check_sizes(n_sessions, n_trials)

    def _present(self, state: StimulusState) -> PyTree[Any]:
        return entry_of(state.worlds, state.shown)

    def _drawn(self, uniform: Float[Array, ""]) -> Int[Array, ""]:
        return jnp.minimum(jnp.floor(self.n_stimuli * uniform).astype(jnp.int32), self.n_stimuli - 1)
