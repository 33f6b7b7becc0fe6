"""Causal experiments on a network whose wiring is known, along data and as it plays."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl

TASK = cl.BlockBandit()


@pytest.fixture(scope="module")
def network() -> cl.DisRNN:
    """Two latents, of which only the first reaches the choice, and only the reward reaches the second."""
    made = cl.DisRNN(2, 2, 2, update_width=6, update_depth=1, choice_depth=0, key=jax.random.key(3))

    def parts(m):
        core = m.core
        return [
            core.choice_latent.multiplier, core.choice_latent.spread, core.choice_net.out_weight,
            core.update_input.multiplier, core.update_latent.multiplier,
        ]  # fmt: skip

    new = [
        jnp.array([1.0, 0.0]), jnp.array([0.01, 1.0]), 4.0 * made.core.choice_net.out_weight,
        jnp.array([[1.0, 0.0], [1.0, 1.0]]), jnp.array([[1.0, 0.0], [0.0, 1.0]]),
    ]  # fmt: skip
    made = eqx.tree_at(parts, made, new)
    return made.with_names(input_names=("previous choice", "previous reward"), class_names=("0", "1"))


@pytest.fixture(scope="module")
def data(network) -> cl.Dataset:
    return cl.simulate(cl.NetworkAgent(network), TASK, n_sessions=8, n_trials=80, seed=1)


def test_closing_the_only_open_channel_gives_chance(network, data):
    effect = cl.perturb(network, data, cl.Perturbation(channels={"latent 1 -> choice": 0.0}))
    assert effect.loop == "open"
    assert effect.likelihood_before > 0.52
    assert effect.likelihood_after == pytest.approx(0.5, abs=1e-6)
    np.testing.assert_allclose([effect.after.win_stay, effect.after.lose_shift], 0.5, atol=1e-6)
    np.testing.assert_allclose(effect.states_after, effect.states_before, atol=1e-6)
    played = cl.perturb(
        network,
        data,
        cl.Perturbation(channels={"latent 1 -> choice": 0.0}),
        closed_loop=True,
        environment=TASK,
    )
    low, high = (played.after.stay_and_shift.low, played.after.stay_and_shift.high)
    assert ((low < 0.5) & (high > 0.5)).all()
    rows = played.differences.set_index("condition")
    assert (rows.loc["win-stay", "low"] > 0) == (played.before.win_stay < 0.5)
    assert len(played.notes) == 1
    assert "latent 1 -> choice x 0 (closed loop)" in played.text


def test_what_has_no_effect_is_said(network, data):
    closed = cl.perturb(network, data, cl.Perturbation(channels={"latent 2 -> choice": 0.0}))
    assert closed.notes[0].startswith("latent 2 -> choice was closed already (openness 0.00)")
    assert "Without effect: no probability of a choice changes." in closed.text
    lesioned = cl.perturb(network, data, cl.Perturbation(lesion=["latent 2"]))
    assert "Without effect" in lesioned.text
    assert np.abs(lesioned.states_after[..., 1]).max() == 0
    assert lesioned.differences["difference"].abs().max() < 1e-6
    assert "Win-stay" not in lesioned.text
    played = cl.perturb(
        network, data, cl.Perturbation(lesion=["latent 2"]), closed_loop=True, environment=TASK
    )
    assert "plays the same choices" in played.text
    with pytest.raises(ValueError, match="changes nothing"):
        cl.perturb(network, data, cl.Perturbation())


def test_the_unperturbed_part_is_the_network_as_it_plays(network, data):
    effect = cl.perturb(
        network, data, cl.Perturbation(lesion=["latent 1"]), closed_loop=True, environment=TASK, seed=1
    )
    np.testing.assert_array_equal(effect.before.dataset.choices, data.choices)
    made = jax.nn.softmax(effect.outputs_after)
    played = effect.after.dataset
    p = np.take_along_axis(np.asarray(made), played.choices[..., None], 2)[..., 0]
    np.testing.assert_allclose(p, played.columns["p_choice"], atol=1e-5)


def test_a_clamped_latent_has_the_value_at_the_chosen_trials(network, data):
    change = cl.Perturbation(clamp={"latent 1": 0.7}, during=(10, 20))
    for how in ({}, {"closed_loop": True, "environment": TASK}):
        states = cl.perturb(network, data, change, **how).states_after
        np.testing.assert_allclose(states[:, 10:20, 0], 0.7)
        assert np.abs(states[:, 20:, 0] - 0.7).min() > 1e-3
    free = cl.perturb(network, data, change)
    np.testing.assert_allclose(free.states_after[:, :10], free.states_before[:, :10], atol=1e-6)
    # Chosen trials may differ between sessions: here those after a win.
    won = np.zeros((8, 80), bool)
    won[:, 1:] = data.rewards[:, :-1] == 1
    after_wins = cl.perturb(network, data, cl.Perturbation(clamp={"latent 1": -1.0}, during=won))
    np.testing.assert_array_equal(after_wins.states_after[..., 0] == -1.0, won)


def test_a_patched_latent_is_that_of_the_other_session(network, data):
    effect = cl.perturb(network, data, cl.Perturbation(patch={"latent 1": 3}))
    np.testing.assert_allclose(effect.states_after[5, :, 0], effect.states_before[3, :, 0], atol=1e-6)
    np.testing.assert_allclose(effect.outputs_after[5], effect.outputs_after[3], atol=1e-5)
    np.testing.assert_allclose(effect.outputs_after[3], effect.outputs_before[3], atol=1e-5)
    rolled = cl.perturb(network, np.asarray(data.inputs), cl.Perturbation(patch={0: 3}))
    np.testing.assert_allclose(rolled.outputs, effect.outputs_after, atol=1e-5)


def test_channels_are_found_by_their_names(network, data):
    inputs = np.asarray(data.inputs)

    def outputs(**change):
        return np.asarray(cl.perturb(network, inputs, cl.Perturbation(**change)).outputs)

    by_path = outputs(weight_scale={"core.update_input.multiplier": np.array([[1.0, 1.0], [0.0, 1.0]])})
    np.testing.assert_array_equal(outputs(channels={"previous reward -> latent 1": 0.0}), by_path)
    np.testing.assert_array_equal(outputs(channels={"previous reward → latent 1": 0.0}), by_path)
    both = outputs(channels={"previous reward": 0.0})
    unseen = inputs.copy()
    unseen[..., 1] = 0.0
    np.testing.assert_allclose(both, cl.rollout(network, unseen).outputs, atol=1e-6)
    half = outputs(weights={"core.choice_latent.multiplier": np.array([0.5, 0.0])})
    np.testing.assert_allclose(outputs(channels={"choice_latent": 0.5}), half, atol=1e-6)
    assert np.abs(half - by_path).max() > 1e-3
    np.testing.assert_array_equal(outputs(channels={"latent 1": 0.0}), outputs(lesion=[0]))


def test_exchanged_weights_are_those_of_another_network():
    inputs = np.random.default_rng(0).normal(size=(2, 6, 2)).astype(np.float32)
    model = cl.ConstrainedRNN(2, 2, 5, key=jax.random.key(0))
    edited = cl.perturb(model, inputs, cl.Perturbation(weights={"w_out": np.ones((2, 5))}))
    np.testing.assert_allclose(
        edited.outputs, cl.rollout(cl.with_weights(model, w_out=np.ones((2, 5))), inputs).outputs, atol=1e-5
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"channels": {"latent 3 -> choice": 0.0}}, "Sources are latent 1, latent 2, previous choice"),
        ({"channels": {"latent 1 -> choice": np.nan}}, "expected one number: 0 closes"),
        ({"clamp": {"latent 3": 0.0}}, "clamp names 'latent 3', expected 'latent 1' to 'latent 2'"),
        ({"clamp": {"latent 1": [0.0, 1.0]}}, r"clamp\['latent 1'\] has shape \(2,\)"),
        ({"patch": {"latent 1": 9}}, "index of a session from 0 to 7"),
        ({"patch": {"latent 1": 1}, "clamp": {"latent 1": 0.0}}, "both clamped and patched"),
        ({"lesion": ["latent 0"]}, "lesion names 'latent 0'"),
        ({"lesion": [0], "during": np.zeros(80, bool)}, "nothing would happen"),
        ({"weights": {"core.start": [1.0]}}, r"weights\['core.start'\] has shape \(1,\)"),
    ],
)
def test_what_does_not_fit_is_refused(network, data, wrong, message):
    with pytest.raises(ValueError, match=message):
        cl.perturb(network, data, cl.Perturbation(**wrong))


def test_a_network_without_bottlenecks_has_no_channels(data):
    gru = cl.GRU(2, 2, 3, key=jax.random.key(0))
    with pytest.raises(ValueError, match="a GRU has no bottlenecks; lesion or clamp its units"):
        cl.perturb(gru, data, cl.Perturbation(channels={"latent 1 -> choice": 0.0}))
    effect = cl.perturb(gru, data, cl.Perturbation(lesion=["latent 2"]), closed_loop=True, environment=TASK)
    assert np.abs(effect.states_after[..., 1]).max() == 0


def test_arguments_of_the_two_ways_are_not_mixed(network, data):
    with pytest.raises(ValueError, match="goes with a data set"):
        cl.perturb(network, np.asarray(data.inputs), cl.Perturbation(lesion=[0]), closed_loop=True)
    with pytest.raises(ValueError, match="without noise"):
        cl.perturb(network, data, cl.Perturbation(lesion=[0]), key=0)
    with pytest.raises(ValueError, match="closed_loop=True"):
        cl.perturb(network, data, cl.Perturbation(lesion=[0]), environment=TASK)


def test_every_subject_keeps_its_own_network():
    model = cl.MultisubjectDisRNN(2, 2, 2, n_subjects=2, key=jax.random.key(0))
    model = model.with_subject_names(("1", "0"))
    data = cl.simulate(cl.QLearning([0.2, 0.8]), TASK, n_sessions=2, n_trials=40)
    effect = cl.perturb(model, data, cl.Perturbation(lesion=[0]), closed_loop=True, environment=TASK)
    p = np.take_along_axis(
        np.asarray(jax.nn.softmax(effect.outputs_after)), effect.after.dataset.choices[..., None], 2
    )
    np.testing.assert_allclose(p[..., 0], effect.after.dataset.columns["p_choice"], atol=1e-5)
