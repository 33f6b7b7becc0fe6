"""A GPU that is there and not used is told, with the reason and what mends it."""

from pathlib import Path
from types import SimpleNamespace

import jax
import pytest

from cogrnn_lab import unused_gpu
from cogrnn_lab.lab.controls.top_bar import TopBar


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with one GPU, where JAX computes on the CPU without having been asked to."""
    (tmp_path / "0000:01:00.0").mkdir()
    monkeypatch.setattr(unused_gpu, "NVIDIA", tmp_path)
    monkeypatch.setattr(jax, "default_backend", lambda: "cpu")
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    return tmp_path


def plugins(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    found = [
        SimpleNamespace(name=f"jax-{name}-plugin", version=version) for name, version in versions.items()
    ]
    others = [SimpleNamespace(name="jax", version=jax.__version__)]
    monkeypatch.setattr(unused_gpu, "distributions", lambda: others + found)


def test_without_a_plugin_it_says_what_to_install(card, monkeypatch):
    plugins(monkeypatch)
    assert 'pip install "cogrnn-lab[cuda12]"' in unused_gpu.unused_gpu()


def test_a_plugin_for_another_jax_is_named_with_both_versions(card, monkeypatch):
    plugins(monkeypatch, cuda12="0.1.2")
    said = unused_gpu.unused_gpu()
    assert f"jax-cuda12-plugin is 0.1.2, jax {jax.__version__}, and they must be equal" in said
    assert 'pip install "jax==0.1.2"' in said


def test_a_platform_that_was_asked_for_is_the_reason(card, monkeypatch):
    plugins(monkeypatch, cuda12=jax.__version__)
    assert "could not start it" in unused_gpu.unused_gpu()
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    assert "JAX_PLATFORMS is 'cpu'" in unused_gpu.unused_gpu()
    monkeypatch.setenv("JAX_PLATFORMS", "cuda,cpu")
    assert "could not start it" in unused_gpu.unused_gpu()


def test_nothing_is_said_where_it_is_used_or_not_there(card, monkeypatch):
    plugins(monkeypatch)
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert unused_gpu.unused_gpu() == ""
    monkeypatch.setattr(jax, "default_backend", lambda: "cpu")
    (card / "0000:01:00.0").rmdir()
    assert unused_gpu.unused_gpu() == ""


def test_the_badge_of_the_lab_says_it():
    bar = TopBar.__new__(TopBar)
    bar.device = SimpleNamespace(value="")
    bar.show_device("CPU")
    assert bar.device.value == '<span class="cog-badge" title="device">CPU</span>'
    bar.show_device("CPU", "This machine has a GPU, and training does not use it: <why>.")
    assert ">CPU, GPU not used</span>" in bar.device.value
    assert "&lt;why&gt;" in bar.device.value
