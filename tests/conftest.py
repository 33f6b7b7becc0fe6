"""What every test relies on: checked shapes, strict broadcasting, and where the data lie."""

import asyncio
import gc
import os
import random
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import equinox as eqx
import jax
import pytest
from jaxtyping import install_import_hook

# What is compiled is shared by the processes of one test run, and no run depends on one before it.
os.environ.setdefault("COGRNN_LAB_COMPILATION_CACHE", tempfile.mkdtemp(prefix="cogrnn_lab_compiled_"))

# Before anything imports the package: every annotated array is checked in tests, and users do not pay for it.
install_import_hook("cogrnn_lab", "beartype.beartype")

# (n,) + (m, n) is an error here: broadcasting by accident has hidden more wrong losses than any other slip.
jax.config.update("jax_numpy_rank_promotion", "raise")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _same_items_are_checked():
    """Seed Python's own generator: beartype checks one item of a sequence at random, else another in each run."""
    random.seed(0)


@pytest.fixture(autouse=True, scope="module")
def _let_go_of_what_was_compiled():
    """Free what was compiled where it is much: Linux gives a process 65,530 memory maps.

    Every compiled function takes some of them, and a process that has no more crashes when it compiles next.
    """
    yield
    if memory_maps() > 15_000:
        eqx.clear_caches()
        jax.clear_caches()
        gc.collect()


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
