"""Compiled functions are kept in a folder of the user, so that the next process need not compile them."""

import hashlib
import os
import platform
from pathlib import Path

import jax
import platformdirs

VARIABLE = "COGRNN_LAB_COMPILATION_CACHE"


def keep_compilations() -> Path | None:
    """Let JAX keep what it compiles, unless it has a folder for that already; returns the folder.

    The environment variable `COGRNN_LAB_COMPILATION_CACHE` names another folder, or is "off". JAX has one
    such setting for a whole process; where the user has made it (`jax_compilation_cache_dir`), it stays.
    """
    wish = os.environ.get(VARIABLE, "")
    if wish.lower() in ("off", "0", "no", "false"):
        return None
    given = jax.config.values["jax_compilation_cache_dir"]
    if given:
        return Path(given)
    folder = (Path(wish) if wish else Path(platformdirs.user_cache_dir("cogrnn_lab", False))) / _processor()
    jax.config.update("jax_compilation_cache_dir", str(folder))
    # JAX keeps by default only what took a second or more; a lab is made of many smaller functions.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.05)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return folder


def _processor() -> str:
    """A folder for each kind of processor: a home folder may be shared by machines that differ."""
    description = platform.machine() + platform.processor()
    cpu = Path("/proc/cpuinfo")
    if cpu.is_file():
        lines = cpu.read_text(errors="replace").splitlines()
        telling = ("flags", "Features", "model name")
        description += "".join(dict.fromkeys(line for line in lines if line.startswith(telling)))
    return hashlib.sha256(description.encode()).hexdigest()[:12]
