"""The penalty path: levels by rule, the same when interrupted, and levels chosen by sessions not reported."""

from dataclasses import replace

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.discovery import ascent
from cogrnn_lab.discovery.choice import is_out_of_reach
from cogrnn_lab.discovery.course.finished import key_of
from cogrnn_lab.discovery.schedule import GivenPrices
from cogrnn_lab.discovery.together import Together
from cogrnn_lab.training.compiled.steps import train_chunks


@pytest.fixture(scope="module")
def parts() -> tuple[cl.Dataset, cl.Dataset, cl.Dataset]:
    """Sessions to train on, to choose by, to report."""
    agent, environment = cl.QLearning(0.4, 4.0), cl.DriftingBandit()
    return tuple(
        cl.simulate(agent, environment, n_sessions=n, n_trials=30, seed=seed)
        for seed, n in enumerate((24, 20, 24))  # as many as test_discover trains on: compiled once
    )


def network(seed: int = 0) -> cl.DisRNN:
    return cl.DisRNN(2, 2, 2, update_width=3, update_depth=1, choice_depth=0, key=jax.random.key(seed))


SHORT = {
    "levels": (0.3, 3.0, 60.0),
    "seeds": 2,
    "warm_up": cl.WarmUp(most=60, check_every=20, patience=2),
    "settling": cl.Settling(most=60, check_every=20, cooling=5, learning_rate=1e-2),
    "batch_size": 8,
}


@pytest.fixture(scope="module")
def path(parts) -> cl.Path:
    return cl.penalty_path(network(), *parts, **SHORT)


def test_every_level_is_kept_with_what_its_networks_tell(path, parts):
    assert path.prices.tolist() == [0.3, 3.0, 60.0]
    table = path.table
    assert len(table) == 6
    for row in table.itertuples():
        run = path.at(row.level, row.seed)
        for part, name in zip(parts, ("train", "choose", "report"), strict=True):
            likelihood = cl.evaluate(run.model, part).normalized_likelihood
            found, low, high = (getattr(row, f"likelihood_{name}{end}") for end in ("", "_low", "_high"))
            assert found == pytest.approx(likelihood, abs=1e-6)
            assert low < found < high
        contributions = cl.latent_contributions(run.model, parts[0])
        for i in range(2):
            assert getattr(row, f"bits_{i + 1}") == pytest.approx(contributions.bits[i], abs=1e-9)
            assert getattr(row, f"openness_{i + 1}") == pytest.approx(contributions.openness[i], abs=1e-6)
        assert run.history["penalty_latent"].iloc[-1] == pytest.approx(row.price * 3e-3, rel=1e-6)
        assert run.history["step"].is_monotonic_increasing
        assert len(run.losses) == run.history["step"].iloc[-1]


def test_information_is_dearer_along_the_path(path):
    bits = path.table.groupby("level")["bits"].mean()
    assert bits.is_monotonic_decreasing
    assert path.levels[0].n_latents.max() == 2
    assert bits.iloc[-1] < 0.2 * bits.iloc[0]


def test_nothing_is_compiled_anew_along_the_path(path, parts):
    compiled = train_chunks._cache_size()
    cl.penalty_path(network(), *parts, **SHORT | {"levels": (0.1, 0.2)})
    assert train_chunks._cache_size() == compiled


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("at", [(-1, 40), (1, 20), (2, 60)])
def test_interrupted_and_begun_again_it_is_the_same_to_the_bit(path, parts, tmp_path, at):
    file = tmp_path / "path.npz"

    def stop(report):
        if (report.level, report.steps) == at:
            raise Interrupted

    with pytest.raises(Interrupted):
        cl.penalty_path(network(), *parts, **SHORT, checkpoint=file, callbacks=[stop])
    if at[0] > 0:
        part_way = cl.Path.load(file)
        assert not part_way.finished
        assert len(part_way.levels) == at[0]
    again = cl.penalty_path(network(), *parts, **SHORT, checkpoint=file)
    for level, undisturbed in zip(again.levels, path.levels, strict=True):
        for model, expected in zip(level.models, undisturbed.models, strict=True):
            jax.tree.map(np.testing.assert_array_equal, model, expected)
        np.testing.assert_array_equal(level.penalized_loss, undisturbed.penalized_loss)
    whole = cl.Path.load(file)
    assert whole.finished
    assert whole.table.equals(path.table)
    assert (
        whole.at(1, 1).history.drop(columns="seconds").equals(path.at(1, 1).history.drop(columns="seconds"))
    )
    assert whole.choose().text == path.choose().text


def test_a_checkpoint_of_another_path_is_refused(path, parts, tmp_path):
    file = path.save(tmp_path / "path.npz")
    with pytest.raises(ValueError, match="another levels; give the same arguments"):
        cl.penalty_path(network(), *parts, **SHORT | {"levels": (0.3, 3.0)}, checkpoint=file)
    with pytest.raises(ValueError, match="another weights"):
        cl.penalty_path(network(7), *parts, **SHORT, checkpoint=file)
    with pytest.raises(ValueError, match="another data"):
        cl.penalty_path(network(), parts[0], parts[2], **SHORT, checkpoint=file)


def test_the_warm_up_ends_by_the_choosing_sessions_and_keeps_its_best_network(parts):
    """Few sessions are soon known by heart: the warm-up ends early, with the network from before that."""
    few = parts[0].select(np.tile(np.arange(4), 6))  # as many rows as the other paths: compiled once
    losses = []

    def watch(report):
        if report.level < 0 and report.finished is None:
            losses.append(report.loss)

    warm_up = cl.WarmUp(most=1000, check_every=20, patience=3, learning_rate=3e-2)
    path = cl.penalty_path(
        network(), few, parts[1], **SHORT | {"warm_up": warm_up, "levels": (1.0,)}, callbacks=[watch]
    )
    assert len(losses) < 50
    kept = path.units["choose"].means(path.warm_up.nll["choose"])
    assert (kept <= np.min(losses, 0) + warm_up.tolerance).all()
    assert (kept < losses[-1]).all()


def test_a_level_ends_when_the_loss_has_settled():
    settling = cl.Settling(tolerance=1e-3, check_every=10, most=100)
    falling = [np.array([0.70 - 0.01 * i, 0.6]) for i in range(4)]
    assert settling.settled(falling).tolist() == [False, True]
    flat = [*falling, np.array([0.6695, 0.6]), np.array([0.6701, 0.6])]
    assert settling.settled(flat).tolist() == [True, True]
    assert not settling.settled(flat[:1]).any()


def test_prices_go_up_by_steps_that_are_halved_where_too_much_would_close():
    ladder = cl.PriceLadder(first=0.1, step=4.0, finest=2.0, last=5.0)
    assert ladder.price_after(0.1, 4.0) == pytest.approx(0.4)
    assert ladder.price_after(2.0, 4.0) == 5.0
    assert ladder.price_after(5.0, 4.0) is None
    assert ladder.finer(4.0) == pytest.approx(2.0)
    assert ladder.finer(2.0) is None
    costs = np.array([0.01, 0.002, 0.0])
    assert ladder.closes_too_much(np.array([2, 2, 0]), costs)
    assert not ladder.closes_too_much(np.array([1, 2, 2]), costs)
    assert not ladder.closes_too_much(np.array([2, 2, 2]), costs / 10)
    assert ladder.first == 0.1
    assert cl.PriceLadder().for_data(500).first == 2.0
    assert cl.PriceLadder().for_data(100_000).first == 0.1
    assert ladder.for_data(500) is ladder
    assert GivenPrices((0.1, 1.0)).price_after(0.1, 1.0) == 1.0
    with pytest.raises(ValueError, match="expected ascending prices"):
        GivenPrices((1.0, 0.5))


def test_the_path_goes_on_until_everything_is_closed(parts):
    ladder = cl.PriceLadder(first=1.0, step=5.0, finest=5.0**0.5, last=1e6)
    settling = cl.Settling(most=150, check_every=50, cooling=5, learning_rate=1e-2)
    path = cl.penalty_path(network(), *parts, **SHORT | {"levels": ladder, "settling": settling})
    assert path.finished
    assert path.n_latents[-1].tolist() == [0, 0]
    assert (path.n_latents[:-1] > 0).any(1).all()
    assert path.prices[-1] < 1e6


def test_levels_that_cannot_be_chosen_get_fewer_steps(path, parts, monkeypatch):
    far, near = (
        replace(path.levels[0], nll={name: nll + worse for name, nll in path.levels[0].nll.items()})
        for worse in (2.0, 0.0)
    )
    assert is_out_of_reach(replace(path, levels=(path.levels[0], far)))
    assert not is_out_of_reach(replace(path, levels=(path.levels[0], near)))
    assert not is_out_of_reach(replace(path, levels=(far,)))
    better_in_one = {name: nll - [[4.0], [0.0]] for name, nll in far.nll.items()}
    assert not is_out_of_reach(replace(path, levels=(path.levels[0], replace(far, nll=better_in_one))))
    monkeypatch.setattr(ascent, "is_out_of_reach", lambda path: len(path.levels) == 1)
    settling = cl.Settling(tolerance=1e-9, check_every=20, most=60, beyond=20, cooling=5)
    short = cl.penalty_path(network(), *parts, **SHORT | {"settling": settling, "seeds": 1})
    steps = [level.n_steps for level in short.levels]
    assert steps[1] == 30
    assert steps[0] > 30 < steps[2]
    rare = replace(settling, check_every=30, beyond=10)
    again = cl.penalty_path(network(), *parts, **SHORT | {"settling": rare, "seeds": 1})
    assert again.levels[1].n_steps == 40  # as many as there are to a check, and those to cool down


# --- what is not a path ---------------------------------------------------------------------------


def test_sessions_in_two_parts_are_refused(parts):
    train, choose, _ = parts
    with pytest.raises(ValueError, match="both choose and report, with the same choices counted"):
        cl.penalty_path(network(), train, choose, choose.select([3]), **SHORT)
    with pytest.raises(ValueError, match="both train and choose"):
        cl.penalty_path(network(), train, train, **SHORT)


def test_what_cannot_be_is_refused(parts):
    train, choose, _ = parts
    with pytest.raises(ValueError, match="seeds = 0; expected 1 or more, a whole number of networks"):
        cl.penalty_path(network(), train, choose, **SHORT | {"seeds": 0})
    with pytest.raises(ValueError, match="groups are \\('latents',\\), expected some of the network's"):
        cl.penalty_path(network(), train, choose, groups=["latents"], **SHORT)
    with pytest.raises(ValueError, match="the base has no weight for latent, update_input"):
        cl.penalty_path(network(), train, choose, base=cl.Penalties(l2=1e-5), **SHORT)
    with pytest.raises(ValueError, match="expected 0 < first <= last"):
        cl.PriceLadder(first=3.0, last=1.0)
    with pytest.raises(ValueError, match="tolerance is -1"):
        cl.Settling(tolerance=-1.0)


def test_one_group_alone_grows_on_request(parts):
    settings = SHORT | {"levels": (2.0, 4.0)}
    path = cl.penalty_path(network(), *parts, groups="latent", **settings)
    assert [level.penalties.latent for level in path.levels] == [6e-3, 12e-3]
    assert {level.penalties.update_input for level in path.levels} == {1e-3}


def test_a_gru_has_a_path_of_its_squared_weights(parts):
    gru = cl.GRU(2, 2, 4, key=jax.random.key(0))
    path = cl.penalty_path(gru, *parts, **SHORT | {"levels": (1.0, 100.0, 10000.0), "seeds": 1})
    l2 = [float(level.models[0].l2()) for level in path.levels]
    assert l2 == sorted(l2, reverse=True)
    assert [level.penalties.l2 for level in path.levels] == pytest.approx([1e-5, 1e-3, 1e-1])
    assert path.choose() in (0, 1, 2)


def test_networks_that_know_subjects_have_paths(parts):
    train, choose, _ = parts
    people = [replace_subjects(part, ("a", "b"), np.arange(part.n_sessions) % 2) for part in (train, choose)]
    model = cl.MultisubjectDisRNN(
        2, 2, 2, n_subjects=2, update_width=3, update_depth=1, choice_depth=0, key=jax.random.key(0)
    )
    path = cl.penalty_path(model, *people, **SHORT | {"levels": (1.0, 3.0)})
    assert {"subject", "update_subject", "choice_subject"} <= set(path.groups)
    assert path.levels[1].penalties.subject == pytest.approx(3e-3)
    others = replace_subjects(choose, ("b", "a"), np.arange(choose.n_sessions) % 2)
    with pytest.raises(ValueError, match="counts subjects in another way"):
        cl.penalty_path(model, people[0], others, **SHORT)


@pytest.mark.slow  # compiles a network of its own; what follows from its choices is tested above
def test_networks_that_predict_activity_have_paths_judged_by_choices(parts):
    recorded = []
    for part in parts[:2]:
        signal = part.inputs[..., :1] + np.float32(0.1)
        targets = np.concatenate([part.targets, signal], axis=-1)
        recorded.append(cl.Dataset(part.inputs, targets, kind="mixed", n_classes=2))
    model = cl.NeuroDisRNN(
        2, 2, 2, n_signals=1, update_width=3, update_depth=1, choice_depth=0, neural_width=3, neural_depth=1,
        key=jax.random.key(0),
    )  # fmt: skip
    path = cl.penalty_path(model, *recorded, **SHORT | {"levels": (1.0, 3.0), "seeds": 1})
    assert path.levels[1].penalties.neural == pytest.approx(3e-3)
    likelihood = cl.evaluate(path.at(1).model, recorded[1]).normalized_likelihood
    assert path.table["likelihood_choose"].iloc[1] == pytest.approx(likelihood, abs=1e-6)


def replace_subjects(part: cl.Dataset, names: tuple[str, ...], subject: np.ndarray) -> cl.Dataset:
    return part._replace(subject=subject.astype(np.int32), subject_names=names)


# --- choosing ------------------------------------------------------------------------------------


def with_nll(path: cl.Path, choose: list[np.ndarray], n_latents: list[int]) -> cl.Path:
    """A path with these nll (unit,) at its levels, of which the first network of each represents it."""
    levels = []
    for level, nll, n in zip(path.levels, choose, n_latents, strict=True):
        bits = np.zeros((2, 2))
        bits[:, :n] = 1.0
        levels.append(
            replace(
                level,
                penalized_loss=np.array([0.5, 0.6]),
                bits=bits,
                nll={"choose": np.stack([nll, nll + 99]), "report": level.nll["report"]},
            )
        )
    return replace(path, levels=tuple(levels))


def test_the_dearest_level_within_one_standard_error_is_chosen(path):
    """Levels that differ by the same on each session are told apart, however much the sessions differ."""
    rng = np.random.default_rng(0)
    sessions = 18.0 + 3.0 * rng.normal(size=20)
    surely_worse = sessions + 0.3
    as_likely = sessions + 0.5 * rng.normal(size=20)
    as_likely += 0.02 - (as_likely - sessions).mean()
    told = with_nll(path, [sessions, surely_worse, surely_worse], [2, 1, 0])
    assert told.choose() == 0
    not_told = with_nll(path, [sessions, as_likely, surely_worse], [2, 1, 0])
    chosen = not_told.choose()
    assert (chosen, chosen.seed) == (1, 0)
    difference, error = chosen.choosing.difference[1], chosen.choosing.standard_error[1]
    assert difference == pytest.approx(-0.02 / 30, rel=1e-6)
    assert error == pytest.approx((as_likely - sessions).std() / 20**0.5 / 30, rel=0.15)
    assert "within one standard error of the best level's (level 0" in chosen.text
    assert "0.0007 ± 0.00" in chosen.text
    assert "20 sessions" in chosen.text
    assert "1 of 2 latents" in chosen.text
    assert not_told.choose("best") == 0
    assert not_told.choose(n_latents=0) == 2
    assert not_told.at(chosen).model is not_told.levels[1].models[0]
    levels = [replace(own, penalized_loss=np.array([0.6, 0.5])) for own in not_told.levels]
    second = replace(not_told, levels=tuple(levels))
    assert second.at(second.choose("best")).model is not_told.levels[0].models[1]
    assert second.at(0).model is not_told.levels[0].models[0]


def test_an_end_of_the_path_that_is_chosen_is_said_to_be_one(path):
    """What lies beyond it nothing has tried."""
    levels = [np.arange(20.0) + worse for worse in (0.0, 3.0, 6.0)]
    cheapest = with_nll(path, levels, [2, 1, 0]).choose().text
    assert "the cheapest level of the path: a lower price may predict better still" in cheapest
    assert "PriceLadder(first=0.1)" in cheapest
    between = with_nll(path, [levels[1], levels[0], levels[2]], [2, 1, 0]).choose().text
    assert "of the path: a" not in between
    assert "the dearest level of the path: a higher" in with_nll(path, levels[::-1], [2, 1, 1]).choose().text


def test_one_lucky_network_does_not_choose_the_level(path):
    """One network of level 0 predicts the choosing sessions best of all, and its twin worst of all."""
    sessions = 18.0 + np.random.default_rng(0).normal(size=20)
    levels = with_nll(path, [sessions] * 3, [2, 1, 0]).levels
    each = [(-0.5, 1.5), (0.0, 0.0), (1.0, 1.0)]
    levels = [
        replace(own, nll=own.nll | {"choose": np.stack([sessions + by for by in pair])})
        for own, pair in zip(levels, each, strict=True)
    ]
    lucky = replace(path, levels=tuple(levels))
    chosen = lucky.choose()
    assert (chosen, chosen.choosing.best) == (1, 1)
    np.testing.assert_allclose(chosen.choosing.difference, [-0.5 / 30, 0.0, -1.0 / 30])
    assert "the mean of 2 networks" in chosen.text


def test_what_cannot_be_chosen_is_refused(path, parts):
    with pytest.raises(ValueError, match="no level's network has 2 latents; there are levels with 0, 1"):
        with_nll(path, [np.ones(20)] * 3, [1, 1, 0]).choose(n_latents=2)
    with pytest.raises(ValueError, match="rule is 'simplest'"):
        path.choose("simplest")
    alone = cl.penalty_path(network(), parts[0], **SHORT | {"levels": (1.0,)})
    with pytest.raises(ValueError, match="without choosing sessions"):
        alone.choose()
    with pytest.raises(ValueError, match="no level 3"):
        path.at(3)


def test_the_path_is_reported_on_sessions_given_later(path, parts):
    alone = replace(path, units={name: path.units[name] for name in ("train", "choose")})
    with pytest.raises(ValueError, match="has no likelihood of sessions to 'report'"):
        alone.nll("report")
    later = alone.reported(parts[2], others=parts[:2])
    np.testing.assert_allclose(later.nll("report"), path.nll("report"))
    with pytest.raises(ValueError, match="with the same choices counted"):
        alone.reported(parts[1], others=parts[:2])


def test_settling_is_judged_on_the_subjects_that_are_trained(parts):
    """Subjects without a session had numbers in the data, but none in the network."""
    train = parts[0]
    names = ("absent", *(f"s{k}" for k in range(3)))
    several = train._replace(
        subject=(1 + np.arange(train.n_sessions) % 3).astype(np.int32), subject_names=names
    )
    model = cl.MultisubjectDisRNN(2, 2, 1, n_subjects=4, update_width=2, update_depth=1, key=0)
    together = Together([model], several, seed=0, batch_size=4)
    try:
        assert together.models[0].subject_names == names[1:]
        assert set(np.unique(np.asarray(together._judged.subject))) <= {0, 1, 2}
    finally:
        together.close()


def test_keys_of_parts_tell_where_one_number_ends():
    assert key_of("data", 16, 10) != key_of("data", 161, 0)
