"""Import of parameters that the disentangled_rnns package (Haiku) trained."""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.models.disentangled.bottleneck import Bottleneck
from cogrnn_lab.models.disentangled.disrnn import DisRNN
from cogrnn_lab.models.disentangled.multisubject_disrnn import MultisubjectDisRNN
from cogrnn_lab.models.disentangled.neuro_disrnn import NeuroDisRNN

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
SUBJECT_ARGUMENTS = {"n_subjects": "max_n_subjects", "embedding_size": "subject_embedding_size"}
NEURAL_ARGUMENTS = {
    "neural_width": "neural_activity_net_n_units_per_layer",
    "neural_depth": "neural_activity_net_n_layers",
}

# The class of ours, and the further arguments, for its name of the root module.
KINDS: dict[str, tuple[Any, dict[str, str]]] = {
    "hk_disentangled_rnn": (DisRNN, {}),
    "multisubject_dis_rnn": (MultisubjectDisRNN, SUBJECT_ARGUMENTS),
    "hk_neuro_disentangled_rnn": (NeuroDisRNN, NEURAL_ARGUMENTS),
}


def from_haiku(
    params: Mapping[str, Mapping[str, Any]], config: Mapping[str, Any]
) -> DisRNN | MultisubjectDisRNN | NeuroDisRNN:
    """A network that computes what a trained network of disentangled_rnns computes.

    Arguments: `params` {Haiku module: {name: array}}, of a `HkDisentangledRNN`, a `MultisubjectDisRnn` or a
    `HkNeuroDisentangledRNN`; `config` the fields of its configuration as a mapping (obs_size, output_size,
    latent_size, update_net_n_units_per_layer, ...).

    Raises `ValueError` where a field, module or array is missing or an array's shape is not what the config
    says.
    """
    root = next((name for name in KINDS if name in params), None)
    if root is None:
        raise ValueError(
            f"no Haiku module {' or '.join(map(repr, KINDS))} among the parameters; got {sorted(params)}"
        )
    kind, further = KINDS[root]
    arguments = _arguments(config, ARGUMENTS | further)
    model = eqx.filter_eval_shape(lambda: kind(**arguments, key=jax.random.key(0)))
    reader = HaikuModule(params, root)
    parts = {"core": _core(params, root, model)}
    if kind is MultisubjectDisRNN:
        parts["subjects"] = _subjects(reader, HaikuModule(params, f"{root}/subject_embedding_weights"))
    if kind is NeuroDisRNN:
        network = HaikuModule(params, f"{root}/neural_activity_net")
        parts["neural"] = {
            "bottleneck": reader.bottleneck("neural_activity_net"),
            "network": _mlp(network, model.neural_depth),
        }
    return _filled(model, parts)


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


def _arguments(config: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    missing = [name for name in names.values() if name not in config]
    if missing:
        raise ValueError(f"the config lacks {', '.join(missing)}; got {sorted(config)}")
    return {ours: config[theirs] for ours, theirs in names.items()}


def _core(params: Mapping[str, Mapping[str, Any]], root: str, model: Any) -> dict[str, Any]:
    reader = HaikuModule(params, root)
    names = [f"{root}/~update_latents/update_net" + (f"_{i}" if i else "") for i in range(model.n_latents)]
    networks = [_mlp(HaikuModule(params, name), model.update_depth) for name in names]
    choice = "choice_net" if model.subjects is None else "choice_net_latent"
    return {
        "update_input": reader.bottleneck("update_net_obs"),
        "update_latent": reader.bottleneck("update_net_latent"),
        "latent": Bottleneck(None, reader["latent_sigma_params"]),
        "choice_latent": reader.bottleneck(choice),
        "update_net": {name: jnp.stack([net[name] for net in networks]) for name in networks[0]},
        "choice_net": _mlp(HaikuModule(params, f"{root}/~predict_targets/choice_net"), model.choice_depth),
        "start": reader["latent_inits"],
    }


def _subjects(reader: HaikuModule, embedding: HaikuModule) -> dict[str, Any]:
    return {
        "weight": embedding["w"],
        "bias": embedding["b"],
        "subject": Bottleneck(None, reader["subj_emb_global_sigma_params"]),
        "update_subject": reader.bottleneck("update_net_subj"),
        "choice_subject": reader.bottleneck("choice_net_subj"),
    }


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


def _filled(expected: Any, part: Any, where: str = "") -> Any:
    """`expected` (shapes only) with the parts, nested by field name, put in; other shapes are refused."""
    if isinstance(part, dict):
        values = [_filled(getattr(expected, name), value, f"{where}.{name}") for name, value in part.items()]
        return eqx.tree_at(lambda tree: [getattr(tree, name) for name in part], expected, values)
    wanted = jax.tree_util.tree_leaves_with_path(expected)
    for (path, want), got in zip(wanted, jax.tree.leaves(part), strict=True):
        if want.shape != got.shape:
            name = (where + jax.tree_util.keystr(path)).removeprefix(".")
            raise ValueError(f"{name} has shape {got.shape}, but the config says {want.shape}")
    return part
