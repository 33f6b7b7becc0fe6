"""Forward-mode derivatives of an agent by its parameters, carried from trial to trial with its state.

A number in the state is differentiated only by the parameters that it depends on: the values of Q-learning
by the learning rate, but not by the side bias; a memory of past choices by none. What depends on what is read
from the traced functions of the agent.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.extend.core import Jaxpr, Literal
from jaxtyping import Array, Float, Int

from cogrnn_lab.tasks.agents.agent import Agent
from cogrnn_lab.tasks.agents.agent_logits import preferences
from cogrnn_lab.tasks.agents.agent_parameters import AgentParameter
from cogrnn_lab.tasks.agents.leading import after_trial
from cogrnn_lab.tasks.agents.recorded_trials import no_outcome, shown
from cogrnn_lab.tasks.agents.subject_parameters import with_parameters

Values = list[Float[Array, "..."]]  # of each parameter


class Mind(NamedTuple):
    """State of an agent, and for each parameter the derivatives of the numbers that depend on it.

    A derivative has the entries of the parameter as its first axis.
    """

    state: list[Array]
    derivatives: list[list[Array]]


class DifferentiatedAgent:
    """An agent whose trials can be differentiated by some of its parameters.

    Arguments: `template` the agent, with the values of all other parameters; `parameters` by which it is
    differentiated; `n_arms`.
    """

    def __init__(self, template: Agent, parameters: Sequence[AgentParameter], n_arms: int):
        self._template, self._parameters, self._n_arms = template, tuple(parameters), n_arms
        values = [jnp.full(parameter.shape, 0.5) for parameter in self._parameters]
        shapes = jax.eval_shape(lambda: self._agent(values).initial_state(n_arms))
        self._structure = jax.tree.structure(shapes)
        self._moved = self._dependencies(values, jax.tree.leaves(shapes))

    def start(self, values: Values, directions: Values) -> Mind:
        """Make the mind at the start of a session; `directions` of the derivatives, for each parameter."""
        derivatives = []
        for index, moved in enumerate(self._moved):

            def state(value, index=index, moved=moved):
                leaves = self._initial([*values[:index], value, *values[index + 1 :]])
                return [leaves[i] for i in moved]

            _, push = jax.linearize(state, values[index])
            derivatives.append(jax.vmap(push)(directions[index]))
        return Mind(self._initial(values), derivatives)

    def trial(
        self,
        mind: Mind,
        values: Values,
        directions: Values,
        choice: Int[Array, ""],
        reward: Any,
        stimulus: Int[Array, ""] | None = None,
    ) -> tuple[Mind, Float[Array, " arm"], Float[Array, "parameter arm"]]:
        """Compute the mind after a trial, the logits before it, and their derivatives by the parameters."""
        told = choice, reward, stimulus
        after, logits = self._predicted(values, mind.state, *told)
        derivatives, slopes = [], []
        for index, moved in enumerate(self._moved):

            def predict(value, part, index=index, moved=moved):
                state = list(mind.state)
                for i, leaf in zip(moved, part, strict=True):
                    state[i] = leaf
                new, logits = self._predicted([*values[:index], value, *values[index + 1 :]], state, *told)
                return [new[i] for i in moved], logits

            _, push = jax.linearize(predict, values[index], [mind.state[i] for i in moved])
            pushed, slope = jax.vmap(push)(directions[index], mind.derivatives[index])
            derivatives.append(pushed)
            slopes.append(slope)
        return Mind(after, derivatives), logits, jnp.concatenate(slopes)

    def _agent(self, values: Values) -> Agent:
        paths = [parameter.path for parameter in self._parameters]
        return with_parameters(self._template, dict(zip(paths, values, strict=True)))

    def _initial(self, values: Values) -> list[Array]:
        return [
            jnp.asarray(leaf) for leaf in jax.tree.leaves(self._agent(values).initial_state(self._n_arms))
        ]

    def _predicted(
        self, values: Values, state: list[Array], choice: Array, reward: Any, stimulus: Any
    ) -> tuple[list[Array], Array]:
        agent = self._agent(values)
        tree = shown(agent, jax.tree.unflatten(self._structure, state), stimulus)
        new = after_trial(agent, tree, choice, reward)
        return jax.tree.leaves(new), preferences(agent, tree, self._n_arms)

    def _dependencies(self, values: Values, shapes: Sequence[Any]) -> list[list[int]]:
        """For each parameter the leaves of the state that depend on it and are real numbers."""
        each = [frozenset([index]) for index in range(len(values))]
        moved_by = _influences(jax.make_jaxpr(self._initial)(values).jaxpr, each)
        leaves = [jnp.zeros(shape.shape, shape.dtype) for shape in shapes]
        told = (jnp.zeros((), jnp.int32), *no_outcome(self._template))
        update = jax.make_jaxpr(lambda v, s, *t: self._predicted(v, s, *t)[0])(values, leaves, *told)
        of_none = [frozenset()] * len(jax.tree.leaves(told))
        before = None
        while moved_by != before:  # what depends on what has moved since
            before = moved_by
            after = _influences(update.jaxpr, [*each, *before, *of_none])
            moved_by = [old | new for old, new in zip(before, after, strict=True)]
        real = [jnp.issubdtype(shape.dtype, jnp.inexact) for shape in shapes]
        return [
            [i for i, by in enumerate(moved_by) if real[i] and index in by] for index in range(len(values))
        ]


def _influences(jaxpr: Jaxpr, inputs: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    """Find what each output depends on, given what each input depends on."""
    known = dict(zip(jaxpr.invars, inputs, strict=True))

    def of(variables) -> frozenset[int]:
        return frozenset().union(
            *(known.get(v, frozenset()) for v in variables if not isinstance(v, Literal))
        )

    for equation in jaxpr.eqns:
        known |= dict.fromkeys(equation.outvars, of(equation.invars))
    return [of([variable]) for variable in jaxpr.outvars]
