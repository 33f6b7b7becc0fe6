"""Whether this machine has a GPU that JAX does not use, and why."""

import os
import shutil
from importlib.metadata import distributions
from pathlib import Path

import jax

NVIDIA = Path("/proc/driver/nvidia/gpus")  # a folder for each card that the driver knows


def unused_gpu() -> str:
    """Say in a sentence why JAX computes on the CPU beside an NVIDIA GPU; "" where it does not.

    JAX needs a plugin of exactly its own version, `jax-cuda12-plugin` or `jax-cuda13-plugin`. Where a newer
    jax was installed over that which the plugin is for, it goes on without the GPU.
    """
    if jax.default_backend() != "cpu" or not _has_gpu():
        return ""
    said = "This machine has a GPU, and training does not use it: "
    wish = os.environ.get("JAX_PLATFORMS", "")
    if wish and not {"cuda", "gpu"} & set(wish.split(",")):
        return f"{said}the environment variable JAX_PLATFORMS is {wish!r}."
    plugins = {
        one.name: one.version
        for one in distributions()
        if one.name.startswith("jax-cuda") and one.name.endswith("-plugin")
    }
    if not plugins:
        return f'{said}JAX has no plugin for it. pip install "cogrnn-lab[cuda12]", then restart the kernel.'
    others = {name: version for name, version in plugins.items() if version != jax.__version__}
    if others:
        name, version = next(iter(others.items()))
        return (
            f"{said}{name} is {version}, jax {jax.__version__}, and they must be equal. "
            f'pip install "jax=={version}", then restart the kernel.'
        )
    return f"{said}JAX could not start it; `import jax; jax.devices('cuda')` tells why."


def _has_gpu() -> bool:
    if NVIDIA.is_dir():
        return any(NVIDIA.iterdir())
    return Path("/dev/nvidia0").exists() or bool(os.name == "nt" and shutil.which("nvidia-smi"))
