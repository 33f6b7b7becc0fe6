"""Components, averages and tuning against closed forms; the weights as they are sorted."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl


@pytest.fixture(scope="module")
def states() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(12, 7, 5)) * np.array([3.0, 1.0, 2.0, 0.5, 0.1]) + 4.0


def test_components_are_those_of_the_singular_values(states):
    pca = cl.activity_pca(states, n=3)
    points = states.reshape(-1, 5)
    _, singular, vectors = np.linalg.svd(points - points.mean(0), full_matrices=False)
    variance = singular**2 / (len(points) - 1)
    np.testing.assert_allclose(pca.variance, variance[:3], rtol=1e-10)
    np.testing.assert_allclose(pca.explained, variance[:3] / variance.sum(), rtol=1e-10)
    np.testing.assert_allclose(np.abs(pca.components), np.abs(vectors[:3]), atol=1e-8)
    np.testing.assert_allclose(pca.components @ pca.components.T, np.eye(3), atol=1e-12)
    assert (pca.components[np.arange(3), np.abs(pca.components).argmax(1)] > 0).all()
    np.testing.assert_allclose(pca.project(states), pca.projections)
    assert pca.projections.reshape(-1, 3).var(0, ddof=1) == pytest.approx(pca.variance)


def test_padding_does_not_count(states):
    valid = np.arange(7)[None] < np.arange(12)[:, None] % 6 + 2
    spoiled = np.where(valid[..., None], states, 1e3)
    pca = cl.activity_pca(spoiled, n=2, valid=valid)
    np.testing.assert_allclose(pca.mean, states[valid].mean(0))
    values = np.linalg.eigvalsh(np.cov(states[valid].T))[::-1]
    np.testing.assert_allclose(pca.variance, values[:2])
    averages = cl.condition_averages(spoiled, ["same"] * 12, valid=valid)
    np.testing.assert_allclose(averages.means[0, 3], states[valid[:, 3], 3].mean(0))
    curve = cl.tuning(spoiled, np.arange(12.0), valid=valid)
    np.testing.assert_allclose(curve.means[4], states[4, : valid[4].sum()].mean(0))


def test_condition_averages(states):
    conditions = np.array(["right", "left", "right"] * 4)
    averages = cl.condition_averages(states, conditions)
    np.testing.assert_array_equal(averages.conditions, ["left", "right"])
    for index, name in enumerate(["left", "right"]):
        chosen = states[conditions == name]
        np.testing.assert_allclose(averages.means[index], chosen.mean(0))
        error = chosen.std(0, ddof=1) / np.sqrt(len(chosen))
        np.testing.assert_allclose(averages.standard_errors[index], error, rtol=1e-8)
    np.testing.assert_array_equal(averages.counts, [[4] * 7, [8] * 7])
    alone = cl.condition_averages(states[:2], [0, 1])
    np.testing.assert_allclose(alone.means, states[:2])
    assert np.isnan(alone.standard_errors).all()


def test_tuning_to_a_line():
    parameter = np.repeat([-2.0, -1.0, 1.0, 2.0], 5)
    slopes = np.array([0.5, -3.0, 0.0])
    states = 1.0 + parameter[:, None, None] * slopes + np.zeros((20, 4, 1))
    curve = cl.tuning(states, parameter)
    np.testing.assert_array_equal(curve.values, [-2, -1, 1, 2])
    np.testing.assert_allclose(curve.means, 1.0 + curve.values[:, None] * slopes)
    np.testing.assert_allclose(curve.slopes, slopes, atol=1e-12)
    np.testing.assert_allclose(curve.correlations, [1, -1, 0], atol=1e-12)
    np.testing.assert_allclose(curve.preferred[:2], [2, -2])
    np.testing.assert_array_equal(curve.counts, [5] * 4)


def test_tuning_in_a_window_and_in_bins(states):
    parameter = np.random.default_rng(1).normal(size=12)
    curve = cl.tuning(states, parameter, window=(2, 5), n_bins=3)
    order = np.argsort(parameter)
    response = states[:, 2:5].mean(1)
    for index, chosen in enumerate(np.split(order, 3)):
        np.testing.assert_allclose(curve.means[index], response[chosen].mean(0))
        assert curve.values[index] == pytest.approx(parameter[chosen].mean())
        error = response[chosen].std(0, ddof=1) / 2.0
        np.testing.assert_allclose(curve.standard_errors[index], error, rtol=1e-8)
    for unit in range(5):
        slope, _ = np.polyfit(parameter, response[:, unit], 1)
        assert curve.slopes[unit] == pytest.approx(slope)
        r = np.corrcoef(parameter, response[:, unit])[0, 1]
        assert curve.correlations[unit] == pytest.approx(r)


def test_weights_are_sorted_by_population():
    model = cl.ConstrainedRNN(
        1, 2, 5, signs=[-1, 1, 1, -1, 0], populations={"A": 2, "B": 3}, key=jax.random.key(0)
    )
    view = cl.weights(model)
    np.testing.assert_array_equal(view.order, [1, 0, 2, 4, 3])
    assert view.names == ("A 2", "A 1", "B 1", "B 3", "B 2")
    np.testing.assert_array_equal(view.signs, [1, -1, 1, 0, -1])
    np.testing.assert_array_equal(view.members("B"), [2, 3, 4])
    for to, source in np.ndindex(5, 5):
        assert view.w_rec[to, source] == model.w_rec[view.order[to], view.order[source]]
    np.testing.assert_array_equal(view.w_in, model.w_in[view.order])
    np.testing.assert_array_equal(view.w_out, model.w_out[:, view.order])
    plain = cl.VanillaRNN(1, 1, 3, key=jax.random.key(0))
    np.testing.assert_array_equal(cl.weights(plain).w_rec, plain.core.recurrent_weight[0])
    with pytest.raises(TypeError, match="a GRU has no single matrix of weights between units"):
        cl.weights(cl.GRU(1, 1, 3, key=jax.random.key(0)))
    with pytest.raises(TypeError, match="a GRU has no single matrix of weights between units"):
        cl.weights(cl.GRU(1, 1, 3, key=jax.random.key(0)), layer=2)  # it spoke of its layers
    with pytest.raises(ValueError, match="layer = 2; expected 1, as the network has one layer"):
        cl.weights(plain, layer=2)
    with pytest.raises(ValueError, match="there is no population 'C'; known are A, B"):
        view.members("C")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: cl.activity_pca(s, n=6), "n is 6, expected 1 to 5: there are 5 units and 84 trials"),
        (lambda s: cl.condition_averages(s, [0, 1]), r"conditions has shape \(2,\), expected \(12,\)"),
        (lambda s: cl.tuning(s, np.full(12, np.nan)), "parameter has values that are not finite"),
        (
            lambda s: cl.tuning(s, np.arange(12), window=(3, 9)),
            r"window is \(3, 9\), expected .* within 0 to 7",
        ),
        (lambda s: cl.tuning(s, np.arange(12), n_bins=13), "n_bins is 13, expected 1 to 12"),
        (lambda s: cl.activity_pca(s, valid=np.zeros((12, 7), bool)), "no trial is valid"),
    ],
)
def test_what_does_not_fit_is_refused(call, message, states):
    with pytest.raises(ValueError, match=message):
        call(states)
