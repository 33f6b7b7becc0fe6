"""Model comparison: who is scored on what, who wins, and how sure that is."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.analysis.scoring.bootstrap import Resamples, interval, resampled_sums

FORGETTING = cl.QLearning(0.4, 4.0, forget_rate=0.5)


@pytest.fixture(scope="module")
def data() -> cl.Dataset:
    agents = cl.QLearning([0.3, 0.4, 0.5], 4.0, forget_rate=0.5)
    made = cl.simulate(agents, cl.DriftingBandit(), n_sessions=6, n_trials=150, seed=5)
    return made._replace(subject_names=("m0", "m1", "m2"))


@pytest.fixture(scope="module")
def comparison(data) -> cl.Comparison:
    models = {
        "Q-learning": cl.QLearning,
        "forgetting": FORGETTING,
        "win-stay lose-shift": cl.WinStayLoseShift(),
    }
    return cl.compare(models, data, n_starts=3, n_bootstrap=400)


def test_the_class_that_made_the_data_wins(comparison):
    assert comparison.best == comparison.best_classical == "forgetting"
    names = comparison.summary.model.tolist()
    assert names[0] == "generating agent"
    assert names[1] == "forgetting"
    assert names[-1] == "chance"
    assert comparison.summary.best_classical.tolist().count(True) == 1
    low_and_high = comparison.summary.set_index("model").loc["Q-learning"]
    assert low_and_high.difference_high < 0


def test_every_session_is_scored_by_the_fit_without_it(data, comparison):
    """Against fits of each fold by hand; and the fit that has seen a session predicts it better."""
    row = comparison.names.index("forgetting")
    seen = []
    for fold in range(2):
        held_out = comparison.fold == fold
        fit = cl.fit_agent(FORGETTING, data.select(~held_out), n_starts=3)
        scored = cl.evaluate(fit, data.select(held_out)).session_nll
        np.testing.assert_allclose(comparison.session_nll[row][held_out], scored, rtol=1e-4)
        np.testing.assert_allclose(comparison.fitted["forgetting"][fold].estimates, fit.estimates, rtol=5e-3)
        seen.append(cl.evaluate(fit, data.select(~held_out)).session_nll.sum())
    assert comparison.session_nll[row].sum() > sum(seen) + 1.0


def test_sessions_take_turns_in_being_held_out(data, comparison):
    assert comparison.fold.tolist() == [0, 1] * 9
    three = cl.compare({"w": cl.WinStayLoseShift}, data, folds=3, n_starts=1, n_bootstrap=5)
    assert three.fold.tolist() == [0, 1, 2] * 6
    assert len(three.fitted["w"]) == 3


def test_one_fold_alone_is_the_same_as_among_all(data, comparison):
    """Fitted to odd sessions, scored on even ones, and nothing said of the others."""
    models = {
        "forgetting": FORGETTING,
        "network": lambda train, valid, seed: cl.GRU(2, 2, 3, key=jax.random.key(train.n_sessions)),
    }
    even = cl.compare(models, data, n_starts=3, n_bootstrap=5, held_out_folds=[1])
    row, held_out = comparison.names.index("forgetting"), comparison.fold == 1
    np.testing.assert_allclose(
        even.session_nll[even.names.index("forgetting")], comparison.session_nll[row, held_out], rtol=1e-4
    )
    assert even.session.tolist() == comparison.session[held_out].tolist()
    assert even.fold.tolist() == [1] * 9
    assert [len(fitted) for fitted in even.fitted.values()] == [1, 1]
    assert np.isfinite(even.session_nll).all()
    stay, of_all = (c.session_nll[c.names.index("stay baseline")] for c in (even, comparison))
    np.testing.assert_allclose(stay, of_all[held_out])
    network = cl.GRU(2, 2, 3, key=jax.random.key(9))
    scored = cl.evaluate(network, data.select(held_out)).session_nll
    np.testing.assert_allclose(even.session_nll[even.names.index("network")], scored, rtol=1e-5)


def test_reference_rows_are_what_they_are_called(data, comparison):
    of = dict(zip(comparison.names, comparison.session_nll, strict=True))
    np.testing.assert_allclose(of["chance"], 150 * np.log(2), rtol=1e-5)
    for fold in range(2):
        held_out = comparison.fold == fold
        stay = cl.stay_baseline(data.select(~held_out), data.select(held_out))
        np.testing.assert_allclose(of["stay baseline"][held_out], stay.session_nll)
    ceiling = comparison.likelihood[comparison.names.index("generating agent")]
    assert ceiling == pytest.approx(data.generating_likelihood, rel=1e-6)


def test_likelihoods_of_subjects_and_of_all(comparison):
    for model in range(len(comparison.names)):
        nll = comparison.session_nll[model]
        assert comparison.likelihood[model] == pytest.approx(np.exp(-nll.sum() / (18 * 150)))
        by_subject = np.exp(-nll.reshape(3, 6).sum(1) / (6 * 150))
        np.testing.assert_allclose(comparison.subject_likelihood[model], by_subject)
    best = comparison.names.index("forgetting")
    np.testing.assert_allclose(
        comparison.subject_difference,
        comparison.subject_likelihood - comparison.subject_likelihood[best],
    )
    assert (comparison.difference_interval[best] == 0).all()
    chance = comparison.names.index("chance")
    np.testing.assert_allclose(comparison.subject_interval[chance], 0.5, rtol=1e-5)
    table = comparison.table.set_index(["model", "subject"])
    assert len(table) == 6 * 3
    assert table.likelihood["forgetting", "m1"] == comparison.subject_likelihood[best, 1]
    assert table.n_choices["forgetting", "m1"] == 900


def test_the_order_of_sessions_does_not_matter(data, comparison):
    """As long as that within each subject stays, which says who is held out when."""
    order = np.argsort(np.tile(np.arange(6), 3), kind="stable")
    shuffled = cl.compare({"forgetting": FORGETTING}, data.select(order), n_starts=3, n_bootstrap=400)
    row = comparison.names.index("forgetting")
    np.testing.assert_array_equal(shuffled.session_nll[0], comparison.session_nll[row])
    np.testing.assert_array_equal(shuffled.likelihood_interval[0], comparison.likelihood_interval[row])


class Memory(cl.Network):
    """Knows every choice of the sessions that it was made from by heart, and guesses in all others."""

    known: jax.Array  # (session, trial) -1, 1, or 0 where unknown
    n_inputs: int = 2
    n_outputs: int = 2

    def initial_state(self, subject=None):
        return jnp.zeros(2)

    def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
        return inputs

    def readout(self, state, *, subject=None):
        session, trial = state.astype(int)
        return self.known[session, trial] * jnp.array([-5.0, 5.0])


def numbered(data: cl.Dataset) -> cl.Dataset:
    """The same choices, with the number of session and trial as inputs."""
    shape = data.valid.shape
    number = np.broadcast_to(np.arange(shape[0])[:, None], shape)
    trial = np.broadcast_to(np.arange(shape[1]), shape)
    return cl.Dataset(
        np.stack([number, trial], -1), data.targets, subject=data.subject, columns=data.columns,
        subject_names=data.subject_names, session_names=data.session_names,
    )  # fmt: skip


def test_training_data_are_never_scored(data):
    """A model that knows its training data by heart is no better than chance."""
    data = numbered(data)

    def learn_by_heart(train, valid, seed):
        known = np.zeros(data.valid.shape)
        known[train.inputs[:, 0, 0].astype(int)] = 2 * train.targets[..., 0] - 1
        model = Memory(jnp.asarray(known))
        assert cl.evaluate(model, train).normalized_likelihood > 0.99
        return model

    found = cl.compare({"by heart": learn_by_heart}, data, n_bootstrap=20)
    assert found.likelihood[0] == pytest.approx(0.5, rel=1e-5)
    assert found.kinds[0] == "network"
    assert found.best == "by heart"
    assert found.best_classical is None


def test_networks_are_fitted_by_recipe(data):
    few = data.select(np.arange(18) % 6 < 4)
    seen = []

    def make(train, key):
        seen.append((train.n_sessions, train.subjects.tolist()))
        return cl.VanillaRNN(train.n_inputs, 2, 3, key=key)

    recipe = cl.NetworkRecipe(make, cl.Phase(30), {"batch_size": 4})
    found = cl.compare({"network": recipe, "stays": cl.WinStayLoseShift}, few, n_starts=1, n_bootstrap=20)
    assert seen == [(6, [0, 1, 2])] * 2
    runs = found.fitted["network"]
    assert all(isinstance(run, cl.Run) and run.history.step.iloc[-1] == 30 for run in runs)
    assert found.n_parameters[0] == cl.n_parameters(runs[0].model)
    held_out = few.select(found.fold == 1)
    np.testing.assert_allclose(
        found.session_nll[0][found.fold == 1], cl.evaluate(runs[1].model, held_out).session_nll, rtol=1e-5
    )
    assert found.kinds[:2] == ("network", "agent")
    assert found.best_classical == "stays"


def test_recipes_may_watch_sessions_of_their_own(data):
    seen = []

    def recipe(train, valid, seed):
        train, valid = (set(zip(d.subject, d.session_names, strict=True)) for d in (train, valid))
        seen.append((train, valid, seed))
        return cl.QLearning()

    found = cl.compare({"fixed": recipe}, data, valid_every=3, n_bootstrap=5, seed=7)
    for train, valid, seed in seen:
        assert not train & valid
        assert (len(train), len(valid), seed) == (6, 3, 7)
    row = cl.evaluate(cl.QLearning(), data).session_nll
    np.testing.assert_allclose(found.session_nll[0], row, rtol=1e-5)


def test_data_without_columns_or_rewards(data, comparison):
    bare = cl.Dataset(data.inputs, data.targets, subject=data.subject, input_names=data.input_names)
    found = cl.compare({"forgetting": FORGETTING}, bare, n_starts=3, n_bootstrap=5)
    assert found.names == ("forgetting", "stay baseline", "chance")
    for name in ("forgetting", "stay baseline"):
        np.testing.assert_allclose(
            found.likelihood[found.names.index(name)],
            comparison.likelihood[comparison.names.index(name)],
            rtol=1e-4,
        )
    rewardless = cl.Dataset(data.inputs, data.targets, subject=data.subject)
    recipe = cl.NetworkRecipe(lambda train, key: cl.VanillaRNN(2, 2, 3, key=key), cl.Phase(1))
    only = cl.compare({"network": recipe}, rewardless, n_bootstrap=5)
    assert only.names == ("network", "chance")


def test_bootstrap_resamples_sessions_within_subjects_and_then_subjects():
    rng = np.random.default_rng(0)
    subject = np.repeat([0, 1, 2, 3], [30, 10, 20, 40])
    values = rng.normal(np.array([0.0, 5.0, -3.0, 1.0])[subject], 1.0)
    resamples = Resamples.draw(subject, 4000, seed=1)
    assert (subject[resamples.sessions] == subject).all()
    by_subject, overall = resampled_sums(values, subject, resamples)
    counts = np.bincount(subject)
    mean = np.bincount(subject, values) / counts
    np.testing.assert_allclose(by_subject.mean(0) / counts, mean, atol=0.03)
    own_spread = [values[subject == s].std() / np.sqrt(counts[s]) for s in range(4)]
    np.testing.assert_allclose((by_subject / counts).std(0), own_spread, rtol=0.06)
    # of all: four subjects drawn anew, each with its own spread
    sums = counts * mean
    variance = 4 * (sums.var() + np.mean((counts * np.array(own_spread)) ** 2))
    assert overall.mean() == pytest.approx(sums.sum(), abs=4 * np.sqrt(variance / 4000))
    assert overall.std() == pytest.approx(np.sqrt(variance), rel=0.05)
    again = Resamples.draw(subject, 4000, seed=1)
    np.testing.assert_array_equal(again.sessions, resamples.sessions)


def test_intervals_are_percentiles():
    resampled = np.arange(101.0)[:, None] * [1.0, 2.0]
    np.testing.assert_allclose(interval(resampled, 0.9), [[5, 95], [10, 190]])


@pytest.mark.parametrize(
    ("models", "options", "sentence"),
    [
        ({}, {}, r"expected a mapping from names to models, such as cl.classical_models\(\)"),
        ({"chance": cl.QLearning}, {}, '"chance" is the name of a reference row'),
        ({"q": cl.QLearning}, {"folds": 1}, "folds = 1; expected 2 or more"),
        ({"q": cl.QLearning}, {"folds": 7}, "subject m0 has 6 sessions; folds=7 needs 7 of every subject"),
        (
            {"q": cl.QLearning},
            {"held_out_folds": [2]},
            r"held_out_folds is \[2\], expected some of the folds 0 to 1",
        ),
        ({"q": cl.QLearning}, {"held_out_folds": []}, r"held_out_folds is \[\], expected some"),
        ({"q": cl.QLearning}, {"level": 95.0}, "level = 95.0; expected a number between 0 and 1"),
        ({"q": cl.QLearning}, {"n_bootstrap": 0}, "n_bootstrap = 0; expected 1 or more"),
    ],
)
def test_impossible_comparisons_are_refused(data, models, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        cl.compare(models, data, **options)


def test_numbers_have_no_likelihood_to_compare(data):
    numbers = cl.Dataset(data.inputs, data.targets, kind="continuous")
    with pytest.raises(ValueError, match="the data set is continuous"):
        cl.compare({"q": cl.QLearning}, numbers)


@pytest.mark.slow
def test_mice_of_bari_2019(real_data):
    """Forgetting, perseveration and bias predict best among Q-learners; seen: 0.6195 on the even sessions."""
    path = real_data / "mouse_dynamic_foraging_bari2019.csv.gz"
    if not path.is_file():
        pytest.skip(f"no file {path}")
    train, held_out = cl.read_table(path, subject="subject").split()
    models = cl.classical_models()
    found = {
        name: cl.evaluate(cl.fit_agent(models[name], train), held_out).normalized_likelihood
        for name in ("Q-learning", "Q-learning, forgetting", "Q-learning, forgetting, perseveration")
    }
    assert list(found.values()) == sorted(found.values())
    assert found["Q-learning, forgetting, perseveration"] == pytest.approx(0.6195, abs=5e-4)
    stay = cl.stay_baseline(train, held_out).normalized_likelihood
    assert found["Q-learning"] < stay < found["Q-learning, forgetting"]
