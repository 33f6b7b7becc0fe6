"""Reads a fixture that the disentangled_rnns package computed."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import cogrnn_lab as cl


class HaikuFixture(NamedTuple):
    """A network with random parameters, its data, and what the reference package makes of them."""

    model: cl.DisRNN
    gradients: cl.DisRNN  # of the noiseless penalized loss, in the places of the parameters
    dataset: cl.Dataset
    config: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @property
    def penalties(self) -> cl.Penalties:
        c = self.config
        return cl.Penalties(
            latent=c["latent_penalty"],
            update_input=c["update_net_obs_penalty"],
            update_latent=c["update_net_latent_penalty"],
            choice_latent=c["choice_net_latent_penalty"],
            l2=c["l2_scale"],
        )


def read_haiku_fixture(path: Path) -> HaikuFixture:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    config = json.loads(str(arrays["config"]))
    return HaikuFixture(
        model=cl.interop.from_haiku(_nested(arrays, "param:"), config),
        gradients=cl.interop.from_haiku(_nested(arrays, "grad:"), config),
        dataset=cl.Dataset.from_time_major(arrays["xs"], arrays["ys"], n_classes=config["output_size"]),
        config=config,
        arrays=arrays,
    )


def _nested(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, dict[str, np.ndarray]]:
    modules: dict[str, dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        if name.startswith(prefix):
            module, parameter = name.removeprefix(prefix).split("|")
            modules.setdefault(module, {})[parameter] = array
    return modules
