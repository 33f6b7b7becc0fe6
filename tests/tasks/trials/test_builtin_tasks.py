"""The built-in tasks: what is shown is what the parameters say, and observers whose score is known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl

N = 600
TASKS = {
    "perceptual": cl.PerceptualDiscrimination(),
    "delayed": cl.DelayedDiscrimination(),
    "category": cl.MatchToCategory(n_categories=3),
    "flip flop": cl.FlipFlop(),
    "context": cl.ContextIntegration(),
    "match": cl.DelayedMatchToSample(),
    "go": cl.GoNoGo(p_go=0.7),
    "multisensory": cl.MultisensoryIntegration(),
    "interval": cl.IntervalReproduction(),
    "reward": cl.RewardBiasedDiscrimination(),
}
CHANCE = {"category": 1 / 3, "flip flop": 0.5, "go": 0.5, "interval": None}
_made = {}


@pytest.fixture(params=TASKS)
def case(request):
    return request.param, TASKS[request.param], made(request.param)


def made(name):
    """A batch of the task; compiled once for all tests."""
    if name not in _made:
        _made[name] = jax.device_get(TASKS[name].batch(jax.random.key(11), N))
    return _made[name]


def test_shapes_numbers_and_names(case):
    _, task, batch = case
    assert batch.inputs.shape == (N, task.n_steps, task.n_inputs)
    assert batch.targets.shape == batch.mask.shape == (N, task.n_steps, task.n_targets)
    assert np.isfinite(batch.inputs).all()
    assert np.isfinite(batch.targets).all()
    assert batch.mask.dtype == bool
    assert len(set(task.input_names)) == task.n_inputs
    assert len(set(task.target_names)) == task.n_outputs
    assert task.kind == "continuous"
    assert all(values.shape == (N,) for values in batch.parameters.values())
    # a choice is asked for in every trial, but where PsychRNN's decision period falls between two steps
    assert batch.mask.any((1, 2)).mean() > 0.9
    assert type(task).__doc__.count("(") > 0


def test_the_ideal_observer_is_always_right(case):
    _, task, batch = case
    accuracy = np.asarray(task.accuracy(batch.targets, batch))
    assert accuracy.shape == (N,)
    np.testing.assert_array_equal(np.isnan(accuracy), ~batch.mask.any((1, 2)))
    assert np.nanmin(accuracy) == 1.0


def test_a_coin_is_right_by_chance(case):
    name, task, batch = case
    rng = np.random.default_rng(0)
    shape = (N, 1, batch.targets.shape[2])
    guesses = np.broadcast_to(rng.normal(size=shape), batch.targets.shape)
    if name == "go":
        guesses = guesses + 0.5
    accuracy = np.asarray(task.accuracy(guesses, batch))
    chance = CHANCE.get(name, 0.5)
    if chance is None:  # no ramp, no response at the right time
        assert accuracy.max() == 0.0
    else:
        assert abs(np.nanmean(accuracy) - chance) < 5 * np.sqrt(chance * (1 - chance) / N)


def test_the_opposite_observer_is_never_right(case):
    _, task, batch = case
    opposite = 1.0 - batch.targets if "response" in task.target_names else -batch.targets
    assert np.nanmax(task.accuracy(opposite, batch)) == 0.0


def test_what_does_not_count_does_not_score(case):
    name, task, batch = case
    rng = np.random.default_rng(1)
    elsewhere = np.where(batch.mask, batch.targets, rng.normal(size=batch.targets.shape) * 100)
    if name == "interval":  # before set; after the window the response was already made
        elsewhere = np.where(batch.mask.cumsum(1) > 0, batch.targets, elsewhere)
    assert np.nanmin(task.accuracy(elsewhere, batch)) == 1.0


def during(task, start, end):
    """Bool (trial, time) for a start and an end in each trial."""
    start, end = (np.broadcast_to(np.asarray(t, np.float64), N)[:, None] for t in (start, end))
    return (task.times[None] >= start) & (task.times[None] < end)


def mean_during(values, when):
    return (values * when[..., None]).sum(1) / when.sum(1)[:, None]


def rows(values, index):
    return np.take_along_axis(values, np.asarray(index)[:, None], axis=1)[:, 0]


def test_coherence_is_what_separates_the_inputs():
    task, batch = TASKS["perceptual"], made("perceptual")
    p = batch.parameters
    shown = during(task, p["onset_time"] + 1e-3, p["onset_time"] + p["stim_duration"])
    mean = mean_during(batch.inputs, shown)
    right = p["direction"]
    difference = rows(mean, right) - rows(mean, 1 - right)
    error = 0.0448 * np.sqrt(2 / shown.sum(1))
    assert (np.abs(difference - p["coherence"]) < 5 * error).all()
    assert np.abs(rows(mean, 1 - right) - 1.0).max() < 5 * 0.0448 / np.sqrt(shown.sum(1).min())
    evidence = (batch.inputs * shown[..., None]).sum(1)
    observer = np.broadcast_to(evidence[:, None], batch.targets.shape)
    assert np.mean(task.accuracy(observer, batch)) == 1.0
    np.testing.assert_array_equal(task.choices(observer, batch), p["direction"])


def test_fields_of_perceptual_discrimination():
    task = cl.PerceptualDiscrimination(
        coherences=(0.2,), onset=(100, 100), stimulus=(50, 50), decision_delay=0, high=2, low=-1, duration=300
    )
    batch = task.batch(jax.random.key(0), 5)
    assert set(np.unique(batch.targets)) == {-1.0, 0.0, 2.0}
    np.testing.assert_array_equal(batch.mask[0, :, 0], task.times >= 150)
    np.testing.assert_allclose(batch.parameters["coherence"], 0.2)


def test_frequencies_are_in_the_inputs():
    task, batch = TASKS["delayed"], made("delayed")
    p = batch.parameters
    for start, end, name in (("stimulus_1", "delay", "f1"), ("stimulus_2", "decision", "f2")):
        shown = during(task, p[start], p[end])
        long = shown.sum(1) >= 10
        mean = mean_during(batch.inputs[long], shown[long])
        np.testing.assert_allclose(
            mean[:, 0], 0.4 + 0.8 * (p[name][long] - 10) / 24, atol=5 * 0.0448 / np.sqrt(10)
        )
        np.testing.assert_allclose(mean.sum(1), 1.6, atol=5 * 0.0448 * np.sqrt(2 / 10))
    np.testing.assert_array_equal(p["choice"], p["f1"] < p["f2"])
    np.testing.assert_array_equal(np.abs(p["f1"] - p["f2"]), 8)


def test_angle_is_at_the_center_of_the_bump():
    task, batch = TASKS["category"], made("category")
    bump = batch.inputs[:, 20:120].mean(1)
    middle = 1 + np.argmax(bump[:, 1:-1], axis=1)
    apart = np.angle(np.exp(1j * (task.preferred[middle] - batch.parameters["angle"])))
    assert np.abs(apart).max() < 1.01 * np.pi / 15 + 2 * np.pi / 15
    slices = np.floor(batch.parameters["angle"] / (2 * np.pi / 3))
    np.testing.assert_array_equal(batch.parameters["category"], slices)
    np.testing.assert_array_equal(batch.targets[:, 150].argmax(1), slices)


def test_flip_flop_keeps_the_sign_of_the_last_pulse():
    task, batch = TASKS["flip flop"], made("flip flop")
    pulse = batch.inputs  # without noise
    assert set(np.unique(pulse)) == {-1.0, 0.0, 1.0}
    bits = np.zeros(pulse[:, 0].shape)
    for step in range(task.n_steps):
        bits = np.where(pulse[:, step] != 0, pulse[:, step], bits)
        np.testing.assert_array_equal(batch.targets[:, step], bits)
    assert not batch.mask[batch.targets == 0].any()
    # long after the last pulse everything counts
    quiet = (pulse[:, -20:] == 0).all(1) & (bits != 0)
    assert batch.mask[:, -1][quiet].all()
    expected = 2.0 * 2.0 * 3  # a rate of 2 per second, for 2 s, on 3 inputs
    assert abs(batch.parameters["n_pulses"].mean() - expected) < 5 * np.sqrt(expected / N)


def test_a_flip_flop_that_is_right_half_of_the_time():
    task, batch = TASKS["flip flop"], made("flip flop")
    half = batch.targets * np.array([1.0, 1.0, -1.0])
    assert np.nanmean(task.accuracy(half, batch)) == pytest.approx(2 / 3, abs=0.03)
    assert cl.FlipFlop(n_bits=1).n_outputs == 1


def test_evidence_and_context():
    task, batch = TASKS["context"], made("context")
    p = batch.parameters
    mean = mean_during(batch.inputs, during(task, 250.0, 1000.0))
    error = 0.05 * np.sqrt(20) / np.sqrt(75)
    both = np.stack([p["motion_coherence"], p["color_coherence"]], axis=1)
    assert np.abs(mean[:, :2] - both).max() < 5 * error
    np.testing.assert_array_equal(batch.inputs[:, :, 2:].argmax(2), np.repeat(p["context"][:, None], 160, 1))
    relevant = rows(both, p["context"])
    np.testing.assert_array_equal(p["choice"], relevant > 0)
    np.testing.assert_array_equal(batch.targets[:, -1, 0], np.sign(relevant))
    np.testing.assert_array_equal(np.unique(np.abs(both)), np.float32([0.05, 0.15, 0.5]))
    assert abs(np.corrcoef(both.T)[0, 1]) < 5 / np.sqrt(N)
    assert abs(p["context"].mean() - 0.5) < 5 * 0.5 / np.sqrt(N)


def test_sample_delay_and_test():
    task, batch = TASKS["match"], made("match")
    p = batch.parameters
    sample = mean_during(batch.inputs, during(task, 100.0, 400.0))
    test = mean_during(batch.inputs, during(task, 400.0 + p["delay"], 700.0 + p["delay"]))
    between = mean_during(batch.inputs, during(task, 400.0, 400.0 + p["delay"]))
    np.testing.assert_array_equal(sample.argmax(1), p["sample"])
    np.testing.assert_array_equal(test.argmax(1), p["test"])
    assert np.abs(between).max() < 0.2
    np.testing.assert_array_equal(p["match"], p["sample"] == p["test"])
    assert p["delay"].min() >= 500
    assert p["delay"].max() <= 1000
    assert abs(p["match"].mean() - 0.5) < 5 * 0.5 / np.sqrt(N)
    step = (p["test"] - p["sample"])[p["match"] == 0] % 4
    assert np.bincount(step.astype(int), minlength=4)[1:].min() > 50
    one = cl.DelayedMatchToSample(p_match=1.0).batch(jax.random.key(0), 50)
    assert one.parameters["match"].all()


def test_go_and_no_go():
    task, batch = TASKS["go"], made("go")
    p = batch.parameters
    cue = mean_during(batch.inputs, during(task, p["onset_time"], p["onset_time"] + 200))
    np.testing.assert_array_equal(cue.argmax(1), 1 - p["go"])
    window = during(task, p["onset_time"] + 400, p["onset_time"] + 900)
    np.testing.assert_array_equal(batch.targets[..., 0], window * p["go"][:, None])
    assert abs(p["go"].mean() - 0.7) < 5 * np.sqrt(0.21 / N)
    always = np.ones_like(batch.targets)
    np.testing.assert_array_equal(task.accuracy(always, batch), p["go"])
    np.testing.assert_array_equal(task.choices(always, batch), np.ones(N))


def test_modalities_and_rates():
    task, batch = TASKS["multisensory"], made("multisensory")
    p = batch.parameters
    mean = mean_during(batch.inputs, during(task, 300.0, 1300.0)).reshape(N, 2, 2)
    error = 0.1 * np.sqrt(20) / np.sqrt(100)
    part = (p["rate"] - 9) / 7
    for modality, absent in ((0, 1), (1, 0)):
        there = p["modality"] != absent
        np.testing.assert_allclose(mean[there, modality, 0], 0.2 + 0.8 * part[there], atol=5 * error)
        np.testing.assert_allclose(mean[there, modality, 1], 1.0 - 0.8 * part[there], atol=5 * error)
        np.testing.assert_allclose(mean[~there, modality], 0.0, atol=5 * error)
    np.testing.assert_array_equal(p["choice"], p["rate"] > 12.5)
    assert np.bincount(p["modality"]).min() > N / 3 - 5 * np.sqrt(N * 2 / 9)
    # two senses are better than one
    evidence = mean[..., 0].sum(1) - mean[..., 1].sum(1)
    right = (evidence > 0) == (p["choice"] == 1)
    hard = np.isin(p["rate"], (12, 13))
    assert right[hard & (p["modality"] == 2)].mean() > right[hard & (p["modality"] != 2)].mean()


def test_ready_set_go():
    task, batch = TASKS["interval"], made("interval")
    p = batch.parameters
    for column, time in ((0, "ready_time"), (1, "set_time")):
        began = np.argmax(batch.inputs[..., column] > 0.5, axis=1) * task.dt
        assert ((began >= p[time]) & (began < p[time] + task.dt)).all()
    np.testing.assert_allclose(p["set_time"] - p["ready_time"], p["interval"], rtol=1e-5)
    np.testing.assert_array_equal(batch.inputs[:, 0, 2:].argmax(1), p["prior"])
    for prior, (shortest, longest) in enumerate(task.priors):
        intervals = np.unique(p["interval"][p["prior"] == prior])
        np.testing.assert_allclose(intervals, np.linspace(shortest, longest, 11), rtol=1e-6)
    end = p["set_time"] + p["interval"]
    np.testing.assert_array_equal(batch.mask[..., 0], during(task, p["set_time"], end + 100))
    one = cl.IntervalReproduction(priors=[(500, 800)], duration=2200)
    assert one.input_names == ("ready", "set")
    assert one.batch(jax.random.key(0), 3).inputs.shape == (3, 220, 2)


def test_produced_intervals_are_read_from_the_outputs():
    task, batch = TASKS["interval"], made("interval")
    p = {name: values[:, None] for name, values in batch.parameters.items()}
    for speed in (0.7, 1.0, 1.15, 1.3):
        ramp = (task.times[None] - p["set_time"]) / (speed * p["interval"])
        produced = np.asarray(task.produced_interval(ramp[..., None], batch))
        within = (p["set_time"] + speed * p["interval"])[:, 0] < task.times[-1]
        np.testing.assert_allclose(produced[within], speed * p["interval"][within, 0], atol=0.1)
        assert np.isnan(produced[~within]).all()
        assert (np.asarray(task.accuracy(ramp[..., None], batch)) == (abs(speed - 1) <= 0.2)).all()
    early = np.full_like(ramp, 2.0)
    assert (np.asarray(task.produced_interval(early[..., None], batch)) < task.dt).all()
    assert np.isnan(task.produced_interval(np.zeros_like(ramp)[..., None], batch)).all()


def test_rewards_and_motion():
    task, batch = TASKS["reward"], made("reward")
    p = batch.parameters
    rewards = np.stack([p["reward_left"], p["reward_right"]], axis=1)
    np.testing.assert_allclose(batch.inputs[:, 30, :2], rewards)
    assert not batch.inputs[:, :20, :2].any()
    motion = mean_during(batch.inputs[..., 2:], during(task, 600.0, 1100.0))
    error = 0.1 * np.sqrt(20) * np.sqrt(2 / 50)
    assert np.abs(motion[:, 1] - motion[:, 0] - p["coherence"]).max() < 5 * error
    strong = p["coherence"] != 0
    np.testing.assert_array_equal(p["direction"][strong], p["coherence"][strong] > 0)
    expected = rewards * (np.arange(2)[None] == p["direction"][:, None])
    np.testing.assert_array_equal(batch.targets[:, -1], expected)


def test_expected_rewards_favor_the_side_that_pays_more():
    """What least squares learns without motion: the mean target, whose larger entry is the better choice."""
    batch = made("reward")
    p = batch.parameters
    for left, right in ((0.5, 1.0), (1.0, 0.5)):
        blind = (p["coherence"] == 0) & (p["reward_left"] == left) & (p["reward_right"] == right)
        value = batch.targets[blind, -1].mean(0)
        assert value.argmax() == int(right > left)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: cl.PerceptualDiscrimination(coherences=()), "coherences has 0 levels; expected 1 or more"),
        (lambda: cl.PerceptualDiscrimination(coherences=(-0.1,)), "coherences = -0.1; expected 0 or more"),
        (lambda: cl.PerceptualDiscrimination(onset=(500, 100)), "the earliest before the latest"),
        (lambda: cl.PerceptualDiscrimination(onset=(0, 5000)), "onset = 5000.0; expected 0 to 2000.*in ms"),
        (lambda: cl.PerceptualDiscrimination(onset=(1, 2, 3)), "expected two times in ms"),
        (
            lambda: cl.DelayedDiscrimination(lower=(10, 14)),
            "lower has 2 frequencies and higher 5; expected pairs",
        ),
        (lambda: cl.MatchToCategory(duration=1000), "last until 2000 ms, but a trial has duration = 1000 ms"),
        (lambda: cl.MatchToCategory(n_units=1), "n_units = 1; expected 2 or more"),
        (lambda: cl.FlipFlop(n_bits=0), "n_bits = 0"),
        (
            lambda: cl.FlipFlop(pulse_rate=500),
            "pulse_rate = 500.0; expected 0 to 100. It is pulses per second",
        ),
        (lambda: cl.ContextIntegration(stimulus=2000), "onset, stimulus, delay and decision last until"),
        (lambda: cl.DelayedMatchToSample(p_match=1.5), "p_match = 1.5; expected 0 to 1"),
        (lambda: cl.DelayedMatchToSample(n_stimuli=1), "n_stimuli = 1"),
        (lambda: cl.GoNoGo(onset=(200, 1400)), "last until 2300 ms"),
        (lambda: cl.MultisensoryIntegration(rates=(9.0,)), "rates has 1 levels; expected 2 or more"),
        (lambda: cl.IntervalReproduction(duration=2000), "twice the longest interval"),
        (lambda: cl.IntervalReproduction(priors=()), "0 priors"),
        (lambda: cl.RewardBiasedDiscrimination(coherences=(2.0,)), "coherences = 2.0; expected 0 to 1"),
    ],
)
def test_impossible_fields_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_a_sweep_over_a_parameter_is_one_compiled_call():
    def mean_separation(noise):
        task = cl.PerceptualDiscrimination(stim_noise=noise, onset=(0.0, 0.0), duration=400.0)
        return task.batch(jax.random.key(0), 20).inputs.std()

    spread = jax.vmap(mean_separation)(jnp.array([0.0, 1.0, 10.0]))
    assert spread[0] < spread[1] < spread[2]
