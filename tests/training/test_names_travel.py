"""Inputs and alternatives are found by the names that a network was trained on, not by places alone."""

import json

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.plots import plot_choice_rule
from cogrnn_lab.training.archive import read_archive, write_archive

NAMES = ("previous choice", "previous reward", "tone")
CLASSES = ("left", "right")


def data_of(input_names=NAMES, class_names=CLASSES, seed=0, **changes) -> cl.Dataset:
    rng = np.random.default_rng(seed)
    inputs, choices = rng.integers(0, 2, (4, 8, 3)), rng.integers(0, 2, (4, 8, 1))
    made = cl.Dataset(inputs, choices, input_names=NAMES, class_names=CLASSES)
    if input_names is not None and set(input_names) == set(NAMES):
        inputs = inputs[..., [NAMES.index(name) for name in input_names]]
    return cl.Dataset(
        inputs, made.targets, n_classes=len(class_names or CLASSES), input_names=input_names,
        class_names=class_names, **changes,
    )  # fmt: skip


def network() -> cl.DisRNN:
    sizes = {"update_width": 2, "update_depth": 1, "choice_width": 2, "choice_depth": 1}
    return cl.DisRNN(3, 2, 2, **sizes, key=jax.random.key(0))


@pytest.fixture(scope="module")
def run() -> cl.Run:
    return cl.fit(network(), data_of(), phases=cl.Phase(1, learning_rate=1e-2))


def test_names_come_from_the_training_data_and_go_into_files(run, tmp_path):
    assert (network().input_names, network().class_names) == (None, None)
    assert (run.model.input_names, run.model.class_names) == (NAMES, CLASSES)
    again = cl.load(run.save(tmp_path / "run"))
    assert (again.model.input_names, again.model.class_names) == (NAMES, CLASSES)
    assert jax.tree.structure(again.model) == jax.tree.structure(run.model)
    trainer = cl.Trainer(run.model, data_of())
    back = cl.Trainer.load(trainer.save(tmp_path / "trainer"), data_of())
    assert back.model.class_names == CLASSES


def test_files_of_before_still_load(run, tmp_path):
    """They hold no names: their networks are matched by places, as they were."""
    path = run.save(tmp_path / "run")
    header, arrays = read_archive(path, "run")
    del header["model"]["names"]
    json.dumps(header)
    old = cl.load(write_archive(tmp_path / "old", header, arrays))
    assert old.model.class_names is None
    assert cl.evaluate(old, data_of()).nll == pytest.approx(cl.evaluate(run, data_of()).nll, rel=1e-6)


def test_inputs_in_another_order_are_found_by_name(run):
    """The same trials with the columns in another order gave another likelihood, without a word."""
    turned = data_of(("tone", "previous choice", "previous reward"))
    assert cl.evaluate(run, turned).nll == pytest.approx(cl.evaluate(run, data_of()).nll, rel=1e-6)
    np.testing.assert_allclose(
        cl.latents(run.model, turned).states, cl.latents(run.model, data_of()).states, rtol=1e-6
    )
    report = cl.Trainer(run.model, turned, turned).advance(1)
    known = cl.Trainer(run.model, data_of(), data_of()).advance(1)
    assert report.losses.tolist() == known.losses.tolist()
    assert report.valid_loss == known.valid_loss
    swapped = data_of(("tone", "previous choice", "previous reward")).with_names(input_names=NAMES)
    assert abs(cl.evaluate(run, swapped).nll - cl.evaluate(run, data_of()).nll) > 1e-5  # order does matter


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ({"input_names": ("previous choice", "previous reward", "light")},
         "reads the inputs previous choice, previous reward, tone, but the .* has .*light: the data "
         "lack tone; the network knows no light"),
        ({"class_names": ("right", "left")}, "left, right in this order, but .* has right, left; .*classes="),
        ({"class_names": ("up", "down")}, "the alternatives left, right .*has up, down; they are found by"),
        ({"class_names": ("0", "1")}, "Numbers from 0 may be the places of .*0 is left, 1 is right"),
        ({"class_names": ("left", "middle", "right")}, "left, right in this order.*has left, middle, right"),
    ],
)  # fmt: skip
def test_strangers_and_other_orders_are_refused_with_both_lists(run, names, sentence):
    data = data_of(**names)
    for use in (cl.evaluate, cl.latents, cl.bottlenecks, cl.Trainer):
        with pytest.raises(ValueError, match=sentence):
            use(run.model, data)
    with pytest.raises(ValueError, match=sentence):
        cl.Trainer(network(), data_of(), data)


def test_without_names_inputs_are_places_and_names_can_be_forgotten(run):
    plain = data_of(input_names=None)
    nll = cl.evaluate(run, data_of()).nll
    assert cl.evaluate(run, plain).nll == pytest.approx(nll, rel=1e-6)
    numbered = data_of(class_names=("0", "1"))
    assert cl.evaluate(run, numbered.with_names(class_names=CLASSES)).nll == pytest.approx(nll, rel=1e-6)
    free = run.model.with_names(class_names=None)
    assert free.input_names == NAMES
    assert cl.evaluate(free, numbered).nll == pytest.approx(nll, rel=1e-6)
    for names in (("a", "b"), ("a", "b", "a")):
        with pytest.raises(ValueError, match="expected 3 different names"):
            run.model.with_names(input_names=names)
    with pytest.raises(ValueError, match="2 names"):
        data_of().with_names(class_names=["one"])


def test_analyses_and_figures_take_the_names_of_the_network(run):
    found = cl.bottlenecks(run.model)
    assert found.groups["update_input"].from_names == NAMES
    assert cl.bottlenecks(run.model, input_names=["a", "b", "c"]).groups["update_input"].from_names == (
        "a",
        "b",
        "c",
    )
    rule = cl.update_rules(run.model, [0], n_points=3)[0]
    assert "tone" in " ".join(rule.observation_labels)
    choice = cl.choice_rule(run.model, n_points=3)
    assert choice.choice_names == CLASSES
    figure = plot_choice_rule(choice)
    assert figure.axes[0].get_ylabel() == "logit of choice right against left"
    assert (
        "logit of choice b against a"
        in plot_choice_rule(choice, choice_names=["a", "b"]).axes[0].get_ylabel()
    )


def test_a_network_plays_with_the_names_that_it_knows():
    """What it has chosen is scored by itself, though the environment knows numbers only."""
    model = cl.GRU(2, 2, 2, key=jax.random.key(0)).with_names(class_names=CLASSES)
    played = cl.simulate(cl.NetworkAgent(model), cl.DriftingBandit(), n_sessions=1, n_trials=5)
    assert played.class_names == CLASSES
    assert cl.evaluate(model, played).n_targets == 5


def test_replicates_and_curricula_know_names_too():
    run = cl.fit(network(), data_of(), phases=cl.Phase(1), replicates=2)
    assert [one.model.class_names for one in run.replicates] == [CLASSES] * 2


def test_fitted_agents_know_the_alternatives_too():
    """Their biases and perseveration are of alternatives: in another order they were those of the others."""
    data = cl.simulate(cl.WinStayLoseShift(), cl.DriftingBandit(), n_sessions=1, n_trials=60)
    named = data.with_names(class_names=CLASSES)
    fit = cl.fit_agent(cl.WinStayLoseShift, named, n_starts=1)
    assert cl.evaluate(fit, named).n_targets == 60
    with pytest.raises(ValueError, match="the fit knows the alternatives left, right in this"):
        cl.evaluate(fit, named.with_names(class_names=("right", "left")))


def test_subjects_of_the_stay_baseline_are_found_by_name():
    """They were found by their places: a table of the second subject alone was scored as the first."""
    agents = cl.QLearning([0.1, 0.9], 5.0)
    data = cl.simulate(agents, cl.DriftingBandit(), n_sessions=2, n_trials=40)
    named = data.with_names(subject_names=["ann", "bob"])
    train, held_out = named.split()
    bob = held_out.select(held_out.subject == 1)
    alone = bob._replace(subject=np.zeros(1, np.int32), subject_names=("bob",))
    expected = cl.stay_baseline(train, bob).session_nll
    np.testing.assert_array_equal(cl.stay_baseline(train, alone).session_nll, expected)
    ann = cl.stay_baseline(train, alone.with_names(subject_names=["ann"])).session_nll
    assert abs(ann - expected).max() > 1e-3


def test_numbers_that_are_whole_but_for_rounding_are_whole():
    targets = np.array([[[0.9999999], [0.0000001], [2.0000002]]])
    data = cl.Dataset(np.zeros((1, 3, 1)), targets, subject=[1e-7], columns={"choice": targets[..., 0]})
    assert data.targets[..., 0].tolist() == [[1.0, 0.0, 2.0]]
    assert data.choices.tolist() == [[1, 0, 2]]
    major = cl.Dataset.from_time_major(np.zeros((2, 1, 1)), np.array([[[1.0]], [[-0.9999999]]]))
    assert major.missed.tolist() == [[False, True]]
    with pytest.raises(ValueError, match=r"a categorical target is 0\.3"):
        cl.Dataset(np.zeros((1, 1, 1)), [[[0.3]]])


def test_a_network_that_plays_is_not_scored_with_sides_swapped(run):
    player = cl.NetworkAgent(cl.fit(cl.GRU(2, 2, 2, key=0), named_choices(CLASSES), phases=cl.Phase(1)))
    assert np.isfinite(cl.evaluate(player, named_choices(CLASSES)).nll)
    with pytest.raises(ValueError, match="knows the alternatives left, right in this order"):
        cl.evaluate(player, named_choices(CLASSES[::-1]))


def named_choices(names) -> cl.Dataset:
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=12)
    return data.with_names(class_names=names)


def test_a_network_with_other_names_does_not_join_a_run(run):
    other = cl.fit(network(), data_of(NAMES[::-1]), phases=cl.Phase(1)).model
    assert other.input_names == NAMES[::-1]
    with pytest.raises(ValueError, match="but the data are in the order of previous choice, previous reward"):
        cl.Replicates([run.model, other], data_of())


def test_batches_are_made_in_the_order_that_the_network_knows(run):
    def batches(names):
        while True:
            yield data_of(names)

    assert np.isfinite(cl.fit(run.model, batches(NAMES), phases=cl.Phase(1)).losses).all()
    with pytest.raises(ValueError, match="knows the input_names previous choice, previous reward, tone"):
        cl.fit(run.model, batches(NAMES[::-1]), phases=cl.Phase(1))
    several = iter([data_of(), *[data_of(NAMES[::-1])] * 99])
    with pytest.raises(ValueError, match="batch 2 of the generator has other names"):
        cl.fit(network(), several, phases=cl.Phase(2))


def test_subjects_of_batches_have_the_numbers_that_the_network_knows():
    data = data_of(subject=np.array([0, 1, 2, 3]), subject_names=("a", "b", "c", "d"))

    def batches(sessions):
        while True:
            yield data.select(sessions)

    def known(sessions):
        model = cl.MultisubjectDisRNN(3, 2, 2, n_subjects=4, update_width=2, update_depth=1, key=0)
        return cl.fit(model, batches(sessions), phases=cl.Phase(1)).model.subject_names

    assert known([0, 1, 2, 3]) == data.subject_names
    with pytest.raises(ValueError, match="give that one a session of each"):
        known([2, 3])


def test_the_tasks_of_a_mixture_give_names_where_they_are_the_same():
    light, motion = cl.PerceptualDiscrimination(dt=50.0), cl.PerceptualDiscrimination(dt=50.0)
    model = cl.ConstrainedRNN(light.n_inputs, light.n_outputs, 4, dt=50.0, key=0)
    run = cl.fit(model, [light, motion], phases=cl.Phase(1), batch_size=4)
    assert run.model.input_names == light.dataset(1).input_names


@pytest.fixture(scope="module")
def recorded() -> cl.Dataset:
    signals = cl.RewardPredictionError(name="dopamine"), cl.ChosenValue(name="value")
    agent, task = cl.QLearning(), cl.DriftingBandit()
    return cl.simulate(agent, task, n_sessions=4, n_trials=12, signals=signals)


def test_names_of_signals_travel_with_the_network(recorded, tmp_path):
    """`signal_rule` called them "signal 1", and targets in another order were scored one as the other."""
    network = cl.NeuroDisRNN(2, 2, 2, n_signals=2, update_depth=1, choice_depth=1, neural_depth=1, key=0)
    run = cl.fit(network, recorded, phases=cl.Phase(1), batch_size=2, progress=False)
    assert run.model.signal_names == ("dopamine", "value")
    assert cl.signal_rule(run, n_points=3).names == ("dopamine", "value")
    run.save(tmp_path / "run.npz")
    assert cl.load(tmp_path / "run.npz").model.signal_names == ("dopamine", "value")
    swapped = recorded._replace(
        targets=recorded.targets[..., [0, 2, 1]],
        mask=recorded.mask[..., [0, 2, 1]],
        target_names=("choice", "value", "dopamine"),
    )
    with pytest.raises(
        ValueError, match=r"predicts dopamine, value, but .* value, dopamine, in another order"
    ):
        cl.evaluate(run, swapped)
    outputs = np.asarray(cl.rollout(run.model, recorded.inputs).outputs)[..., 2:]
    counted = recorded.mask[..., 1:]
    squared = ((outputs - recorded.targets[..., 1:]) ** 2).sum((0, 1), where=counted)
    unnamed = recorded._replace(target_names=("choice", "target 2", "target 3"))
    for data in (recorded, unnamed):
        scored = cl.evaluate(run, data).signals
        np.testing.assert_allclose(scored.mse, squared / counted.sum((0, 1)), rtol=1e-5)
    forgetful = run.model.with_names(signal_names=None)
    assert cl.signal_rule(forgetful, n_points=3).names == ("signal 1", "signal 2")
    with pytest.raises(ValueError, match=r"signal_names is .*expected 2 different names"):
        forgetful.with_names(signal_names=["dopamine"])


def test_names_of_alternatives_are_some_of_the_outputs():
    """The sentence asked for as many names as there are outputs, though fewer alternatives are allowed."""
    with pytest.raises(ValueError, match="expected 2 to 3 different names"):
        cl.GRU(2, 3, 2, key=0).with_names(class_names=["left"])
