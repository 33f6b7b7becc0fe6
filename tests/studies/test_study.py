"""Studies: every run kept, nothing trained twice, the same to the bit however often it was interrupted."""

import shutil
from pathlib import Path

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.studies import work
from cogrnn_lab.studies.claims import claimed, is_claimed
from cogrnn_lab.studies.table import best_run
from cogrnn_lab.studies.work import Entry

SPACE = {
    "n_latents": [1, 2], "seed": [0, 1],
    "update_width": 2, "update_depth": 1, "choice_depth": 0, "warm_up": 4, "steps": 4, "batch_size": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def data() -> cl.Dataset:
    return cl.simulate(cl.QLearning(0.4, 4.0), cl.DriftingBandit(), n_sessions=8, n_trials=12)


@pytest.fixture(scope="module")
def done(data, tmp_path_factory) -> cl.Study:
    return cl.Study(tmp_path_factory.mktemp("study"), data, SPACE, report_every=2).run()


def same(one: cl.Study, other: cl.Study) -> None:
    mine, theirs = (study.table.drop(columns="seconds") for study in (one, other))
    assert mine.equals(theirs)
    for name in mine["run"]:
        ours, other_run = one.open(name), other.open(name)
        jax.tree.map(np.testing.assert_array_equal, ours.model, other_run.model)
        np.testing.assert_array_equal(ours.losses, other_run.losses)


def test_every_run_is_an_entry_with_its_scores(done, data):
    table = done.table
    assert table["state"].tolist() == ["finished"] * 4
    assert list(zip(table["n_latents"], table["seed"], strict=True)) == [(1, 0), (1, 1), (2, 0), (2, 1)]
    train, held_out = data.split()
    for row in table.itertuples():
        run = cl.load(done.folder / "runs" / f"{row.run}.npz")
        assert cl.evaluate(run, held_out).normalized_likelihood == pytest.approx(
            row.likelihood_held_out, abs=1e-9
        )
        assert cl.evaluate(run, train).normalized_likelihood == pytest.approx(row.likelihood_train, abs=1e-9)
        assert row.n_parameters == cl.n_parameters(run)
        assert row.bits == pytest.approx(cl.latent_contributions(run, train).bits.sum())
        assert row.nats == pytest.approx(sum(run.reports[-1].information.values()))
    assert not list(done.folder.glob("runs/*.checkpoint.npz"))
    assert not list(done.folder.glob("runs/*.claim"))


def test_a_run_is_what_fit_gives(done, data):
    model = cl.DisRNN(2, 2, 2, update_width=2, update_depth=1, choice_depth=0, key=jax.random.key(1))
    run = cl.fit(
        model, *data.split(), phases=cl.warm_up_then_penalized(4, 4), batch_size=3, seed=1, report_every=2,
        progress=False,
    )  # fmt: skip
    jax.tree.map(np.testing.assert_array_equal, done.open(n_latents=2, seed=1).model, run.model)


def test_the_best_is_that_of_the_best_mean(done):
    means = done.by_setting
    table = done.table
    assert means["n_runs"].tolist() == [2, 2]
    best = means["n_latents"][means["likelihood_held_out"].idxmax()]
    own = table[table["n_latents"] == best]
    assert done.best() == own["run"][own["likelihood_held_out"].idxmax()]
    spread = np.std(own["likelihood_held_out"], ddof=1) / np.sqrt(2)
    row = means[means["n_latents"] == best].iloc[0]
    assert row["standard_error"] == pytest.approx(spread)
    simplest = done.open(done.best("one standard error"))
    within = means[means["likelihood_held_out"] >= row["likelihood_held_out"] - spread]
    assert simplest.model.n_latents == within.sort_values("bits")["n_latents"].iloc[0]


class Killed(BaseException):
    pass


class KillsAt(cl.logs.Log):
    """A log that tears the process away at the n-th report."""

    def __init__(self, n: int):
        self.left = n

    def begin(self, settings, name=None):
        return _Kills(self)


class _Kills(cl.logs.LoggedRun):
    def __init__(self, log):
        self.log = log

    def report(self, report):
        self.log.left -= 1
        if self.log.left == 0:
            raise Killed

    def end(self, scores, failed=None):
        pass


def test_killed_again_and_again_it_ends_as_an_undisturbed_one(done, data, tmp_path):
    for n in (2, 3, 4, 2, 3):
        with pytest.raises(Killed):
            cl.Study(tmp_path, data, SPACE, report_every=2, log=KillsAt(n)).run()
    study = cl.Study(tmp_path, data, SPACE, report_every=2)
    assert {"finished", "interrupted", "waiting"} == set(study.table["state"])
    before = {
        file: file.stat().st_mtime_ns for file in tmp_path.glob("runs/*.npz") if "check" not in file.name
    }
    same(study.run(), done)
    assert {
        file: file.stat().st_mtime_ns for file in before
    } == before  # what was finished is not trained again


def test_more_points_extend_a_study_and_others_are_refused(done, data, tmp_path):
    folder = Path(shutil.copytree(done.folder, tmp_path / "copy"))
    more = cl.Study(folder, data, SPACE | {"seed": [0, 1, 2]}, report_every=2)
    assert more.table["state"].tolist() == ["finished", "finished", "waiting"] * 2
    cl.Study(folder, data, SPACE | {"seed": [0, 1, 2]}, report_every=2)
    with pytest.raises(ValueError, match=r"seed had 2, now 0, 1\. A study may be extended"):
        cl.Study(folder, data, SPACE, report_every=2)
    with pytest.raises(ValueError, match="steps had 4, now 6"):
        cl.Study(folder, data, SPACE | {"seed": [0, 1, 2], "steps": 6}, report_every=2)
    with pytest.raises(ValueError, match="report_every was 2, is 4"):
        cl.Study(folder, data, SPACE | {"seed": [0, 1, 2]}, report_every=4)
    with pytest.raises(ValueError, match="holds another study: data was"):
        cl.Study(folder, data.split()[0], SPACE | {"seed": [0, 1, 2]}, report_every=2)
    assert cl.Study(folder).table["run"].tolist() == more.table["run"].tolist()


def test_a_failed_run_is_an_entry_and_the_others_go_on(data, tmp_path):
    space = SPACE | {"n_latents": 1, "seed": 0, "warm_up_rate": [1e-2, 1e9]}
    study = cl.Study(tmp_path, data, space, report_every=2).run()
    assert study.table["state"].tolist() == ["finished", "failed"]
    assert "training stopped at step" in study.table["error"][1]
    with pytest.raises(ValueError, match="is failed: training stopped"):
        study.open(study.table["run"][1])
    rows = []
    study.run(watch=rows.append)
    assert rows == []
    study.run(retry_failed=True, watch=rows.append)
    assert [row["state"] for row in rows] == ["failed"]


def test_folds_and_data_sets_are_repeats(data, tmp_path):
    space = SPACE | {"n_latents": 1, "seed": 0}
    study = cl.Study(tmp_path, {"a": data, "b": data.split()[0]}, space, folds=2, report_every=4).run()
    assert list(zip(study.table["dataset"], study.table["fold"], strict=True)) == [
        ("a", 0), ("a", 1), ("b", 0), ("b", 1)
    ]  # fmt: skip
    held_out = data.split(2, offset=1)[1]
    likelihood = cl.evaluate(study.open(dataset="a", fold=1), held_out).normalized_likelihood
    assert study.table["likelihood_held_out"][1] == pytest.approx(likelihood, abs=1e-9)
    assert study.by_setting["n_runs"].tolist() == [4]


def test_random_draws_are_extended_by_more(data, tmp_path):
    space = SPACE | {"n_latents": (1, 9), "price": (1e-2, 10.0, "log"), "seed": [0, 1]}
    few, more = (cl.Study(tmp_path / str(n), data, space, n_random=n).points for n in (2, 3))
    assert more[:4] == few
    assert len(more) == 6
    assert all(0.01 <= p["price"] <= 10 and isinstance(p["n_latents"], int) for p in more)


@pytest.mark.parametrize(
    ("space", "said"),
    [
        ({"n_latent": [2]}, r"n_latent is no setting .* \(did you mean n_latents\?\)"),
        ({"price": (0.1, 1.0)}, r"price has a range, 0.1 to 1, .* write price=\[0.1, 1.0\]"),
        ({"seed": []}, "seed has no values"),
        ({"seed": [1, 1]}, "with a value twice"),
        ({"fold": [0]}, "fold is no setting: Study"),
        ({"dataset": ["mice"]}, "there is no data set 'mice'; there are data"),
        ({"network": ["GRU"]}, "a GRU needs n_hidden"),
        ({"network": "Gru"}, r"did you mean GRU\?"),
        ({"penalty_subject": 1e-3}, "penalty_subject would have no effect"),
        ([1, 2], "expected a dictionary from settings"),
    ],
)
def test_a_space_that_says_something_else_is_refused(data, tmp_path, space, said):
    with pytest.raises((ValueError, TypeError), match=said):
        cl.Study(tmp_path, data, space)
    assert list(tmp_path.iterdir()) == []


def test_searches_that_do_not_fit_are_refused(data, tmp_path):
    with pytest.raises(ValueError, match="have only 2 combinations; leave n_random out"):
        cl.Study(tmp_path, data, SPACE, n_random=2)
    with pytest.raises(ValueError, match="got n_random and n_trials"):
        cl.Study(tmp_path, data, SPACE, n_random=2, n_trials=2)
    with pytest.raises(ValueError, match="there is no study in"):
        cl.Study(tmp_path)


def test_a_run_that_another_process_has_is_left_to_it(data, tmp_path):
    study = cl.Study(tmp_path, data, SPACE | {"n_latents": 1, "seed": 0})
    (name,) = study.table["run"]
    with claimed(Entry(tmp_path, name).claim) as is_ours:
        assert is_ours
        assert study.table["state"].tolist() == ["under way"]
        with claimed(Entry(tmp_path, name).claim) as again:
            assert not again
    assert study.table["state"].tolist() == ["waiting"]
    assert not is_claimed(Entry(tmp_path, name).claim)


def test_optuna_suggests_settings_and_goes_on(data, tmp_path):
    pytest.importorskip("optuna", reason="optuna is not installed")
    space = SPACE | {"n_latents": (1, 3), "price": (0.1, 10.0, "log"), "warm_up": 2, "steps": 2}
    whole = cl.Study(tmp_path / "whole", data, space, n_trials=3, report_every=2).run()
    assert len(whole.table) == 6
    for n in (2, 3, 5):
        with pytest.raises(Killed):
            cl.Study(tmp_path / "cut", data, space, n_trials=3, report_every=2, log=KillsAt(n)).run()
    same(cl.Study(tmp_path / "cut", data, space, n_trials=3, report_every=2).run(), whole)


def test_failed_trials_of_optuna_are_trained_again(data, tmp_path, monkeypatch):
    """Their notes were deleted and nothing was trained, as Optuna's trial had ended."""
    pytest.importorskip("optuna", reason="optuna is not installed")
    space = SPACE | {"n_latents": 1, "price": (0.1, 10.0, "log"), "warm_up": 2, "steps": 2, "seed": [0, 1]}

    def fails(*arguments, **settings):
        raise ValueError("it does not go today")

    def study() -> cl.Study:
        return cl.Study(tmp_path, data, space, n_trials=2, report_every=2)

    with monkeypatch.context() as broken:
        broken.setattr(work, "fit", fails)
        assert set(study().run(progress=False).table["state"]) == {"failed"}
    rows = []
    assert set(study().run(watch=rows.append, progress=False).table["state"]) == {"failed"}
    assert rows == []
    for n in (1, 3):  # interrupted, it goes on without being asked for it again
        with pytest.raises(Killed):
            cl.Study(tmp_path, data, space, n_trials=2, report_every=2, log=KillsAt(n)).run(
                retry_failed=n == 1, progress=False
            )
    table = study().run(progress=False).table
    assert table["state"].tolist() == ["finished"] * 4
    import optuna

    journal = optuna.storages.journal.JournalFileBackend(str(tmp_path / "optuna.log"))
    told = optuna.load_study(study_name="study", storage=optuna.storages.JournalStorage(journal)).trials
    assert [trial.state.name for trial in told] == ["FAIL", "FAIL", "COMPLETE", "COMPLETE"]
    means = table.groupby("price", sort=False)["likelihood_held_out"].mean()
    assert {trial.params["price"]: trial.value for trial in told[2:]} == pytest.approx(means.to_dict())
    assert study().run(watch=rows.append, progress=False).table.equals(table)
    assert rows == []


def test_steps_are_the_setting_whatever_step_the_network_is_of(data, tmp_path):
    """The step of the best network took the column's place, so that every run was a setting of its own."""
    space = SPACE | {"n_latents": 1, "steps": [4, 8]}
    study = cl.Study(tmp_path, data, space, report_every=2, patience=2).run(progress=False)
    table = study.table
    assert list(zip(table["seed"], table["steps"], strict=True)) == [(0, 4), (0, 8), (1, 4), (1, 8)]
    assert study.by_setting["n_runs"].tolist() == [2, 2]
    for row in table.itertuples():
        run = study.open(row.run)
        (at,) = (report for report in run.reports if report.step == run.settings["best_step"])
        assert row.n_steps == at.step
        assert row.nats == pytest.approx(sum(at.information.values()))


def test_a_setting_that_is_half_finished_does_not_win(done):
    table = done.table
    first = table.index[0]
    table["likelihood_held_out"] = [0.9, 0.1, 0.5, 0.4]
    table["state"] = ["finished", "failed", "finished", "finished"]
    assert best_run(table, done.settings, "best") == table["run"][2]
    table["state"] = "finished"
    table["likelihood_held_out"] = [0.9, 0.4, 0.5, 0.4]
    assert best_run(table, done.settings, "best") == table["run"][first]


def test_the_trade_off_is_drawn(done):
    figure = cl.plots.plot_study(done)
    (axes,) = figure.axes
    drawn = np.concatenate([dots.get_offsets() for dots in axes.collections])
    table = done.table
    np.testing.assert_allclose(np.sort(drawn[:, 1]), np.sort(table["likelihood_held_out"]))
    np.testing.assert_allclose(np.sort(drawn[:, 0]), np.sort(table["nats"]))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["1", "2"]
    assert axes.get_legend().get_title().get_text() == "n_latents"


def test_the_folder_alone_is_enough_to_look(done):
    assert cl.Study(done.folder).table.equals(done.table)
    with pytest.raises(ValueError, match="give data and space as well"):
        cl.Study(Path(done.folder)).run()
