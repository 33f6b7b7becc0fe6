"""Networks of the disentangled_rnns package: each form of its configuration, and each array in its place."""

import dataclasses
import json
from collections import namedtuple
from types import SimpleNamespace
from typing import Any

import jax
import numpy as np
import pytest

import cogrnn_lab as cl

KINDS = {"disrnn_11": cl.DisRNN, "multisubject_13": cl.MultisubjectDisRNN}


def read(path) -> tuple[dict[str, dict[str, np.ndarray]], dict]:
    """Parameters as Haiku nests them, and the configuration as a mapping."""
    params: dict[str, dict[str, np.ndarray]] = {}
    with np.load(path) as file:
        for name in file.files:
            if name.startswith("param:"):
                module, parameter = name.removeprefix("param:").split("|")
                params.setdefault(module, {})[parameter] = file[name]
        return params, json.loads(str(file["config"]))


@pytest.fixture(scope="module")
def disrnn(parity):
    return read(parity / "disrnn_11.npz")


def with_attributes(config: dict) -> SimpleNamespace:
    return SimpleNamespace(**config)


def with_defaults(config: dict):
    """A configuration whose values lie in its class, as those of a dataclass's defaults may."""
    return type("Config", (), dict(config))()


def with_slots(config: dict):
    made = type("Config", (), {"__slots__": tuple(config)})()
    for name, value in config.items():
        setattr(made, name, value)
    return made


def as_dataclass(config: dict):
    kind = dataclasses.make_dataclass("DisRnnConfig", [(name, Any) for name in config])
    return kind(**config)


def as_tuple(config: dict):
    return namedtuple("Config", config)(**config)


def assert_same(one, other):
    assert jax.tree.structure(one) == jax.tree.structure(other)
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("fixture", KINDS)
def test_a_configuration_object_is_as_good_as_its_fields(fixture, parity):
    params, config = read(parity / f"{fixture}.npz")
    model = cl.interop.from_haiku(params, config)
    assert type(model) is KINDS[fixture]
    assert_same(cl.interop.from_haiku(params, with_attributes(config)), model)


@pytest.mark.parametrize("form", [with_defaults, with_slots, as_tuple, as_dataclass])
def test_a_configuration_object_of_any_make(form, disrnn):
    params, config = disrnn
    assert_same(cl.interop.from_haiku(params, form(config)), cl.interop.from_haiku(params, config))


@pytest.mark.parametrize("form", [dict, with_attributes, with_slots])
def test_fields_that_are_missing_are_named(form, disrnn):
    params, config = disrnn
    less = {name: value for name, value in config.items() if name not in ("latent_size", "activation")}
    with pytest.raises(ValueError, match=r"the config lacks latent_size, activation; got .*obs_size"):
        cl.interop.from_haiku(params, form(less))


def test_arrays_are_in_their_places_with_weights_transposed(disrnn):
    params, config = disrnn
    model = cl.interop.from_haiku(params, config)
    root = "hk_disentangled_rnn"
    for latent in range(config["latent_size"]):
        theirs = params[f"{root}/~update_latents/update_net" + (f"_{latent}" if latent else "")]
        np.testing.assert_array_equal(model.update_net.in_weight[latent], theirs["input_weights"].T)
        np.testing.assert_array_equal(model.update_net.out_bias[latent], theirs["output_biases"])
        for layer in range(config["update_net_n_layers"]):
            ours = model.update_net.hidden_weight[latent, layer]
            np.testing.assert_array_equal(ours, theirs[f"layer_{layer}_weights"].T)
    np.testing.assert_array_equal(model.start, params[root]["latent_inits"])
    spread = params[root]["update_net_latent_sigma_params"]
    np.testing.assert_array_equal(model.update_latent.spread, spread)
    np.testing.assert_array_equal(
        model.update_latent.multiplier, params[root]["update_net_latent_multipliers"]
    )
    assert not np.array_equal(spread, spread.T)  # so that a transposed one would show


def test_a_module_or_array_that_is_missing_is_named(disrnn):
    params, config = disrnn
    choice = "hk_disentangled_rnn/~predict_targets/choice_net"
    without = {name: arrays for name, arrays in params.items() if name != choice}
    with pytest.raises(ValueError, match=f"no Haiku module '{choice}' among the parameters; got "):
        cl.interop.from_haiku(without, config)
    arrays = {name: array for name, array in params[choice].items() if name != "output_biases"}
    with pytest.raises(ValueError, match=f"'{choice}' has no array 'output_biases'; got .*input_biases"):
        cl.interop.from_haiku(params | {choice: arrays}, config)
