"""Import of parameters that the disentangled_rnns package (Haiku) trained."""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.models.bottleneck import Bottleneck
from cogrnn_lab.models.disrnn import DisRNN

ROOT = "hk_disentangled_rnn"

# Its name for each constructor argument of ours.
ARGUMENTS = {
    "n_inputs": "obs_size",
    "n_outputs": "output_size",
    "n_latents": "latent_size",
    "update_width": "update_net_n_units_per_layer",
    "update_depth": "update_net_n_layers",
    "choice_width": "choice_net_n_units_per_layer",
    "choice_depth": "choice_net_n_layers",
    "activation": "activation",
    "max_latent": "max_latent_value",
}


def from_haiku(params: Mapping[str, Mapping[str, Any]], config: Mapping[str, Any]) -> DisRNN:
    """A `DisRNN` that computes what a trained disentangled_rnns network computes.

    Arguments: `params` {Haiku module: {name: array}}; `config` the fields of that package's `DisRnnConfig` as
    a mapping (obs_size, output_size, latent_size, update_net_n_units_per_layer, ...).

    Raises `ValueError` where a field, module or array is missing or an array's shape is not what the config
    says.
    """
    model = eqx.filter_eval_shape(lambda: DisRNN(**_arguments(config), key=jax.random.key(0)))
    root = HaikuModule(params, ROOT)
    update_names = [
        f"{ROOT}/~update_latents/update_net" + (f"_{i}" if i else "") for i in range(model.n_latents)
    ]
    networks = [_mlp(HaikuModule(params, name), model.update_depth) for name in update_names]
    arrays = {
        "update_input": root.bottleneck("update_net_obs"),
        "update_latent": root.bottleneck("update_net_latent"),
        "latent": Bottleneck(None, root["latent_sigma_params"]),
        "choice_latent": root.bottleneck("choice_net"),
        "update_network": {name: jnp.stack([net[name] for net in networks]) for name in networks[0]},
        "choice_network": _mlp(
            HaikuModule(params, f"{ROOT}/~predict_targets/choice_net"), model.choice_depth
        ),
        "start": root["latent_inits"],
    }
    return _filled(model, arrays)


class HaikuModule:
    """The arrays of one Haiku module, with errors that say what is missing."""

    def __init__(self, params: Mapping[str, Mapping[str, Any]], name: str):
        if name not in params:
            raise ValueError(f"no Haiku module {name!r} among the parameters; got {sorted(params)}")
        self.name, self.arrays = name, params[name]

    def __getitem__(self, key: str) -> jax.Array:
        if key not in self.arrays:
            raise ValueError(f"Haiku module {self.name!r} has no array {key!r}; got {sorted(self.arrays)}")
        return jnp.asarray(np.asarray(self.arrays[key], np.float32))

    def bottleneck(self, prefix: str) -> Bottleneck:
        return Bottleneck(self[f"{prefix}_multipliers"], self[f"{prefix}_sigma_params"])


def _arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    missing = [name for name in ARGUMENTS.values() if name not in config]
    if missing:
        raise ValueError(f"the config lacks {', '.join(missing)}; got {sorted(config)}")
    return {ours: config[theirs] for ours, theirs in ARGUMENTS.items()}


def _mlp(module: HaikuModule, depth: int) -> dict[str, jax.Array]:
    """One residual network's arrays by our names; Haiku keeps weights as (input, output)."""
    width = module["input_biases"].shape[0]
    hidden = [module[f"layer_{i}_weights"].T for i in range(depth)]
    biases = [module[f"layer_{i}_biases"] for i in range(depth)]
    return {
        "in_weight": module["input_weights"].T,
        "in_bias": module["input_biases"],
        "hidden_weight": jnp.stack(hidden) if hidden else jnp.zeros((0, width, width)),
        "hidden_bias": jnp.stack(biases) if biases else jnp.zeros((0, width)),
        "out_weight": module["output_weights"].T,
        "out_bias": module["output_biases"],
    }


def _filled(model: DisRNN, parts: Mapping[str, Any]) -> DisRNN:
    """`model` (shapes only) with the given parts put in; shapes that differ are refused."""

    def fill(field: str, expected: Any, part: Any) -> Any:
        if isinstance(part, dict):
            part = eqx.tree_at(lambda m: [getattr(m, name) for name in part], expected, list(part.values()))
        for (path, want), got in zip(
            jax.tree_util.tree_leaves_with_path(expected), jax.tree.leaves(part), strict=True
        ):
            if want.shape != got.shape:
                where = field + jax.tree_util.keystr(path)
                raise ValueError(f"{where} has shape {got.shape}, but the config says {want.shape}")
        return part

    names = list(parts)
    values = [fill(name, getattr(model, name), parts[name]) for name in names]
    return eqx.tree_at(lambda m: [getattr(m, name) for name in names], model, values)
