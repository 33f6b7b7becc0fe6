"""Embeddings of subjects: who is looked up, who is refused, and who comes new."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.models.disentangled.columns import context_columns, embedding_columns
from cogrnn_lab.models.disentangled.subject_context import SubjectContext, numbers

NAMES = ("ann", "bob", "cem")
BIAS = np.array([0.5, -1.0], np.float32)


@pytest.fixture(scope="module")
def context() -> SubjectContext:
    start = SubjectContext.start(3, 2, 4, key=jax.random.key(0))
    return SubjectContext(
        start.weight,
        jnp.asarray(BIAS),
        start.subject,
        start.update_subject,
        start.choice_subject,
        names=NAMES,
    )


def expected(context) -> np.ndarray:
    return np.asarray(context.weight) + BIAS


def test_a_subject_is_found_by_index_by_name_and_in_arrays(context):
    embeddings = expected(context)
    for index, name in enumerate(NAMES):
        np.testing.assert_array_equal(context.of(index), embeddings[index])
        np.testing.assert_array_equal(context.of(name), embeddings[index])
    np.testing.assert_array_equal(context.of(np.array([[2, 0], [1, 1]])), embeddings[[[2, 0], [1, 1]]])


def test_no_subject_is_the_mean_one_and_an_embedding_is_itself(context):
    np.testing.assert_allclose(context.of(None), expected(context).mean(0), rtol=1e-6)
    own = jnp.array([3.0, -2.0])
    np.testing.assert_array_equal(context.of(own), own)


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        ("dan", 'subject "dan" is unknown; the network knows ann, bob, cem'),
        (3, r"subject 3 is unknown: the network has 3 subjects, counted from 0; .*with_new_subjects"),
        (-1, "subject -1 is unknown"),
        (np.array([0, 7, 1]), "subject 7 is unknown"),
        (1.0, r"an embedding has 2 numbers, got shape \(\); the index of a subject is a whole number"),
        (np.zeros(3, np.float32), r"an embedding has 2 numbers, got shape \(3,\)"),
    ],
)
def test_an_unknown_subject_is_refused(context, subject, message):
    with pytest.raises(ValueError, match=message):
        context.of(subject)


def test_an_unknown_subject_in_compiled_code_is_not_a_known_one(context):
    found = np.asarray(eqx.filter_jit(lambda c, subject: c.of(subject))(context, jnp.array([-1, 0, 3])))
    assert np.isnan(found[[0, 2]]).all()
    np.testing.assert_array_equal(found[1], expected(context)[0])


def test_a_network_without_names_knows_none(context):
    with pytest.raises(ValueError, match='subject "ann" is unknown; the network knows no names'):
        context.with_names(None).of("ann")


@pytest.mark.parametrize("names", [("a", "b", "c", "d"), ("a", "b", "a")])
def test_names_that_are_too_many_or_double_are_refused(context, names):
    with pytest.raises(ValueError, match=r"subject_names is \(.*expected up to 3 different names"):
        context.with_names(names)


def test_names_change_no_embedding(context):
    renamed = context.with_names(["7", "8"])
    assert renamed.names == ("7", "8")
    np.testing.assert_array_equal(renamed.of("8"), context.of("bob"))
    assert context.names == NAMES


def test_new_subjects_start_at_the_mean_of_the_others(context):
    grown = context.with_new_subjects(2, ["dan", "eve"])
    assert grown.names == (*NAMES, "dan", "eve")
    np.testing.assert_array_equal(grown.embeddings[:3], context.embeddings)
    for name in ("dan", "eve"):
        np.testing.assert_allclose(grown.of(name), expected(context).mean(0), rtol=1e-5)
    # The mean subject stays who it was.
    np.testing.assert_allclose(grown.of(None), context.of(None), rtol=1e-5, atol=1e-6)


def test_new_subjects_without_names_are_numbered_on_or_free_places(context):
    numbered = context.with_names(numbers(3))
    assert numbered.with_new_subjects(2).names == ("0", "1", "2", "3", "4")
    free = context.with_new_subjects(2)
    assert free.names == NAMES
    assert free.n_subjects == 5


def test_new_names_that_do_not_fit_are_refused(context):
    with pytest.raises(
        ValueError, match=r"names is \['dan'\]; expected a name for each of the 2 new subjects"
    ):
        context.with_new_subjects(2, ["dan"])
    with pytest.raises(ValueError, match="expected up to 4 different names"):
        context.with_new_subjects(1, ["bob"])
    with pytest.raises(ValueError, match=r"the 3 subjects before have no names \(ann\); train the network"):
        context.with_names(["ann"]).with_new_subjects(1, ["dan"])
    model = cl.MultisubjectDisRNN(1, 2, 1, n_subjects=2, key=jax.random.key(0))
    with pytest.raises(ValueError, match="n = 0; expected 1 or more, a whole number of new subjects"):
        model.with_new_subjects(0)


def test_embeddings_along_sessions_follow_whose_trial_it_is(context):
    embeddings = expected(context)
    columns = np.asarray(embedding_columns(context, np.array([2, 0]), 2, 4))  # (time, embedding, session)
    np.testing.assert_array_equal(columns, np.broadcast_to(embeddings[[2, 0]].T, (4, 2, 2)))
    changing = np.array([[0, 1, 2], [2, 2, 1]])
    columns = np.asarray(embedding_columns(context, changing, 2, 3))
    np.testing.assert_array_equal(columns, np.transpose(embeddings[changing], (1, 2, 0)))
    points = np.asarray(context_columns(context, "cem", 3))
    np.testing.assert_array_equal(points, np.broadcast_to(embeddings[2][None, :, None], (1, 2, 3)))
    assert context_columns(None, "cem", 3) is None


def test_embeddings_start_with_the_spread_of_a_linear_layer_on_one_hot_subjects():
    start = SubjectContext.start(400, 5, 2, key=jax.random.key(1))
    assert float(start.weight.std()) == pytest.approx(400**-0.5, rel=0.06)
    assert start.names is None
    assert start.subject.multiplier is None
