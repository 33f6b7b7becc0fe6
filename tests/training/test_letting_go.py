"""What was compiled is let go of where a process holds very much of it: without maps, Linux ends it."""

import jax
import pytest

import cogrnn_lab as cl
from cogrnn_lab import compilation_cache
from cogrnn_lab.compilation_cache import MAPS, let_go_of_compilations


@pytest.mark.skipif(not MAPS.exists(), reason="no memory maps to count")
def test_a_process_with_very_many_maps_lets_go_and_goes_on(monkeypatch):
    """Nothing was ever let go of before: 35 networks of other sizes took 13,590 maps of 65,530."""
    function = jax.jit(lambda x: x + 1)
    assert function(1.0) == 2
    monkeypatch.setattr(compilation_cache, "BETWEEN_LOOKS", -1.0)
    monkeypatch.setattr(compilation_cache, "MOST_MAPS", 10**9)
    assert not let_go_of_compilations()
    assert function._cache_size() == 1
    monkeypatch.setattr(compilation_cache, "MOST_MAPS", 1)
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=3)
    assert function._cache_size() == 0
    assert function(2.0) == 3
    assert data.n_sessions == 2


@pytest.mark.skipif(not MAPS.exists(), reason="no memory maps to count")
def test_maps_are_counted_once_in_a_while(monkeypatch):
    monkeypatch.setattr(compilation_cache, "MOST_MAPS", 1)
    monkeypatch.setattr(compilation_cache, "_looked", [float("inf")])
    assert not let_go_of_compilations(), "it has just looked"
