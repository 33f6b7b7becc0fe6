"""A network finds the subjects that it was trained on by their names, and nobody gets another's embedding."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl


def data_of(names, seed=0, n_sessions=2) -> cl.Dataset:
    """Random choices of subjects of these names; without names, of as many as the number says."""
    n_subjects = names if isinstance(names, int) else len(names)
    rng = np.random.default_rng(seed)
    return cl.Dataset(
        rng.integers(0, 2, (n_subjects * n_sessions, 6, 2)),
        rng.integers(0, 2, (n_subjects * n_sessions, 6, 1)),
        subject=np.repeat(np.arange(n_subjects), n_sessions),
        n_classes=2,
        subject_names=None if isinstance(names, int) else names,
    )


def network(n_subjects=3, **changes) -> cl.MultisubjectDisRNN:
    sizes = {"update_width": 3, "update_depth": 1, "choice_width": 2, "choice_depth": 1}
    return cl.MultisubjectDisRNN(2, 2, 2, n_subjects=n_subjects, **sizes, **changes, key=jax.random.key(0))


def trained_on(data, model=None) -> cl.Run:
    return cl.fit(network() if model is None else model, data, phases=cl.Phase(1, learning_rate=1e-2))


@pytest.fixture(scope="module")
def whole() -> cl.Dataset:
    return data_of(("anna", "ben", "cleo"))


@pytest.fixture(scope="module")
def run(whole) -> cl.Run:
    return trained_on(whole)


def alone(whole, name) -> cl.Dataset:
    """The sessions of one subject, as they are read from a table of theirs alone."""
    own = whole.subject == whole.subject_names.index(name)
    return cl.Dataset(whole.inputs[own], whole.targets[own], n_classes=2, subject_names=[name])


def test_a_subject_that_is_read_alone_keeps_its_embedding(whole, run):
    nll = cl.evaluate(run.model, whole).session_nll
    latents = cl.latents(run.model, whole).outputs
    for index, name in enumerate(whole.subject_names):
        own = whole.subject == index
        np.testing.assert_allclose(
            cl.evaluate(run.model, alone(whole, name)).session_nll, nll[own], rtol=1e-5
        )
        mine = cl.latents(run.model, alone(whole, name)).outputs
        np.testing.assert_allclose(mine, latents[own], atol=1e-5)
    assert cl.evaluate(run.model, alone(whole, "cleo")).per_subject.subject.tolist() == ["cleo"]
    wrong = cl.Dataset(alone(whole, "cleo").inputs, alone(whole, "cleo").targets, subject_names=["anna"])
    assert abs(cl.evaluate(run.model, wrong).session_nll - nll[4:]).max() > 1e-4  # embeddings do matter


def test_their_order_does_not_matter(whole, run):
    back = alone(whole, "cleo").concat(alone(whole, "anna"))
    nll = cl.evaluate(run.model, whole).session_nll
    np.testing.assert_allclose(cl.evaluate(run.model, back).session_nll, nll[[4, 5, 0, 1]], rtol=1e-5)
    with_nats = cl.bottlenecks(run.model, back)
    ordered = cl.bottlenecks(run.model, alone(whole, "anna").concat(alone(whole, "cleo")))
    for name, group in with_nats.groups.items():
        np.testing.assert_allclose(group.nats, ordered.groups[name].nats, rtol=1e-4, atol=1e-6)


def test_names_are_saved_and_loaded(whole, run, tmp_path):
    assert run.model.subject_names == whole.subject_names
    again = cl.load(run.save(tmp_path / "run"))
    assert again.model.subject_names == whole.subject_names
    trainer = cl.Trainer(run.model, whole)
    back = cl.Trainer.load(trainer.save(tmp_path / "trainer"), whole)
    assert back.model.subject_names == whole.subject_names


def test_held_out_subjects_and_other_training_data_are_found_by_name(whole, run):
    nll = cl.evaluate(run.model, alone(whole, "ben")).nll
    trainer = cl.Trainer(run.model, alone(whole, "ben"), alone(whole, "ben"))
    trainer.noise, trainer.learning_rate = 0.0, 1e-12
    report = trainer.advance(1)
    assert report.task_losses[0] == pytest.approx(nll, rel=1e-4)
    assert report.valid_loss == pytest.approx(nll, rel=1e-4)
    with pytest.raises(ValueError, match=r"held-out data has the subjects dora.*knows anna, ben, cleo"):
        cl.Trainer(network(), whole, data_of(["dora"]))


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["anna", "dora"], r"subjects anna, dora, but the network knows anna, ben, cleo.*embedding for dora"),
        (2, r"the subjects 0, 1, but the network knows anna, ben, cleo.*by their numbers from 0"),
    ],
)
def test_strangers_are_refused_with_both_lists(run, names, sentence):
    for use in (cl.evaluate, cl.latents, cl.bottlenecks, trained_on_again):
        with pytest.raises(ValueError, match=sentence):
            use(run.model, data_of(names))


def trained_on_again(model, data):
    return trained_on(data, model)


def test_without_names_subjects_are_found_by_number():
    numbered = data_of(3)
    model = trained_on(numbered).model
    nll = cl.evaluate(model, numbered).session_nll
    np.testing.assert_allclose(
        cl.evaluate(model, numbered.select([2, 5])).session_nll, nll[[2, 5]], rtol=1e-5
    )
    with pytest.raises(ValueError, match="subjects anna, but the network knows 0, 1, 2"):
        cl.evaluate(model, data_of(["anna"]))


def test_numbers_are_no_names_where_some_are_strangers():
    """A table numbers its subjects from 1; data without names have a 0."""
    model = trained_on(data_of(["1", "2", "3"])).model
    with pytest.raises(ValueError, match=r"subjects 0, 1, 2, but the network knows 1, 2, 3"):
        cl.evaluate(model, data_of(3).select([2, 3]))


def test_new_subjects_get_places_of_their_own(whole, run):
    grown = run.model.with_new_subjects(1)
    both = trained_on(data_of(["dora"], seed=5), grown).model
    assert both.subject_names == ("anna", "ben", "cleo", "dora")
    assert run.model.with_new_subjects(2, ["x", "y"]).subject_names == ("anna", "ben", "cleo", "x", "y")
    np.testing.assert_allclose(both.subjects.weight[:3], run.model.subjects.weight, atol=0.05)
    with pytest.raises(ValueError, match="embedding for dora, emil"):
        trained_on(data_of(["dora", "emil"]), grown)
    assert network(2, subject_names=["a", "b"]).with_new_subjects().subjects.names == ("a", "b")
    assert network(2, subject_names=["0", "1"]).with_new_subjects().subject_names == ("0", "1", "2")


def test_replicates_know_them_too(whole):
    run = cl.fit(network(), whole, phases=cl.Phase(1), replicates=2)
    assert [one.model.subject_names for one in run.replicates] == [whole.subject_names] * 2


def test_a_network_plays_as_a_subject_of_that_name(run):
    agents = [cl.NetworkAgent(run.model, subject=subject) for subject in ("ben", 1, 2)]
    by_name, by_index, other = (np.asarray(agent.initial_state(2).logits) for agent in agents)
    np.testing.assert_array_equal(by_name, by_index)
    assert abs(by_name - other).max() > 1e-6
    with pytest.raises(ValueError, match='subject "dora" is unknown; the network knows anna, ben, cleo'):
        cl.NetworkAgent(run.model, subject="dora").initial_state(2)
