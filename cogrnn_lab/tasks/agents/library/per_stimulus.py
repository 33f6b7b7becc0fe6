"""Values for each stimulus: an agent that learns about each of several stimuli on its own."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from cogrnn_lab.counts import checked_count
from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.around import AroundAgent
from cogrnn_lab.tasks.stimulus_tables import entry_of, with_entry


class StimulusTable(NamedTuple):
    """State of the agent inside for each stimulus, with the stimulus first, and which one is shown now."""

    table: PyTree[Any]
    stimulus: Int[Array, ""]


class PerStimulus(AroundAgent):
    """Agent whose state, such as its values, is kept for each stimulus apart.

    The stimulus of the coming trial, which is shown before the choice, says which values choose and learn;
    those of the other stimuli stay as they are. All stimuli share the parameters. `Perseveration`, `SideBias`
    and `Lapse` around it are of all trials, whatever the stimulus.

    Arguments:
        agent: The agent that learns about a stimulus.
        n_stimuli: Number of stimuli, `Dataset.n_stimuli`.

    Source:
        Instrumental learning of several pairs or cues: Frank, Seeberger and O'Reilly, Science 2004; Collins
        and Frank, Eur J Neurosci 2012 (the reinforcement learning part of RLWM).

    Example:
        >>> import jax.numpy as jnp
        >>> import cogrnn_lab as cl
        >>> agent = cl.PerStimulus(cl.QLearning(learning_rate=0.5), n_stimuli=3)
        >>> state = agent.see(agent.initial_state(2), jnp.asarray(1))
        >>> state = agent.update(state, jnp.asarray(0), jnp.asarray(1.0))
        >>> state.table.tolist()
        [[0.5, 0.5], [0.75, 0.5], [0.5, 0.5]]
    """

    n_stimuli: int = eqx.field(static=True)

    def __check_init__(self):
        checked_count(self.n_stimuli, "n_stimuli", least=2)

    @property
    def stimuli(self) -> int:
        """The number of stimuli."""
        return self.n_stimuli

    def initial_state(self, n_arms: int) -> StimulusTable:
        """The start of the agent inside, for each stimulus."""
        start = jax.tree.map(jnp.asarray, self.agent.initial_state(n_arms))
        table = jax.tree.map(lambda one: jnp.broadcast_to(one, (self.n_stimuli, *one.shape)), start)
        return StimulusTable(table, jnp.zeros((), jnp.int32))

    def see(self, state: StimulusTable, stimulus: Int[Array, ""]) -> StimulusTable:
        """The stimulus says whose values matter."""
        return StimulusTable(state.table, jnp.asarray(stimulus, jnp.int32))

    def logits(self, state: StimulusTable) -> Float[Array, " arm"]:
        """Logits of the agent inside for the stimulus that is shown."""
        return self.agent.logits(self._present(state))

    def update(self, state: StimulusTable, choice: Int[Array, ""], reward: Any) -> StimulusTable:
        """The agent inside learns about the stimulus that is shown."""
        learned = self.agent.update(self._present(state), choice, reward)
        return StimulusTable(with_entry(state.table, state.stimulus, learned, self.n_stimuli), state.stimulus)

    def second_values(self, state: StimulusTable, second_state: Int[Array, ""]) -> Float[Array, " arm"]:
        """Values of the agent inside for the stimulus that is shown."""
        return self.agent.second_values(self._present(state), second_state)

    def expected_reward(self, state: StimulusTable, choice: Int[Array, ""]) -> Float[Array, ""]:
        """Expectation of the agent inside for the stimulus that is shown."""
        return self.agent.expected_reward(self._present(state), choice)

    def _present(self, state: StimulusTable) -> PyTree[Any]:
        return entry_of(state.table, state.stimulus)


def keeping_stimuli(agent: Agent, n_stimuli: int) -> Agent:
    """The agent with values for each stimulus in its innermost part, around which nothing changes."""
    if n_stimuli < 2 or agent.stimuli > 1:
        return agent
    inside = getattr(agent, "agent", None)
    if not isinstance(inside, Agent):
        return PerStimulus(agent, n_stimuli)
    return eqx.tree_at(lambda one: one.agent, agent, keeping_stimuli(inside, n_stimuli))
