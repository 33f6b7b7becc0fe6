"""Embeddings against numbers of the subjects: found where they are there, not where they are not."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl

N = 40


@pytest.fixture(scope="module")
def network():
    """Subjects whose embeddings hold a learning rate on a slant, and noise."""
    draw = np.random.default_rng(0)
    model = cl.MultisubjectDisRNN(2, 2, 3, n_subjects=N, embedding_size=3, key=0)
    return eqx.tree_at(lambda m: m.subjects.weight, model, jnp.asarray(draw.normal(size=(N, 3)), jnp.float32))


@pytest.fixture(scope="module")
def rate(network):
    return 0.5 + cl.embeddings(network).values @ np.array([0.1, -0.2, 0.0])


def test_what_lies_in_the_embeddings_is_found_and_what_does_not_is_not(network, rate):
    draw = np.random.default_rng(1)
    known = {"rate": rate + 0.05 * draw.normal(size=N), "shoe size": draw.normal(size=N)}
    mapped = cl.embedding_map(network, known=known, n_shuffles=99)
    assert mapped.parameters == ("rate", "shoe size")
    ceiling = 1 - 0.05**2 / known["rate"].var()
    assert ceiling - 0.08 < mapped.r2[0] < ceiling + 0.05
    assert mapped.r2[1] < 0.1
    assert mapped.p_value[0] == pytest.approx(0.01)
    assert mapped.p_value[1] > 0.05
    assert np.quantile(mapped.r2_shuffled[0], 0.95) < 0.3
    np.testing.assert_allclose(mapped.directions[0], [0.1, -0.2, 0.0], atol=0.03)
    assert mapped.correlations[0, 1] < -0.7
    assert mapped.table.loc["rate", "r2"] == mapped.r2[0]


def test_predictions_are_of_subjects_that_were_left_out(network):
    """As many predictors as subjects explain anything they are fitted to, and nothing that is new."""
    wide = cl.MultisubjectDisRNN(2, 2, 2, n_subjects=12, embedding_size=11, key=0)
    draw = np.random.default_rng(2)
    weights = jnp.asarray(draw.normal(size=(12, 11)), jnp.float32)
    wide = eqx.tree_at(lambda m: m.subjects.weight, wide, weights)
    assert cl.embedding_map(wide, known={"noise": draw.normal(size=12)}, n_shuffles=20).r2[0] < 0.35


def test_a_table_finds_its_subjects_by_name_and_may_have_fewer(network, rate):
    names = list(cl.embeddings(network).names)
    table = pd.DataFrame({"subject": names[::-1][:30], "rate": rate[::-1][:30]})
    mapped = cl.embedding_map(network, known=table, n_shuffles=5)
    assert mapped.subjects == tuple(names[::-1][:30])
    assert mapped.r2[0] > 0.98
    by_name = cl.embedding_map(network, known={"rate": dict(zip(names, rate, strict=True))}, n_shuffles=5)
    np.testing.assert_allclose(by_name.values[:, 0], rate)


def test_without_known_numbers_behavior_is_taken_from_the_data():
    sets = [
        cl.simulate(cl.QLearning(0.4, beta), cl.DriftingBandit(), n_sessions=2, n_trials=200, seed=i)
        for i, beta in enumerate([0.0, 1.0, 2.0, 4.0, 6.0, 9.0])
    ]
    names = [f"s{i}" for i in range(6)]
    subject = np.repeat(np.arange(6), 2)
    first = sets[0]
    data = cl.Dataset(
        np.concatenate([one.inputs for one in sets]),
        np.concatenate([one.targets for one in sets]),
        input_names=first.input_names, class_names=["left", "right"], subject=subject, subject_names=names,
        columns={"choice": np.concatenate([one.choices for one in sets]),
                 "reward": np.concatenate([one.rewards for one in sets])},
    )  # fmt: skip
    model = cl.MultisubjectDisRNN(2, 2, 2, n_subjects=6, key=0).with_subject_names(names)
    mapped = cl.embedding_map(model, data, n_shuffles=3)
    assert mapped.parameters == ("stays after a win", "stays otherwise", "chooses right")
    choice, reward = sets[5].choices, sets[5].rewards
    stay = (choice[:, 1:] == choice[:, :-1])[reward[:, :-1] == 1].mean()
    assert mapped.values[5, 0] == pytest.approx(stay)
    with pytest.raises(ValueError, match="nothing is known of the subjects"):
        cl.embedding_map(model)


def test_a_path_leads_from_the_rules_of_one_subject_to_those_of_another(network):
    path = cl.embedding_path(network, 0, "3", n_steps=3, latents=[1])
    assert path.ends == ("0", "3")
    for step, subject in ((0, 0), (2, 3)):
        np.testing.assert_allclose(
            path.rules[step][1].base, cl.update_rules(network, [1], subject=subject)[1].base, atol=1e-6
        )
    middle = cl.embeddings(network).values[[0, 3]].mean(0)
    np.testing.assert_allclose(path.embeddings[1], middle, atol=1e-6)
    with pytest.raises(ValueError, match="two different subjects"):
        cl.embedding_path(network, 0, 0)
    with pytest.raises(ValueError, match="'eve' is unknown"):
        cl.embedding_path(network, 0, "eve")


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"rate": np.zeros(3)}, r"shape \(3,\), expected \(40,\)"),
        (pd.DataFrame({"rate": [1.0]}, index=["eve"]), "subject eve is unknown"),
        (pd.DataFrame({"rate": [1.0, 2.0]}, index=["1", "1"]), "1 has several rows"),
        (pd.DataFrame({"sex": list("fmfmf")}, index=list("12345")), "sex is no number"),
        (pd.DataFrame({"rate": [1, 2, 3, 4, np.nan]}, index=list("12345")), "of 5 are not all finite"),
        (pd.DataFrame({"rate": [1.0, 2]}, index=list("12")), "expected 5 or more"),
    ],
)
def test_numbers_that_do_not_belong_to_the_subjects_are_refused(network, known, message):
    with pytest.raises(ValueError, match=message):
        cl.embedding_map(network, known=known)


def test_a_network_without_subjects_is_refused():
    with pytest.raises(TypeError, match="knows no subjects"):
        cl.embedding_map(cl.DisRNN(2, 2, 2, key=0), known={"rate": [1.0]})
