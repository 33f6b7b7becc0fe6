"""Base of the networks of gated units: a layer of hidden units that recurs, and a linear readout."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree

from cogrnn_lab.models.fast_path import way_of
from cogrnn_lab.models.gated.recurrent_core import RecurrentCore, read_columns
from cogrnn_lab.models.gated.recurrent_layer import RecurrentLayer
from cogrnn_lab.models.network import Network
from cogrnn_lab.models.recurrence import Cell, recurrence, with_ones
from cogrnn_lab.models.rollouts import Rollout
from cogrnn_lab.models.trial_shapes import check_one_state

PART_NAMES = {
    "w_in": "core.input_weight",
    "w_rec": "core.recurrent_weight",
    "w_out": "core.out_weight",
    "b_rec": "core.bias",
    "b_out": "core.out_bias",
    "start": "core.start",
}

LAYER_NAMES = ("w_in", "w_rec", "b_rec", "start")  # those that every layer has


class HiddenNetwork(Network):
    """Base class of networks with a `core` of weights; each kind defines one step plainly and once fast.

    `next_state` is the definition. `rollout` runs the kind's `cell` for all sessions at once; the tests
    compare both. A subclass with another `next_state` and no `cell` of its own runs step by step.
    """

    core: eqx.AbstractVar[RecurrentCore]
    deeper: eqx.AbstractVar[tuple[RecurrentLayer, ...]]

    fast_path: ClassVar[tuple[str, ...]] = ("rollout_with_draws", "cell", "cell_weights")
    fast_path_parts: ClassVar[tuple[type, ...]] = (RecurrentCore, RecurrentLayer)

    @property
    def part_names(self) -> Mapping[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Documented names of the weights; where there are several layers with their number, as "w_rec_2"."""
        if not self.deeper:
            return PART_NAMES
        places = ("core", *(f"deeper.{number}" for number in range(len(self.deeper))))
        of_layers = {
            f"{name}_{number}": PART_NAMES[name].replace("core", place)
            for number, place in enumerate(places, 1)
            for name in LAYER_NAMES
        }
        return of_layers | {name: place for name, place in PART_NAMES.items() if name not in LAYER_NAMES}

    @property
    def layers(self) -> tuple[RecurrentCore | RecurrentLayer, ...]:
        """Layers from the inputs on."""
        return (self.core, *self.deeper)

    @property
    @abstractmethod
    def cell(self) -> Cell:
        """Fast form of `next_state`; its state is a tuple of which the first array is the activity."""

    @abstractmethod
    def cell_weights(self, layer: Any = None) -> PyTree[Float[Array, "..."]]:
        """Give the weights of a layer as the cell takes them; None for the first."""

    @property
    def n_parts(self) -> int:
        """Arrays that make up the state of a layer, one below the other in the state vector."""
        return 1

    @property
    def n_latents(self) -> int:
        """Length of the state vector."""
        return sum(layer.start.size for layer in self.layers)

    def initial_state(self, subject: Any = None) -> Float[Array, " state"]:
        """Give the state before the first trial (learned; it starts at 0).

        Arguments:
            subject: Not used.

        Returns:
            State (state,).
        """
        return jnp.concatenate([layer.start for layer in self.layers]) if self.deeper else self.core.start

    def along_layers(
        self,
        step: Callable[[Any, Array, Array], Array],
        state: Float[Array, " state"],
        inputs: Float[Array, " input"],
    ) -> Float[Array, " state"]:
        """Take one trial through all layers, each of which reads the hidden units of the one below.

        Arguments:
            step: Function of a layer, its state and what it reads, that gives its new state.
            state: State (state,) of all layers before the trial.
            inputs: Inputs (input,) of the trial.

        Returns:
            State (state,) after it.
        """
        new, seen = [], inputs
        for layer, before in zip(self.layers, jnp.split(state, len(self.layers)), strict=True):
            new.append(step(layer, before, seen))
            seen = jnp.split(new[-1], self.n_parts)[0]
        return jnp.concatenate(new) if self.deeper else new[0]

    def readout(self, state: Float[Array, " state"], *, subject: Any = None) -> Float[Array, " output"]:
        """Compute the outputs from the activity of the hidden units.

        Arguments:
            state: State (state,).
            subject: Not used.

        Returns:
            Outputs (output,).
        """
        check_one_state(self, state)
        last = jnp.split(state, len(self.layers))[-1]
        return self.core.read(jnp.split(last, self.n_parts)[0])

    def l2(self) -> Float[Array, ""]:
        """Sum the squared recurrent weights of all gates (the others and the biases don't count)."""
        first, *others = (jnp.sum(layer.recurrent_weight**2) for layer in self.layers)
        return sum(others, first)

    def rollout_with_draws(
        self,
        inputs: Float[Array, "session time input"],
        draws: dict[str, Array] | None = None,
        noise: float | Array = 1.0,
        *,
        subject: Int[Array, "session *time"] | None = None,
        begins: Bool[Array, "session time"] | None = None,
    ) -> Rollout:
        """Run the fast path; these networks have no noise and know no subjects.

        Arguments:
            inputs: Inputs (session, time, input).
            draws: Not used.
            noise: Not used.
            subject: Not used.
            begins: True (session, time) where another session begins inside a row.

        Returns:
            A `Rollout`.
        """
        seen, states = with_ones(inputs), ()
        for layer in self.layers:
            columns = jnp.broadcast_to(layer.start[:, None], (layer.start.size, inputs.shape[0]))
            own = recurrence(
                self.cell,
                self.cell_weights(layer),
                seen,
                tuple(jnp.split(columns, self.n_parts)),
                None if begins is None else begins.T,
            )
            states = (*states, *own)
            seen = jnp.concatenate([own[0], jnp.ones_like(own[0][:, :1])], axis=1) if self.deeper else seen
        outputs = read_columns(self.core.out_weight, self.core.out_bias, states[-self.n_parts])
        return Rollout(outputs, jnp.transpose(jnp.concatenate(states, axis=1), (2, 0, 1)), {})

    def transition(
        self,
        states: Float[Array, "point state"],
        inputs: Float[Array, "point input"],
        *,
        subject: Any = None,
    ) -> Float[Array, "point state"]:
        """Compute states after one trial, for many states and inputs at once.

        Arguments:
            states: States (point, state) before the trial.
            inputs: Inputs (point, input).
            subject: Not used.

        Returns:
            States (point, state) after the trial.
        """
        if way_of(self, within_call=True) != "fast":
            return super().transition(states, inputs, subject=subject)
        seen, after = with_ones(inputs[:, None])[0], []
        for layer, before in zip(self.layers, jnp.split(states.T, len(self.layers)), strict=True):
            new, _ = self.cell.step(self.cell_weights(layer), tuple(jnp.split(before, self.n_parts)), seen)
            after += new
            seen = jnp.concatenate([new[0], jnp.ones_like(new[0][:1])])
        return jnp.concatenate(after).T
