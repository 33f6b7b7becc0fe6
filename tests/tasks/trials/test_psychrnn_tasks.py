"""The three tasks of PsychRNN 1.0.0: distributions, single trials and noise against what it makes itself."""

import json

import jax
import numpy as np
import pytest
from scipy import stats

import cogrnn_lab as cl
from cogrnn_lab.tasks.trials.library.stimulus_noise import (
    psychrnn_noise_scale,
    psychrnn_ring_noise_scale,
    white_noise_scale,
)

TASKS = {
    "PerceptualDiscrimination": cl.PerceptualDiscrimination,
    "DelayedDiscrimination": cl.DelayedDiscrimination,
    "MatchToCategory": cl.MatchToCategory,
}
N_OURS, N_REFERENCE = 4000, 2000
LARGEST_Z = 5.0


@pytest.fixture(scope="module", params=TASKS)
def case(request, parity):
    """Name, reference values, and a batch of ours."""
    reference = np.load(parity / f"psychrnn_task_{request.param}_21.npz", allow_pickle=False)
    config = json.loads(str(reference["config"]))
    task = TASKS[request.param](dt=config["dt"], tau=config["tau"], duration=config["T"])
    batch = jax.device_get(task.batch(jax.random.key(21), N_OURS))
    return request.param, reference, task, batch


def largest_z(ours, theirs, spread):
    """Largest |z| of a difference of means; where nothing varies, both have to be the same."""
    error = spread * np.sqrt(1 / N_OURS + 1 / N_REFERENCE)
    fixed = spread < 1e-7
    np.testing.assert_allclose(ours[fixed], theirs[fixed], atol=1e-6)
    return np.abs((ours - theirs)[~fixed] / error[~fixed]).max(initial=0.0)


def well_counted(inputs, reference):
    """Times at which 20 stimuli or more are expected in the reference, or neither has a single one.

    Where a handful of 2000 trials has a stimulus, means and deviations are not normally distributed.
    """
    noise = inputs[:, 0].std()
    n_shown = (np.abs(inputs) > 6 * noise).any(2).sum(0) * N_REFERENCE / N_OURS
    silent = (n_shown == 0) & (reference["input_std_t"] < 1.1 * noise).all(1)
    enough = (n_shown >= 20) | silent
    assert enough.mean() > 0.8
    return enough


def test_mean_inputs_at_every_time(case):
    _, reference, _, batch = case
    inputs = np.asarray(batch.inputs, np.float64)
    spread = np.sqrt((inputs.var(0) + reference["input_std_t"] ** 2) / 2)
    enough = well_counted(inputs, reference)
    theirs = reference["input_mean_t"]
    assert largest_z(inputs.mean(0)[enough], theirs[enough], spread[enough]) < LARGEST_Z


def test_spread_of_the_inputs_at_every_time(case):
    _, reference, _, batch = case
    inputs = np.asarray(batch.inputs, np.float64)
    deviation = inputs - inputs.mean(0)
    variance, fourth = (deviation**2).mean(0), (deviation**4).mean(0)
    spread = np.sqrt((fourth - variance**2) / (4 * variance))
    enough = well_counted(inputs, reference)
    theirs = reference["input_std_t"]
    assert largest_z(np.sqrt(variance)[enough], theirs[enough], spread[enough]) < LARGEST_Z


def test_when_targets_count(case):
    """Fisher's exact test at every time."""
    _, reference, _, batch = case
    ours = np.asarray(batch.mask).sum(0)
    theirs = np.rint(reference["mask_mean_t"] * N_REFERENCE).astype(int)
    drawn = stats.hypergeom(N_OURS + N_REFERENCE, ours + theirs, N_REFERENCE)
    below, above = drawn.cdf(theirs), drawn.sf(theirs - 1)
    assert np.minimum(below, above).min() > 1e-6
    always = np.isin(ours, (0, N_OURS))
    if always.all():
        np.testing.assert_array_equal(ours // N_OURS, theirs // N_REFERENCE)


def test_mean_targets_at_every_time(case):
    _, reference, _, batch = case
    ours, theirs = np.asarray(batch.targets, np.float64), reference["target_mean_t"]
    n_shown = (ours > 0).sum(0) * N_REFERENCE / N_OURS
    enough = (n_shown >= 20).all(1)
    assert enough.sum() >= 80
    assert largest_z(ours.mean(0)[enough], theirs[enough], ours.std(0)[enough]) < LARGEST_Z
    never = reference["mask_mean_t"].max(1) == 0
    assert not theirs[never].any()


def test_parameters_are_named_and_distributed_as_in_the_reference(case):
    _, reference, _, batch = case
    names = json.loads(str(reference["param_names"]))
    assert sorted(batch.parameters) == sorted(names)
    for name in names:
        theirs, ours = reference[f"p_{name}"], np.asarray(batch.parameters[name], np.float64)
        kinds = np.unique(theirs.astype(np.float32))
        if kinds.size == 1:
            np.testing.assert_allclose(ours, theirs[0], rtol=1e-6)
        elif kinds.size <= 10:
            np.testing.assert_allclose(np.unique(ours), kinds, rtol=1e-6)
            table = [[np.isclose(values, kind).sum() for kind in kinds] for values in (ours, theirs)]
            assert stats.chi2_contingency(table).pvalue > 1e-4, name
        else:
            assert stats.ks_2samp(ours, theirs).pvalue > 1e-4, name


def test_pairs_of_frequencies(parity):
    reference = np.load(parity / "psychrnn_task_DelayedDiscrimination_21.npz", allow_pickle=False)
    batch = cl.DelayedDiscrimination().batch(jax.random.key(3), 2000)

    def pairs(f1, f2, choice):
        triples = np.stack([np.asarray(x, int) for x in (f1, f2, choice)])
        return np.unique(triples, axis=1, return_counts=True)

    theirs, n_theirs = pairs(*(reference[f"p_{name}"] for name in ("f1", "f2", "choice")))
    ours, n_ours = pairs(*(batch.parameters[name] for name in ("f1", "f2", "choice")))
    np.testing.assert_array_equal(ours, theirs)
    assert stats.chi2_contingency([n_ours, n_theirs]).pvalue > 1e-4


def test_coding_of_the_targets_is_the_same(case):
    _, reference, _, batch = case
    np.testing.assert_array_equal(np.unique(batch.targets), np.unique(reference["example_targets"]))


def same_trial(task, reference, i, **wanted):
    """Our trial of the same parameters as example `i`, up to the noise."""
    batch = jax.device_get(task.batch(jax.random.key(0), 200))
    matching = np.all([np.isclose(batch.parameters[name], value) for name, value in wanted.items()], axis=0)
    trial = np.flatnonzero(matching)[0]
    np.testing.assert_array_equal(batch.targets[trial], reference["example_targets"][i])
    np.testing.assert_array_equal(batch.mask[trial], reference["example_masks"][i] > 0)
    return reference["example_inputs"][i] - batch.inputs[trial]


def test_single_trials_of_perceptual_discrimination(parity):
    reference = np.load(parity / "psychrnn_task_PerceptualDiscrimination_21.npz", allow_pickle=False)
    noise = []
    for i in range(8):
        onset, length = (float(reference[f"p_{name}"][i]) for name in ("onset_time", "stim_duration"))
        coherence, direction = reference["p_coherence"][i], reference["p_direction"][i]
        task = cl.PerceptualDiscrimination(
            coherences=(0.1, float(coherence)),
            stim_noise=0.0,
            onset=(onset, onset),
            stimulus=(length, length),
        )
        noise.append(same_trial(task, reference, i, coherence=coherence, direction=direction))
    check_noise(np.stack(noise), psychrnn_noise_scale(0.1, 10.0))


def test_single_trials_of_delayed_discrimination(parity):
    reference = np.load(parity / "psychrnn_task_DelayedDiscrimination_21.npz", allow_pickle=False)
    noise = []
    for i in range(8):
        starts = [
            float(reference[f"p_{n}"][i]) for n in ("stimulus_1", "delay", "stimulus_2", "decision", "end")
        ]
        periods = dict(
            zip(
                ("onset", "first_stimulus", "delay", "second_stimulus", "decision"),
                [(length, length) for length in np.diff([0.0, *starts]).tolist()],
                strict=True,
            )
        )
        task = cl.DelayedDiscrimination(stim_noise=0.0, **periods)
        wanted = {name: reference[f"p_{name}"][i] for name in ("f1", "f2")}
        noise.append(same_trial(task, reference, i, **wanted))
    check_noise(np.stack(noise), psychrnn_noise_scale(0.1, 10.0))


def check_noise(noise, scale):
    assert abs(noise.mean()) < 5 * scale / np.sqrt(noise.size)
    assert abs(noise.std() / scale - 1) < 5 / np.sqrt(2 * noise.size)


def bump(angle, n_units):
    """Density of the distance around the circle from each unit's direction."""
    directions = 2 * np.pi * np.arange(n_units) / (n_units - 1)
    return stats.norm.pdf(np.angle(np.exp(1j * (directions - angle))))


def test_single_trials_of_match_to_category(parity):
    reference = np.load(parity / "psychrnn_task_MatchToCategory_21.npz", allow_pickle=False)
    batch = jax.device_get(cl.MatchToCategory(stim_noise=0.0).batch(jax.random.key(0), 64))
    category = batch.parameters["category"]
    for i in range(8):
        shown = reference["example_inputs"][i, 20:120].mean(0)
        np.testing.assert_allclose(shown, bump(reference["p_angle"][i], 16), atol=5 * 0.005 / 10)
        same = np.flatnonzero(category == reference["p_category"][i])[0]
        np.testing.assert_array_equal(batch.targets[same], reference["example_targets"][i])
        np.testing.assert_array_equal(batch.mask[same], reference["example_masks"][i] > 0)
    for trial in range(64):
        angle = float(batch.parameters["angle"][trial])
        np.testing.assert_allclose(batch.inputs[trial, 20:120], np.tile(bump(angle, 16), (100, 1)), atol=1e-5)
        assert not batch.inputs[trial, :20].any()
        assert not batch.inputs[trial, 120:].any()
        assert category[trial] == int(angle >= np.pi)


# Standard deviations that PsychRNN 1.0.0 gave for 20,000 draws at stim_noise 0.1, by (dt, tau).
REFERENCE_NOISE = {
    (10, 100): (0.04472, 0.005),
    (5, 100): (0.03763, 0.01),
    (20, 50): (0.0530, 0.0025),
    (10, 10): (0.04450, 0.005),
}


@pytest.mark.parametrize(("times", "noise"), REFERENCE_NOISE.items())
def test_noise_depends_on_dt_alone_as_in_the_reference(times, noise):
    dt, _ = times
    assert psychrnn_noise_scale(0.1, float(dt)) == pytest.approx(noise[0], rel=0.01)
    assert psychrnn_ring_noise_scale(0.1, float(dt)) == pytest.approx(noise[1], rel=0.01)


@pytest.mark.parametrize(("dt", "tau"), [(5.0, 100.0), (20.0, 50.0)])
def test_noise_of_trials_at_other_times(dt, tau):
    perceptual = cl.PerceptualDiscrimination(dt=dt, tau=tau, coherences=(0.0,), onset=(1900, 2000))
    batch = perceptual.batch(jax.random.key(0), 50)
    check_noise(np.asarray(batch.inputs)[:, : int(1900 / dt)], psychrnn_noise_scale(0.1, dt))
    ring = cl.MatchToCategory(dt=dt, tau=tau).batch(jax.random.key(0), 50)
    check_noise(np.asarray(ring.inputs)[:, : int(200 / dt)], psychrnn_ring_noise_scale(0.1, dt))


def test_both_kinds_of_noise_meet_at_the_usual_times():
    assert psychrnn_noise_scale(0.1, 10.0) == pytest.approx(np.sqrt(2 * 0.1) * 0.1)
    # the same sum over any stretch of time
    per_second = [white_noise_scale(0.01, dt, 100.0) * dt * np.sqrt(1000 / dt) for dt in (1.0, 5.0, 20.0)]
    np.testing.assert_allclose(per_second, per_second[0])
