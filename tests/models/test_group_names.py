"""What people read for the penalties of a network."""

import jax
import pytest

import cogrnn_lab as cl
from cogrnn_lab.models.group_names import GroupName, group_name

KEY = jax.random.key(0)
NETWORKS = {
    "DisRNN": lambda: cl.DisRNN(2, 2, 2, key=KEY),
    "multisubject": lambda: cl.MultisubjectDisRNN(2, 2, 2, n_subjects=2, key=KEY),
    "neuro": lambda: cl.NeuroDisRNN(2, 2, 2, n_signals=1, key=KEY),
    "GRU": lambda: cl.GRU(2, 2, 2, key=KEY),
    "constrained": lambda: cl.ConstrainedRNN(2, 2, 2, key=KEY),
}


def is_fallback(name: str) -> bool:
    """Whether the words are but the name itself."""
    return group_name(name).description == name.replace("_", " ")


@pytest.mark.parametrize("network", NETWORKS)
def test_every_penalty_of_a_network_is_put_in_words_that_differ(network):
    names = NETWORKS[network]().penalty_names
    assert names
    assert [name for name in names if is_fallback(name)] == []
    for part in ("title", "label", "description"):
        assert len({getattr(group_name(name), part) for name in names}) == len(names), part


def test_every_penalty_that_can_be_set_is_put_in_words():
    assert [name for name in cl.Penalties().as_dict() if is_fallback(name)] == []


def test_a_penalty_of_ones_own_goes_by_its_name():
    assert group_name("slow_drift") == GroupName("Slow drift", "slow drift", "slow drift", "slow drift")
