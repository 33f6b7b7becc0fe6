"""Whether anything of the past reaches the choice, by which channels are open."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.scoring.shut_out import highest_before, is_past_shut_out


def channels(latent, update_input, choice_latent) -> cl.Bottlenecks:
    """Two latents that read two inputs."""
    latents, inputs = ("latent 1", "latent 2"), ("a", "b")

    def group(name, openness, sources, readers):
        openness = np.array(openness, float)
        return cl.ChannelGroup(name, name, openness, 1 - openness, None, sources, readers)

    groups = [
        group("latent", np.reshape(latent, (2, 1)), latents, ("latent",)),
        group("update_input", update_input, inputs, latents),
        group("update_latent", np.zeros((2, 2)), latents, latents),
        group("choice_latent", np.reshape(choice_latent, (2, 1)), latents, ("choice",)),
    ]
    return cl.Bottlenecks({one.name: one for one in groups}, np.arange(2))


OPEN, CLOSED = [[0.9, 0.9], [0.9, 0.9]], [[0.01, 0.01], [0.01, 0.01]]


@pytest.mark.parametrize(
    ("latent", "update_input", "choice_latent", "shut_out"),
    [
        ([0.9, 0.9], OPEN, [0.9, 0.9], False),
        ([0.01, 0.02], CLOSED, [0.01, 0.02], True),
        ([0.01, 0.9], OPEN, [0.01, 0.9], False),
        ([0.01, 0.9], OPEN, [0.9, 0.01], True),  # the one that is kept is not told
        ([0.9, 0.9], CLOSED, [0.9, 0.9], True),  # nothing is read
        ([0.01, 0.01], OPEN, [0.9, 0.9], True),
        ([0.9, 0.9], OPEN, [0.01, 0.01], True),
    ],
)
def test_the_past_is_shut_out_where_no_way_is_open(latent, update_input, choice_latent, shut_out):
    assert is_past_shut_out(channels(latent, update_input, choice_latent)) is shut_out


def test_networks_are_open_before_training_and_always_without_bottlenecks():
    key = jax.random.key(0)
    assert not is_past_shut_out(cl.bottlenecks(cl.DisRNN(2, 2, 3, key=key)))
    assert not is_past_shut_out(cl.bottlenecks(cl.GRU(2, 2, 4, key=key)))


def test_the_highest_score_before_the_last_one():
    assert highest_before([10, 20, 30], [0.5, 0.6, 0.55]) == (20, 0.6)
    assert highest_before([10, 20], [0.5, 0.6]) is None
    assert highest_before([], []) is None
