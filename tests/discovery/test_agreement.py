"""Networks agree where they are the same up to the order and the signs of their latents, and only there."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.models.disentangled.bottleneck import Bottleneck


@pytest.fixture(scope="module")
def behavior() -> cl.Dataset:
    return cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=20, n_trials=50)


def network(seed: int, n_latents: int = 3) -> cl.DisRNN:
    return cl.DisRNN(
        2, 2, n_latents, update_width=4, update_depth=1, choice_depth=1, key=jax.random.key(seed)
    )


def rearranged(model: cl.DisRNN, order: list[int], signs: list[float]) -> cl.DisRNN:
    """The same network with latent `order[k]` in place k, its sign turned where `signs[k]` is -1."""
    at, sign = jnp.array(order), jnp.array(signs)
    core = model.core
    first_latent = core.sizes.n_inputs
    network = jax.tree.map(lambda leaf: leaf[at], core.update_net)
    # The inputs of each update network stand before the latents.
    columns = jnp.concatenate([jnp.arange(first_latent), first_latent + at])
    target = jnp.stack([jnp.ones_like(sign), sign], 1)
    network = eqx.tree_at(
        lambda n: (n.in_weight, n.out_weight, n.out_bias),
        network,
        (
            network.in_weight[:, :, columns],
            network.out_weight * target[:, :, None],
            network.out_bias * target,
        ),
    )
    previous = core.update_latent
    core = eqx.tree_at(
        lambda c: (
            c.update_net, c.update_input, c.update_latent, c.latent, c.choice_latent, c.start,
            c.choice_net.in_weight,
        ),
        core,
        (
            network,
            Bottleneck(core.update_input.multiplier[:, at], core.update_input.spread[:, at]),
            Bottleneck(sign[:, None] * previous.multiplier[at][:, at], previous.spread[at][:, at]),
            Bottleneck(None, core.latent.spread[at]),
            Bottleneck(sign * core.choice_latent.multiplier[at], core.choice_latent.spread[at]),
            sign * core.start[at],
            core.choice_net.in_weight[:, at],
        ),
        is_leaf=lambda leaf: leaf is None,
    )  # fmt: skip
    return eqx.tree_at(lambda m: m.core, model, core)


def test_rearranged_is_the_same_network(behavior):
    """What the next test stands on."""
    model = network(0)
    other = rearranged(model, [2, 0, 1], [1.0, -1.0, -1.0])
    mine, theirs = (cl.latents(m, behavior) for m in (model, other))
    np.testing.assert_allclose(theirs.outputs, mine.outputs, atol=1e-5)
    np.testing.assert_allclose(theirs.states, mine.states[..., [2, 0, 1]] * [1, -1, -1], atol=1e-5)


def test_the_same_up_to_order_and_sign_agrees_fully(behavior):
    model = network(0)
    found = cl.agreement(
        [
            model,
            rearranged(model, [2, 0, 1], [1.0, -1.0, -1.0]),
            rearranged(model, [1, 2, 0], [-1.0, 1.0, 1.0]),
        ],
        behavior,
    )
    assert found.shared == 1.0
    np.testing.assert_allclose(found.similarity, 1.0, atol=1e-4)
    np.testing.assert_allclose(found.update_similarity, 1.0, atol=1e-4)
    np.testing.assert_allclose(found.choice_similarity, 1.0, atol=1e-4)
    np.testing.assert_allclose(found.span, 1.0, atol=1e-6)
    np.testing.assert_array_equal(found.wiring_similarity, 1.0)
    first = found.order[0]
    np.testing.assert_array_equal(np.array([2, 0, 1])[found.order[1]], first)
    np.testing.assert_array_equal(np.array([1, 2, 0])[found.order[2]], first)
    assert found.text.startswith("3 of 3 networks found the same mechanism, with 3 latents.")
    assert len(found.table) == 9


def test_networks_with_other_mechanisms_do_not_agree(behavior):
    found = cl.agreement([network(0), network(1), network(2)], behavior)
    assert found.is_shared.sum() == 1
    others = [run for run in range(3) if run != found.reference]
    assert np.minimum(found.update_similarity, found.choice_similarity)[others].max() < 0.8
    assert found.update_similarity[others].mean() < 0.3


def test_a_missing_latent_is_said_and_a_closed_one_does_not_count(behavior):
    model = network(0)
    closed = eqx.tree_at(lambda m: m.core.latent.spread, model, model.core.latent.spread.at[1].set(40.0))
    found = cl.agreement([model, closed, model], behavior)
    assert found.n_latents.tolist() == [3, 2, 3]
    assert (found.order[1] == -1).sum() == 1
    assert found.is_shared.tolist() == [True, False, True]
    assert found.shared == pytest.approx(2 / 3)
    missing = int(np.flatnonzero(found.order[1] == -1)[0])
    assert found.similarity[found.reference, 1, missing] == 0.0
    assert found.latent_found[missing] == pytest.approx(2 / 3)


def test_other_coordinates_of_the_same_variables_are_told_from_other_variables(behavior):
    """A GRU whose units are mixed by an invertible matrix holds the same variables."""
    from cogrnn_lab.discovery.matching import Course, span_likeness

    course = Course.of(network(0), behavior)
    mixture = np.array([[1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [0.2, 0.0, 1.0]])
    mixed = Course(course.model, course.states @ mixture, course.counted, course.logits)
    rng = np.random.default_rng(0)
    other = Course(course.model, rng.normal(size=course.states.shape), course.counted, course.logits)
    assert span_likeness(course, mixed) == pytest.approx(1.0, abs=1e-6)
    assert span_likeness(course, other) < 0.1


def test_an_open_channel_that_tells_nothing_is_no_connection(behavior):
    """Where rewards never vary their channels are as open as before, but nothing can be read from them."""
    inputs = np.array(behavior.inputs)
    inputs[..., 1] = 0.0
    model = network(0)
    reward = [f"from {name}" for name in behavior.input_names].index("from previous reward")
    varying, constant = (
        cl.agreement([model, model], data) for data in (behavior, behavior._replace(inputs=inputs))
    )
    for found in (varying, constant):
        assert found.wiring_names[reward] == "from previous reward"
    assert cl.bottlenecks(model).groups["update_input"].openness[1].min() > 0.1
    assert varying.wiring[..., reward].any()
    assert not constant.wiring[..., reward].any()
    edges = {(edge.source, edge.target) for edge in cl.wiring(model, behavior).edges}
    for k, latent in enumerate(varying.order[0]):
        read = {source for source, target in edges if target == f"latent {latent + 1}"}
        assert varying.wiring[0, k, :2].tolist() == [name in read for name in behavior.input_names]


def test_one_network_has_nothing_to_agree_with(behavior):
    with pytest.raises(ValueError, match="got 1 network"):
        cl.agreement([network(0)], behavior)
