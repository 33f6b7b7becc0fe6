"""From a data set to a network, in one call: sessions kept apart, yardsticks, a true verdict, files."""

import json
from dataclasses import fields, replace

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.discovery import recipe as recipe_file
from cogrnn_lab.discovery.choice import Choosing, ChosenLevel
from cogrnn_lab.discovery.course.explained import explained, of_subjects
from cogrnn_lab.discovery.course.finished import Finished
from cogrnn_lab.discovery.parts import deal
from cogrnn_lab.discovery.units import Pairing, Units
from cogrnn_lab.discovery.verdict import verdict
from cogrnn_lab.discovery.yardsticks import Yardsticks


@pytest.fixture(scope="module")
def behavior() -> cl.Dataset:
    return cl.simulate(cl.QLearning(0.5, 5.0), cl.DriftingBandit(), n_sessions=40, n_trials=30, seed=3)


SHORT = {
    "levels": (0.5, 30.0),
    "seeds": 2,
    "warm_up": cl.WarmUp(most=40, check_every=20, patience=2),
    "settling": cl.Settling(most=40, check_every=20, cooling=5, learning_rate=1e-2),
    "batch_size": 8,
    "gru_units": 2,
    "classical": {"Q-learning": cl.QLearning(), "win-stay lose-shift": cl.WinStayLoseShift()},
    "equations": {"n_latents": (1,), "n_starts": 1, "terms": (), "rivals": False},
}


def network() -> cl.DisRNN:
    return cl.DisRNN(2, 2, 1, update_width=3, update_depth=1, choice_depth=0, key=jax.random.key(0))


# --- which sessions -------------------------------------------------------------------------------


def sessions_of(part: cl.Dataset) -> set[str]:
    return set(part.session_names)


def test_sessions_are_dealt_three_one_one(behavior):
    parts = deal(behavior)
    named = parts.named
    assert [part.n_sessions for part in named.values()] == [24, 8, 8]
    assert sum(len(sessions_of(part)) for part in named.values()) == 40
    assert set.union(*map(sessions_of, named.values())) == set(behavior.session_names)
    assert parts.text == ("Of 40 sessions, 24 are trained on and 8 are chosen by and 8 are reported.")


def test_few_sessions_are_dealt_in_blocks_whose_choices_are_counted_once(behavior):
    few = behavior.select(range(4))
    parts = deal(few)
    masks = np.stack([part.mask for part in parts.named.values()])
    np.testing.assert_array_equal(masks.sum(0), few.mask.astype(int))
    for part in parts.named.values():
        np.testing.assert_array_equal(part.inputs, few.inputs)
    assert masks[0].sum() > masks[1].sum()
    assert "Blocks of 10 choices within 4 sessions" in parts.text


def test_people_of_one_session_are_dealt_whole():
    people = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=20, n_trials=20)
    people = people._replace(
        subject=np.arange(20, dtype=np.int32), subject_names=tuple(f"person {i}" for i in range(20))
    )
    parts = deal(people)
    subjects = [set(part.subject.tolist()) for part in parts.named.values()]
    assert [len(own) for own in subjects] == [12, 4, 4]
    assert not subjects[0] & subjects[1] | subjects[0] & subjects[2] | subjects[1] & subjects[2]
    assert "subjects (of one session each)" in parts.text
    known = deal(people, every_subject=True)
    for part in known.named.values():
        assert set(part.subject[part.mask.any((1, 2))].tolist()) <= set(
            known.train.subject[known.train.mask.any((1, 2))].tolist()
        )


def test_reported_sessions_may_be_given_but_not_twice(behavior):
    kept, held_out = behavior.split(every=4)
    parts = deal(kept, held_out)
    assert parts.report is held_out
    assert parts.choose.n_sessions + parts.train.n_sessions == 30
    with pytest.raises(ValueError, match="with the same choices counted"):
        deal(behavior, held_out)


def test_too_few_choices_are_refused():
    one = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=1, n_trials=20)
    with pytest.raises(ValueError, match="1 sessions of 20 choices leave none that are"):
        deal(one)


def test_likelihoods_of_blocks_add_up(behavior):
    few = behavior.select(range(3))
    pairing = Pairing(few)
    assert pairing.units.block == 10
    longer = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=130)
    pairing = Pairing(longer)
    assert pairing.units.n_choices.tolist() == [26] * 10
    assert pairing.units.resampled_by == "blocks within subjects"
    assert Units(np.ones(3, int), np.array([0, 0, 1]), ("a", "b", "c")).resampled_by == (
        "subjects and sessions within them"
    )
    model = network()
    whole = cl.evaluate(model, longer).session_nll
    units = pairing.nll(cl.latents(model, longer))
    np.testing.assert_allclose(units.reshape(2, 5).sum(1), whole, rtol=1e-5)
    np.testing.assert_allclose(cl.evaluate(model, pairing.each).session_nll, units, rtol=1e-5)


# --- the whole ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found(behavior, tmp_path_factory) -> cl.Discovery:
    return cl.discover(behavior, model=network(), folder=tmp_path_factory.mktemp("found"), **SHORT)


def test_everything_is_measured_on_the_same_unseen_sessions(found, behavior):
    parts = deal(behavior)
    unseen = parts.report
    table = found.yardsticks.set_index("model")["likelihood"]
    assert table["network"] == pytest.approx(found.likelihood, abs=1e-6)
    assert found.likelihood == pytest.approx(cl.evaluate(found.model, unseen).normalized_likelihood, abs=1e-6)
    assert table["chance"] == pytest.approx(0.5, abs=1e-9)
    assert table["generating agent"] == pytest.approx(unseen.generating_likelihood, abs=1e-6)
    assert table["stay baseline"] == pytest.approx(
        cl.stay_baseline(parts.train, unseen).normalized_likelihood, abs=1e-6
    )
    q = cl.fit_agent(cl.QLearning(), parts.train)
    assert table["Q-learning"] == pytest.approx(cl.evaluate(q, unseen).normalized_likelihood, abs=1e-5)
    assert {"GRU", "win-stay lose-shift"} <= set(table.index)
    assert found.measured.best_classical == "Q-learning"
    assert found.agreement.n_runs == 2
    assert found.run.model is found.model


def test_a_discovery_is_saved_whole(found, tmp_path):
    folder = found.save(tmp_path / "found")
    again = cl.load_discovery(folder)
    assert again.verdict == found.verdict
    assert again.yardsticks.equals(found.yardsticks)
    assert again.level == found.level
    assert again.agreement.table.equals(found.agreement.table)
    assert again.path.table.equals(found.path.table)
    jax.tree.map(np.testing.assert_array_equal, again.model, found.model)
    same_equations(again.equations, found.equations)
    assert again.text == found.text


def test_a_level_that_equations_have_chosen_is_saved_and_made_again_as_such(found, tmp_path):
    other = 1 - int(found.level)
    levels = list(found.path.levels)
    levels[other] = replace(levels[other], bits=0 * levels[other].bits)  # it has no latent that counts
    found = replace(found, path=replace(found.path, levels=tuple(levels)))
    level = found.path.choose(n_latents=0)
    assert int(level) == other
    level = level.told("Equations.", rule=found.level.rule, by_networks=found.level)
    again = cl.load_discovery(replace(found, level=level).save(tmp_path / "found"))
    assert (int(again.level), again.level.seed, again.level.text) == (other, level.seed, "Equations.")
    assert int(again.level.by_networks) == int(found.level)
    assert again.level.by_networks.text == found.path.choose().text
    assert again.networks.keys() == found.networks.keys()  # searches begin where they did
    assert again.search == found.search == SHORT["equations"]
    recipe = again.recipe  # chooses by the rule, and equations have the same say in it
    assert (recipe.rule, recipe.n_latents, recipe.equations) == (found.level.rule, None, found.search)
    assert replace(found, search=None).recipe.equations is False


def same_equations(one: cl.Equations, other: cl.Equations) -> None:
    """Equal to the bit, in every field."""
    for field in fields(cl.Equations):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name in ("numbers", "steps", "candidates"):
            assert mine.equals(theirs), field.name
        elif isinstance(mine, str):
            assert mine == theirs, field.name
    np.testing.assert_array_equal(one.fitted.vector, other.fitted.vector)
    np.testing.assert_array_equal(one.fidelity.latents, other.fidelity.latents)
    jax.tree.map(np.testing.assert_array_equal, one.data.trials, other.data.trials)


def test_equations_are_on_top_and_measured_on_the_same_unseen_sessions(found, behavior):
    parts = deal(behavior)
    equations = found.equations
    assert found.text.startswith(equations.text)
    assert equations.mechanism == "Q-learning"
    assert "The equations, with 2 numbers, predict" in found.verdict
    row = found.yardsticks.set_index("model").loc["equations"]
    unseen = cl.evaluate(equations, parts.report).normalized_likelihood
    assert row["likelihood"] == pytest.approx(unseen, abs=1e-6)
    # found from what the network was trained on and chosen by, each choice once
    assert equations.data.n_choices.sum() == parts.train.mask.sum() + parts.choose.mask.sum()
    assert "network was " in equations.source
    starts = [source for source in equations.candidates["source"] if "DisRNN" in source]
    assert {source.rpartition(", ")[0] for source in starts} == set(found.networks)
    assert found.networks[starts[0].rpartition(", ")[0]] in [
        m for own in found.path.levels for m in own.models
    ]


def test_where_there_are_no_equations_it_is_said_why(found):
    one = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=1, n_trials=60)
    told, why = explained(found.path, found.level, deal(one), {}, Finished(None))
    assert told is None
    assert why.startswith("There are no equations: 36 choices count; equations need 50 at least")
    without = replace(found, equations=None, without_equations=why)
    assert without.text.startswith(why)


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("at", ["searching from", "fitting win-stay", "step 400"])
def test_interrupted_and_begun_again_it_is_the_same_to_the_bit(found, behavior, tmp_path, at):
    def stop(progress: cl.DiscoveryProgress) -> None:
        if at in progress.text and progress.stage != "penalty path":
            raise Interrupted

    found.path.save(tmp_path / "path.npz")
    with pytest.raises(Interrupted):
        cl.discover(behavior, model=network(), folder=tmp_path, watch=stop, **SHORT)
    assert not (tmp_path / "findings.npz").exists()
    told: list[str] = []
    again = cl.discover(
        behavior, model=network(), folder=tmp_path, watch=lambda progress: told.append(progress.text), **SHORT
    )
    assert again.text == found.text
    assert again.yardsticks.equals(found.yardsticks)
    same_equations(again.equations, found.equations)
    # what was finished before is not made again
    assert any("searching from" in text for text in told) == (at == "searching from")


def test_findings_of_another_path_are_refused(found, tmp_path):
    folder = found.save(tmp_path / "found")
    other = found.level.choosing.seeds
    assert len(other) == 2
    reversed_levels = tuple(reversed(found.path.levels))
    replace(found.path, levels=reversed_levels).save(folder / "path.npz")
    with pytest.raises(ValueError, match="are not of one discovery"):
        cl.load_discovery(folder)


def test_what_is_not_choices_is_refused():
    with pytest.raises(ValueError, match="discovery is from choices"):
        cl.discover(cl.Dataset(np.zeros((2, 5, 1)), np.zeros((2, 5, 1)), kind="continuous"))


def test_numbers_by_subject_are_kept_and_told(found, behavior, tmp_path):
    halves = behavior._replace(
        subject=(np.arange(40) % 4 > 1).astype(np.int32), subject_names=("ann", "bob|x")
    )
    by_subject = of_subjects(found.equations, deal(halves))
    assert sum(by_subject.n_choices.values()) == 32 * 30
    assert of_subjects(found.equations, deal(behavior)) is None
    again = cl.load_discovery(replace(found, by_subject=by_subject).save(tmp_path / "found"))
    assert again.by_subject.numbers.equals(by_subject.numbers)
    assert by_subject.text in again.text
    np.testing.assert_array_equal(again.by_subject.logits(halves), by_subject.logits(halves))
    told = measured(network=0.61, equations=0.60, **{"equations by subject": 0.55}, chance=0.69)
    assert "With numbers of each subject it is 0.57" in verdict("", chosen(), None, told, found.equations)[1]


# --- as a recipe ----------------------------------------------------------------------------------


def test_the_recipe_of_a_discovery_finds_the_same_from_the_same(found, behavior):
    parts = deal(behavior)
    recipe = found.recipe
    assert recipe.options["levels"] == (0.5, 30.0)
    assert (recipe.options["warm_up"], recipe.options["settling"]) == (SHORT["warm_up"], SHORT["settling"])
    run = recipe(parts.train, parts.choose, 0)
    jax.tree.map(np.testing.assert_array_equal, run.model, found.model)
    of_equations = replace(recipe, predicts="equations", equations=SHORT["equations"])
    told = of_equations(parts.train, parts.choose, 0)
    assert told.mechanism == found.equations.mechanism
    with pytest.raises(ValueError, match='predicts is \'latents\', expected "network" or "equations"'):
        cl.DiscoveryRecipe(predicts="latents")


def test_the_recipe_deals_and_tries_what_the_discovery_did(found, behavior, tmp_path):
    """It dealt sessions whatever was held out, and knew the network alone that was kept."""
    tried = (
        network(),
        cl.MultisubjectDisRNN(2, 2, 1, n_subjects=2, update_width=3, update_depth=1, choice_depth=0, key=0),
    )
    told = cl.load_discovery(replace(found, tried=tried, hold_out="blocks").save(tmp_path / "found"))
    for recipe in (replace(found, tried=tried, hold_out="blocks").recipe, told.recipe):
        assert recipe.hold_out == "blocks"
        made = [make(behavior, jax.random.key(1)) for make in recipe.make]
        assert [type(one).__name__ for one in made] == ["DisRNN", "MultisubjectDisRNN"]
        assert [one.n_latents for one in made] == [1, 1]
    assert len(found.recipe.make) == 1


def test_a_recipe_keeps_the_richer_network_where_it_predicts_better(behavior, monkeypatch):
    few = behavior.select(range(10))
    dealt, asked = [], []
    kept = recipe_file.told_from_simpler

    def told(paths, levels):
        asked.append([path.warm_up.models[0].n_hidden for path in paths])
        kept(paths, levels)
        return 1, ""

    def deals(*given, **settings):
        dealt.append(settings)
        return deal(*given, **settings)

    monkeypatch.setattr(recipe_file, "told_from_simpler", told)
    monkeypatch.setattr(recipe_file, "deal", deals)
    options = {name: SHORT[name] for name in ("levels", "warm_up", "settling", "batch_size")}
    options |= {"warm_up": cl.WarmUp(most=10, check_every=5), "settling": cl.Settling(most=5, check_every=5)}
    several = [lambda data, key, n=n: cl.GRU(2, 2, n, key=key) for n in (1, 2)]
    recipe = cl.DiscoveryRecipe(make=several, seeds=1, hold_out="blocks", options=options)
    assert recipe(few, None, 0).model.n_hidden == 2
    assert asked == [[1, 2]]
    assert dealt == [{"reported": False, "every_subject": False, "hold_out": "blocks"}]


def test_compared_it_chooses_within_each_fold(found, behavior):
    """What a fold holds out is neither trained on nor chosen by."""
    seen = []

    def make(data, key):
        seen.append(data)
        return network()

    recipe = replace(found.recipe, make=make)
    compared = cl.compare({"found": recipe}, behavior, folds=5, held_out_folds=[1], n_bootstrap=20)
    (data,) = seen
    held_out = [name for i, name in enumerate(behavior.session_names) if i % 5 == 1]
    assert set(data.session_names) == set(behavior.session_names) - set(held_out)
    assert compared.session.tolist() == held_out
    (run,) = compared.fitted["found"]
    scored = cl.evaluate(run, behavior.select(np.arange(1, 40, 5)))
    assert compared.likelihood[0] == pytest.approx(scored.normalized_likelihood, abs=1e-6)
    # a discovery stands for its recipe, which was made without the sessions that it is scored on
    again = cl.compare({"found": found}, behavior, folds=5, held_out_folds=[1], n_bootstrap=20)
    assert again.kinds[0] == "network"
    np.testing.assert_allclose(again.session_nll[0], compared.session_nll[0], rtol=1e-5)


# --- the verdict ----------------------------------------------------------------------------------


def measured(**nll_per_choice: float) -> Yardsticks:
    """Likelihoods of 20 sessions of 50 choices; models differ by the same on each, up to a little noise."""
    rng = np.random.default_rng(0)
    shared = rng.normal(size=20)
    units = Units(np.full(20, 50), np.zeros(20, int), tuple(map(str, range(20))))
    names = {"stay": "stay baseline", "q": "Q-learning", "gru": "GRU"}
    nll = {
        names.get(name, name): 50 * value + shared + 0.1 * rng.normal(size=20)
        for name, value in nll_per_choice.items()
    }
    return Yardsticks(
        nll, dict.fromkeys(nll, ""), {"Q-learning": 0.5} if "q" in nll_per_choice else {}, units, {}
    )


def chosen(n_latents: int = 2) -> ChosenLevel:
    numbers = np.array([n_latents])
    choosing = Choosing(numbers, numbers, numbers, numbers, numbers, 0)
    return ChosenLevel(0, seed=0, rule="best", text="Level 0.", choosing=choosing)


def test_the_verdict_is_modest_where_the_data_are():
    first = verdict("", chosen(), None, measured(network=0.60, stay=0.60, q=0.62, chance=0.69))[0]
    assert first.startswith("These data can't tell more than staying and shifting by the last reward")
    first = verdict("", chosen(), None, measured(network=0.69, stay=0.72, q=0.62, chance=0.69))[0]
    assert first.startswith("These data can't tell more than guessing")


def test_equations_that_tell_more_than_the_network_are_not_denied():
    told = measured(network=0.61, equations=0.55, stay=0.60, q=0.56, chance=0.69)
    first = verdict("", chosen(), None, told)[0]
    assert first.startswith("The network tells no more than staying and shifting by the last reward, but the")
    advantage, low, high = told.advantage("stay baseline", of="equations")
    assert low < advantage < high
    assert advantage == pytest.approx(np.exp(-0.55) - np.exp(-0.60), abs=0.01)
    as_likely = measured(network=0.61, equations=0.60, stay=0.60, q=0.56, chance=0.69)
    assert verdict("", chosen(), None, as_likely)[0].startswith("These data can't tell more than")


@pytest.mark.parametrize(
    ("network", "q", "says"),
    [
        (0.50, 0.54, "A network of 2 latents is worth 0.02"),
        (0.54, 0.50, "Q-learning says 0.02"),
        (0.50, 0.5001, "A network of 2 latents says no more than Q-learning does"),
    ],
)
def test_the_verdict_compares_with_the_best_classical_model(network, q, says):
    own = measured(network=network, stay=0.62, q=q, chance=0.69, gru=0.49)
    sentences = verdict("Dealt.", chosen(), None, own)
    assert sentences[0].startswith(says)
    assert "20 sessions that nothing saw" in sentences[0]
    assert "A GRU, the ceiling of what these choices tell, reaches more" in sentences[1]
    json.dumps(sentences)


def test_a_subject_of_one_session_does_not_narrow_the_error():
    """Drawn within subjects alone, 11 of these 12 subjects would always be the same."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=13)
    subject = np.array([0, 0, *range(1, 12)])
    units = Units(np.ones(13, int), subject, tuple(map(str, range(13))))
    error = units.resampled_means(values).std()
    assert error == pytest.approx(values.std() / 13**0.5, rel=0.25)
    within = Units(np.ones(13, int), np.zeros(13, int), units.sessions)
    assert within.resampled_means(values).std() == pytest.approx(values.std() / 13**0.5, rel=0.1)


@pytest.mark.slow  # its parts have tests of their own: blocks that are dealt, and the modest verdict
def test_choices_by_chance_give_a_modest_answer():
    """One session of 150 choices that depend on nothing: no finding is dressed up."""
    noise = cl.simulate(cl.QLearning(0.3, 0.0), cl.DriftingBandit(), n_sessions=1, n_trials=150, seed=1)
    settings = SHORT | {"levels": (3.0, 300.0), "gru_units": None}
    found = cl.discover(noise, model=network(), **settings)
    assert found.verdict.startswith("These data can't tell more than")
    assert "choices within one session" in found.verdict
    assert found.likelihood < 0.53
