"""What a saved file says about a network, and the network of shapes that is made from it."""

import json

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.models.description import KINDS, describe_model, model_skeleton, n_parameters, started_anew

KEY = jax.random.key(0)
SIZES = {"update_width": 3, "update_depth": 1, "choice_width": 2, "choice_depth": 0, "max_latent": 1.5}

# One network of every kind, with arguments away from their defaults.
NETWORKS = {
    "DisRNN": lambda key: cl.DisRNN(3, 2, 2, activation="tanh", **SIZES, key=key),
    "MultisubjectDisRNN": lambda key: cl.MultisubjectDisRNN(
        3, 2, 2, n_subjects=4, embedding_size=3, subject_names=["b", "a"], **SIZES, key=key
    ),
    "NeuroDisRNN": lambda key: cl.NeuroDisRNN(
        3, 2, 2, n_signals=3, neural_width=5, neural_depth=2, **SIZES, key=key
    ),
    "GRU": lambda key: cl.GRU(3, 2, 4, key=key),
    "LSTM": lambda key: cl.LSTM(3, 2, 4, squash="sigmoid", key=key),
    "VanillaRNN": lambda key: cl.VanillaRNN(3, 2, 4, activation="softplus", key=key),
    "ConstrainedRNN": lambda key: cl.ConstrainedRNN(
        *(3, 2, 4), dt=5.0, tau=[20.0, 30.0, 40.0, 50.0], dale_ratio=0.5, populations={"E": 2, "I": 2},
        activation="retanh", recurrent_noise=0.1, autapses=False, fixed={"start": True}, key=key,
    ),
    "SwitchingLinearRNN": lambda key: cl.SwitchingLinearRNN(3, 2, 4, continuous=(2,), key=key),
}  # fmt: skip


def shapes(model):
    arrays = eqx.filter(model, lambda leaf: hasattr(leaf, "shape"))
    return [(leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(arrays)]


def test_every_kind_is_tried_here():
    assert set(NETWORKS) == set(KINDS)


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_description_comes_through_a_file_as_the_same_network(kind):
    model = NETWORKS[kind](KEY)
    description = describe_model(model)
    assert description["kind"] == kind
    skeleton = model_skeleton(json.loads(json.dumps(description)))
    assert jax.tree.structure(skeleton) == jax.tree.structure(model)
    assert shapes(skeleton) == shapes(model)
    assert describe_model(skeleton) == description


@pytest.mark.parametrize("kind", ["MultisubjectDisRNN", "LSTM"])
def test_a_network_started_anew_has_other_weights_of_the_same_shapes(kind):
    model = NETWORKS[kind](KEY)
    anew, again = started_anew(model, jax.random.key(1)), started_anew(model, KEY)
    assert describe_model(anew) == describe_model(model)
    assert shapes(anew) == shapes(model)
    pairs = zip(jax.tree.leaves(anew), jax.tree.leaves(model), strict=True)
    assert any(not np.array_equal(a, b) for a, b in pairs)
    for a, b in zip(jax.tree.leaves(again), jax.tree.leaves(model), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_constrained_network_from_a_file_does_not_keep_how_it_was_started():
    model = NETWORKS["ConstrainedRNN"](KEY)
    assert not {"signs", "autapses", "w_rec", "fixed"} & set(describe_model(model)["arguments"])
    assert started_anew(model, KEY).n_units == model.n_units
    from_file = model_skeleton(describe_model(model))
    sentence = r"a ConstrainedRNN from a file does not keep how its weights were started \(signs, "
    with pytest.raises(TypeError, match=sentence):
        started_anew(from_file, KEY)


class Leaky(cl.Network):
    """A network of one's own that keeps its argument `scale` only where it should."""

    weights: jax.Array
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)

    def __init__(self, n_inputs: int, n_outputs: int, *, key):
        self.weights = jnp.ones((n_outputs, n_inputs))
        self.n_inputs, self.n_outputs = n_inputs, n_outputs

    def initial_state(self, subject=None):
        return jnp.zeros(self.n_outputs)

    def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
        return 0.5 * state + self.weights @ inputs

    def readout(self, state, *, subject=None):
        return state


class Forgetful(Leaky):
    def __init__(self, n_inputs: int, n_outputs: int, *, scale: float, key):
        super().__init__(n_inputs, n_outputs, key=key)
        self.weights = scale * self.weights


def test_a_class_of_ones_own_is_needed_by_who_reads_the_file():
    description = describe_model(Leaky(3, 2, key=KEY))
    assert description == {"kind": "Leaky", "arguments": {"n_inputs": 3, "n_outputs": 2}}
    with pytest.raises(
        ValueError, match=r"a network of kind 'Leaky', but known are ConstrainedRNN, DisRNN.*kind="
    ):
        model_skeleton(description)
    skeleton = model_skeleton(description, kind=Leaky)
    assert isinstance(skeleton, Leaky)
    assert skeleton.weights.shape == (2, 3)


def test_an_argument_that_is_kept_nowhere_is_named():
    with pytest.raises(
        TypeError, match=r"Forgetful keeps no field for its constructor arguments scale; a netw"
    ):
        describe_model(Forgetful(3, 2, scale=2.0, key=KEY))


def test_parameters_are_counted_by_the_formula():
    n_in, n_out, n = 3, 2, 4
    read_out = n_out * n + n_out
    gate = n * (n_in + n + 1)
    assert n_parameters(NETWORKS["VanillaRNN"](KEY)) == gate + read_out + n
    assert n_parameters(NETWORKS["GRU"](KEY)) == 3 * gate + read_out + n
    assert n_parameters(NETWORKS["LSTM"](KEY)) == 4 * gate + read_out + 2 * n
    # Two latents, width 3 and one residual layer; choice width 2 without one; multipliers and spreads.
    update = 2 * (3 * (3 + 2 + 1) + 3 * (3 + 1) + 2 * (3 + 1))
    choice = 2 * (2 + 1) + 2 * (2 + 1)
    bottlenecks = 2 * (3 * 2) + 2 * (2 * 2) + 2 + 2 * 2
    assert n_parameters(NETWORKS["DisRNN"](KEY)) == update + choice + bottlenecks + 2
    # No autapses, outputs from two excitatory units, start state fixed.
    assert n_parameters(NETWORKS["ConstrainedRNN"](KEY)) == 4 * 3 + 4 * 3 + 2 * 2 + 4 + 2


def test_a_class_of_ones_own_is_not_read_as_the_one_of_the_package_that_is_called_so():
    """Before, the file of such a network was read as the GRU of this package, without a word."""

    class GRU(cl.GRU):
        def readout(self, state, *, subject=None):
            return 2.0 * super().readout(state)

    own = GRU(2, 2, 3, key=KEY)
    described = json.loads(json.dumps(describe_model(own)))
    with pytest.raises(ValueError, match=r"your own that is called 'GRU'.*pass the class as kind="):
        model_skeleton(described)
    assert type(model_skeleton(described, GRU)) is GRU
    assert type(model_skeleton(describe_model(cl.GRU(2, 2, 3, key=KEY)))) is cl.GRU
