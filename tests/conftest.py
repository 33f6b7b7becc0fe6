"""What every test relies on: checked shapes, strict broadcasting, and where the data lie."""

import asyncio
import gc
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jax
import pytest
from jaxtyping import install_import_hook

# What is compiled is shared by the processes that tests start, and no run depends on one before it. What the
# tests themselves compile is hardly ever there yet, and to ask takes a tenth as long as to compile.
os.environ.setdefault("COGRNN_LAB_COMPILATION_CACHE", tempfile.mkdtemp(prefix="cogrnn_lab_compiled_"))

# Most of the time of the tests was compilation, of what runs once or twice on a few numbers: XLA's older
# emitter without LLVM's optimizations compiles five times as fast. `XLA_FLAGS= python3 start.py test` runs
# everything as users have it; tests/training/test_as_users_have_it.py compares the two.
QUICKLY_COMPILED = (
    "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=0"
    " --xla_llvm_disable_expensive_passes=true --xla_cpu_parallel_codegen_split_count=1"
)


def knows(flags: str) -> bool:
    """Whether this XLA knows all the flags: it ends a process that has others."""
    starts = [sys.executable, "-c", "import jax; jax.devices()"]
    environment = os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    return subprocess.run(starts, env=environment, capture_output=True).returncode == 0


if "XLA_FLAGS" not in os.environ:  # the processes that pytest-xdist starts have it from the first
    os.environ["XLA_FLAGS"] = QUICKLY_COMPILED if knows(QUICKLY_COMPILED) else ""

# Before anything imports the package: every annotated array is checked in tests, and users do not pay for it.
install_import_hook("cogrnn_lab", "beartype.beartype")

jax.config.update("jax_enable_compilation_cache", False)

# (n,) + (m, n) is an error here: broadcasting by accident has hidden more wrong losses than any other slip.
jax.config.update("jax_numpy_rank_promotion", "raise")

# Imports and tracing make very many objects that stay: the collector need not look through them so often.
gc.set_threshold(20_000, 20, 20)

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _same_items_are_checked():
    """Seed Python's own generator: beartype checks a random item of a sequence, else another in each run."""
    random.seed(0)


@pytest.fixture(autouse=True, scope="module")
def _let_go_of_what_was_compiled():
    """Free what was compiled where it is much: Linux gives a process 65,530 memory maps.

    Every compiled function takes some of them, and a process that has no more crashes when it compiles next.
    """
    yield
    if memory_maps() > 15_000:
        from cogrnn_lab.compilation_cache import clear_compilations  # after the hook of the imports

        clear_compilations()


def memory_maps() -> float:
    """Memory maps of this process; infinitely many where the system does not tell."""
    maps = Path("/proc/self/maps")
    return maps.read_bytes().count(b"\n") if maps.exists() else float("inf")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real behavior; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("COGRNN_LAB_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no folder of real data at {folder}; set COGRNN_LAB_DATA to one")
    return folder


@pytest.fixture(scope="session")
def parity() -> Path:
    """The folder of what the reference packages compute, one .npz per case."""
    return REPOSITORY / "tests" / "parity"


@pytest.fixture
def run_async() -> Callable:
    """`asyncio.run` in a thread of its own: Playwright keeps a loop running in the thread of the tests."""

    def run(coroutine):
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, coroutine).result()

    return run
