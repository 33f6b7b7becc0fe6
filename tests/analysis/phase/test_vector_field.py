"""Vector fields, logit portraits and dimensions of systems that are known."""

import numpy as np
import pytest
from known_systems import MATRIX, OFFSETS, linear_system, two_choices

import cogrnn_lab as cl

THREE = np.array([[0.8, 0.1, 0.3], [-0.1, 0.7, 0.2], [0.0, 0.0, 0.5]])
OFFSETS_OF_THREE = np.column_stack([OFFSETS, [0.1, 0.2, 0.3, 0.4]])


def test_the_field_is_the_change_that_the_systems_own_equation_makes():
    data = two_choices()
    field = cl.vector_field(
        linear_system(THREE, OFFSETS_OF_THREE), data, ("latent 1", "latent 2"), n_points=5
    )
    along = cl.latents(linear_system(THREE, OFFSETS_OF_THREE), data).states[:, :-1]
    held = along[..., 2].mean()
    assert field.axes.names == ("latent 1", "latent 2")
    for o, i, j in [(0, 0, 0), (1, 4, 2), (3, 2, 3)]:
        state = np.array([field.x[i], field.y[j], held])
        moved = THREE @ state + OFFSETS_OF_THREE[o] - state
        np.testing.assert_allclose(field.change[o, i, j], moved[:2], atol=1e-5)
        assert field.off_plane[o, i, j] == pytest.approx(abs(moved[2]), abs=1e-5)
    assert field.x[0] < along[..., 0].min() < along[..., 0].max() < field.x[-1]


def test_the_field_knows_where_the_data_are_under_each_observation():
    field = cl.vector_field(linear_system(), two_choices())
    assert field.observation_labels[1] == "left, rewarded"
    np.testing.assert_allclose(field.density.sum((1, 2)), 1.0)
    assert field.share.sum() == pytest.approx(1.0)
    assert (field.share > 0.15).all()


def test_components_turn_the_field_and_lose_nothing():
    data, model = two_choices(), linear_system()
    plain = cl.vector_field(model, data, (0, 1))
    turned = cl.vector_field(model, data, "components", n_points=4)
    assert plain.axes.names == ("latent 1", "latent 2")
    assert turned.axes.names == ("component 1", "component 2")
    state = turned.axes.lift(np.array([turned.x[1], turned.y[2]]))
    moved = turned.change[2, 1, 2] @ turned.axes.directions
    np.testing.assert_allclose(moved, MATRIX @ state + OFFSETS[2] - state, atol=1e-5)
    np.testing.assert_allclose(turned.off_plane, 0.0, atol=1e-5)
    np.testing.assert_allclose(turned.axes.project(state), [turned.x[1], turned.y[2]], atol=1e-9)


def test_a_run_of_a_disentangled_network_shows_the_latents_that_tell_most():
    model = cl.DisRNN(2, 2, 4, key=0)
    data = two_choices(2, 30)
    bits = cl.latent_contributions(model, data).bits
    field = cl.vector_field(model, data, n_points=3)
    assert set(field.axes.names) == {f"latent {i + 1}" for i in np.argsort(-bits)[:2]}


def test_three_arms_and_agents_are_told_in_words():
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(n_arms=3), n_sessions=4, n_trials=60)
    field = cl.vector_field(cl.QLearning(0.25), data, (0, 2), n_points=4)
    assert set(field.observation_labels) == {
        f"choice {arm}, {outcome}" for arm in range(3) for outcome in ("rewarded", "unrewarded")
    }
    i = field.observation_labels.index("choice 2, rewarded")
    np.testing.assert_allclose(field.change[i, ..., 0], 0.0, atol=1e-6)
    np.testing.assert_allclose(field.change[i, 0, :, 1], 0.25 * (1 - field.y), atol=1e-5)
    of_network = cl.vector_field(cl.GRU(4, 3, 3, key=0), data, n_points=3)
    assert set(of_network.observation_labels) >= set(field.observation_labels)


def test_many_arms_are_each_told_and_none_is_taken_for_its_neighbor():
    """Six indices of choices were taken as an amount, of which three quantiles were shown."""
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(n_arms=6), n_sessions=6, n_trials=150)
    field = cl.vector_field(cl.QLearning(), data, (0, 5), n_points=3)
    assert len(field.observation_labels) == 12
    last = data.choices[:, :-1]
    paid = data.rewards[:, :-1]
    i = field.observation_labels.index("choice 4, rewarded")
    assert field.share[i] == pytest.approx(((last == 4) & (paid == 1)).mean(), abs=1e-6)


def test_an_input_that_is_an_amount_is_shown_at_quantiles():
    draw = np.random.default_rng(0)
    tone = draw.normal(size=(4, 50, 1))
    data = cl.Dataset(tone, (tone > 0).astype(float), input_names=["tone"])
    field = cl.vector_field(cl.GRU(1, 2, 3, key=0), data, n_points=3)
    low, middle, high = np.quantile(tone, [0.1, 0.5, 0.9])
    np.testing.assert_allclose(field.observations[:, 0], [low, middle, high], atol=1e-6)
    assert field.observation_labels[2] == f"tone {high:.3g}"
    np.testing.assert_allclose(field.share, 1 / 3, atol=0.15)


def test_the_portrait_of_one_variable_is_a_line_to_its_target():
    model = linear_system(np.array([[0.75]]), np.array([[-0.5], [0.25], [0.0], [0.5]]), [[0.0], [2.0]])
    portrait = cl.logit_portrait(model, two_choices())
    np.testing.assert_allclose(portrait.slope[:, 0], -0.25, atol=1e-4)
    np.testing.assert_allclose(portrait.target[:, 0], [-4.0, 2.0, 0.0, 4.0], atol=1e-3)
    np.testing.assert_allclose(portrait.r2, 1.0, atol=1e-4)
    middle = np.isfinite(portrait.mean[3, 0])
    assert middle.sum() > 3
    assert portrait.choice_names == ("left", "right")


def test_the_portrait_of_two_variables_is_no_line():
    portrait = cl.logit_portrait(cl.QLearning(0.3, 3.0), two_choices())
    rewarded = portrait.observation_labels.index("right, rewarded")
    assert portrait.r2[rewarded, 0] < 0.9


def test_the_effective_dimension_counts_directions():
    along_one = linear_system(np.zeros((2, 2)), np.outer([-1.0, -0.3, 0.4, 1.0], [1.0, 2.0]))
    both = linear_system(np.zeros((2, 2)), np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]))
    data = two_choices()
    assert cl.effective_dimension(along_one, data) == pytest.approx(1.0, abs=1e-4)
    assert cl.effective_dimension(both, data) == pytest.approx(2.0, abs=0.03)
    never = linear_system(np.zeros((2, 2)), np.zeros((4, 2)))
    assert cl.effective_dimension(never, data) == 0.0


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        (("latent 1", "latent 3"), "no 'latent 3'; the latents are latent 1 to latent 2"),
        ((0, 2), "no latent 2: the network has 2, counted from 0"),
        (("latent 1", "latent 1"), "expected two different ones"),
        (("latent 1", "component 2"), "not one of each"),
        ("latents", "expected 'components'"),
        (("component 1", "component 3"), "components go from 1 to 2"),
    ],
)
def test_axes_that_do_not_exist_are_refused(axes, message):
    with pytest.raises(ValueError, match=message):
        cl.vector_field(linear_system(), two_choices(2, 20), axes)


def test_a_single_latent_has_no_plane():
    one = linear_system(np.array([[0.5]]), np.ones((4, 1)))
    with pytest.raises(ValueError, match="has one latent, and a plane needs two"):
        cl.vector_field(one, two_choices(2, 20))
