"""Reads a fixture that the disentangled_rnns package computed."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import cogrnn_lab as cl


class HaikuFixture(NamedTuple):
    """A network with random parameters, its data, and what the reference package makes of them."""

    model: cl.DisentangledNetwork
    gradients: cl.DisentangledNetwork  # of the noiseless penalized loss, in the places of the parameters
    dataset: cl.Dataset
    config: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @property
    def penalties(self) -> cl.Penalties:
        names = {
            "latent": "latent_penalty",
            "update_input": "update_net_obs_penalty",
            "update_latent": "update_net_latent_penalty",
            "choice_latent": "choice_net_latent_penalty",
            "subject": "subj_penalty",
            "update_subject": "update_net_subj_penalty",
            "choice_subject": "choice_net_subj_penalty",
            "neural": "neural_activity_net_latent_penalty",
            "l2": "l2_scale",
        }
        return cl.Penalties(**{ours: self.config.get(theirs, 0.0) for ours, theirs in names.items()})


def read_haiku_fixture(path: Path) -> HaikuFixture:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    config = json.loads(str(arrays["config"]))
    return HaikuFixture(
        model=cl.interop.from_haiku(_nested(arrays, "param:"), config),
        gradients=cl.interop.from_haiku(_nested(arrays, "grad:"), config),
        dataset=_dataset(arrays, config),
        config=config,
        arrays=arrays,
    )


def _dataset(arrays: dict[str, np.ndarray], config: dict[str, Any]) -> cl.Dataset:
    xs, names = arrays["xs"], {}
    if "max_n_subjects" in config:  # its first input is the subject's index
        names["subject"] = xs[0, :, 0].astype(int)
        xs = xs[..., 1:]
    ys, kind = arrays["ys"], "categorical"
    if "neural_activity_net_n_layers" in config:
        # The reference leaves out the activity of trials without a choice.
        ys, kind = np.where(ys[..., :1] < 0, np.nan, ys), "mixed"
    return cl.Dataset.from_time_major(xs, ys, kind=kind, n_classes=config["output_size"], **names)


def _nested(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, dict[str, np.ndarray]]:
    modules: dict[str, dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        if name.startswith(prefix):
            module, parameter = name.removeprefix(prefix).split("|")
            modules.setdefault(module, {})[parameter] = array
    return modules
