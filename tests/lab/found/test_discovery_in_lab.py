"""A discovery in the lab: its path as it comes, stop and go on, and every level's network in all figures."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import traitlets as t

import cogrnn_lab as cl
from cogrnn_lab.discovery import ChosenLevel, DiscoveryProgress, Settling, WarmUp
from cogrnn_lab.lab.engine import course
from cogrnn_lab.lab.settings.state import TASK, LabState

PATIENCE = 60.0
SHORT: dict[str, Any] = {
    "seeds": 2,
    "levels": (0.3, 3.0),
    "warm_up": WarmUp(most=20, check_every=20),
    "settling": Settling(most=20, check_every=10, cooling=0),
    "equations": False,
    "classical": {},
    "gru_units": None,
}


def small_lab(folder) -> Any:
    state = LabState()
    state.data.set_quietly(n_sessions=12, n_trials=30)
    state.training.set_quietly(batch_size=4, warmup_steps=6, steps=10)
    state.model.parameters.set_quietly(
        n_latents=3, update_width=4, update_depth=1, choice_width=3, choice_depth=1
    )
    return cl.Lab(state=state, runner="inline", folder=folder)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory) -> Iterator[Any]:
    """A lab whose discovery was stopped when its first level had ended, and what was seen then."""
    lab = small_lab(tmp_path_factory.mktemp("runs"))
    seen: dict[str, Any] = {}

    def stop(change) -> None:  # the first level has ended, and figures follow the path
        seen["buttons"] = lab.top.discover.description, lab.top.train.disabled, lab.top.pause.disabled
        lab.step()
        seen["refusal"] = lab.top.message.value
        lab.pause()
        lab.state.view.unobserve(stop, "level")

    lab.state.view.observe(stop, "level")
    lab.discover(**SHORT)
    lab.discovering.beside.wait()
    seen["levels"] = lab.runner.run.course.levels
    yield lab, seen
    lab.close()


@pytest.fixture(scope="module")
def found(stopped) -> Any:
    """The same, gone on with to its end."""
    lab, seen = stopped
    seen["go on"] = lab.top.discover.description, lab.top.message.value, lab.top.train.disabled
    lab.discover()
    lab.wait()
    return lab


@pytest.mark.slow
def test_stop_keeps_the_levels_that_have_ended_and_go_on_takes_it_up(stopped, found):
    _, seen = stopped
    assert seen["buttons"] == ("Stop", True, False)
    assert "A discovery is under way" in seen["refusal"]
    assert len(seen["levels"]) == 1
    assert seen["go on"][0] == "Go on"
    assert "1 level ended" in seen["go on"][1]
    assert seen["go on"][2] is False, "Train is on again"
    course = found.runner.run.course
    assert course.levels[0] is seen["levels"][0], "it was not trained again"
    assert (len(course.levels), course.state) == (2, "done")
    assert found.top.discover.description == "Discover"


@pytest.mark.slow
def test_what_is_shown_is_what_discover_gives(found):
    course, result = found.runner.run.course, found.discovery
    assert [one.level.price for one in course.levels] == result.path.prices.tolist() == [0.3, 3.0]
    panel, seeds = found.display["path"], result.path.best_seeds
    rows = [result.path.levels[i] for i in range(2)]
    likelihood = [
        np.exp(-result.path.units["choose"].means(own.nll["choose"][s]))
        for own, s in zip(rows, seeds, strict=True)
    ]
    np.testing.assert_allclose(panel.dots.y, likelihood)
    np.testing.assert_allclose(panel.dots.x, [own.bits[s].sum() for own, s in zip(rows, seeds, strict=True)])
    lines = np.stack([own.openness for own in rows]).transpose(1, 2, 0)
    strong = course.seed(int(result.level))
    seeds_up = [s for s in range(len(lines)) if s != strong] + [strong]  # the shown one covers the others
    np.testing.assert_allclose(panel.openness.y, lines[seeds_up].reshape(6, 2))
    assert len(set(panel.openness.colors[:-3])) <= 1, "other starts are gray"
    assert len(set(panel.openness.colors[-3:])) == 3
    np.testing.assert_allclose(panel.chosen.y, [likelihood[int(result.level)]])
    assert result.level.text.split(",")[0] in panel.reason.value
    words = found.display["finding"]
    assert result.sentences[0].split("'")[0] in words.words.value
    assert f"{result.measured.likelihood('network'):.4f}" in words.bars.value
    assert "network of level" in words.bars.value


@pytest.mark.slow
def test_the_level_shows_its_network_in_all_figures(found):
    view, figures = found.state.view, found.display
    course = found.runner.run.course
    for level in (0, 1):
        view.level = level
        own = course.levels[level].level
        shown = figures["bottlenecks"].result.latent_openness
        np.testing.assert_allclose(shown, own.openness[course.seed(level)], atol=1e-6)
        model = own.models[course.seed(level)]
        states = cl.latents(model, found.dataset.select([view.session])).states[0]
        np.testing.assert_allclose(figures["trajectories"].lines.y, np.asarray(states).T, atol=1e-6)
        assert figures["path"].slider.value == level
        assert f"level {level}</b>" in figures["path"].shown.value
    figures["path"]._clicked(None, {"data": {"index": 0}})
    assert view.level == 0
    figures["path"].slider.value = 1
    assert view.level == 1
    figures["path"].back.click()
    assert view.level == -1
    own = cl.bottlenecks(found.model).latent_openness
    np.testing.assert_allclose(figures["bottlenecks"].result.latent_openness, own, atol=1e-6)
    with pytest.raises(t.TraitError, match="level is 2, expected -1 to 1"):
        view.level = 2


@pytest.mark.slow
def test_figures_that_show_the_chosen_level_follow_where_equations_choose_another(found):
    view, own, before = found.state.view, found.runner.run.course, found._path_before

    def choosing(level: int) -> course.Course:
        choice = found.discovery.level
        chosen = ChosenLevel(level, seed=0, rule=choice.rule, text="", choosing=choice.choosing)
        return replace(own, chosen=chosen)

    for shown, expected in ((0, 1), (-1, -1)):
        view.level = shown
        found._path_before = (len(own.levels), own.levels[-1:], choosing(0).chosen)
        found._follow_path(choosing(1))
        assert view.level == expected
    found._path_before = before


@pytest.mark.slow
def test_training_goes_on_with_the_network_in_training(found):
    found.state.view.level = 1
    found.step()
    found.runner.drive.turn()
    assert found.state.view.level == -1
    assert found.trainer.step_count == 1
    assert found.discovery is not None, "what was found stays"


def test_another_run_has_no_discovery_and_its_panel_is_gone(make_lab, monkeypatch):
    lab = make_lab()
    began = []
    monkeypatch.setattr(lab.discovering.beside, "begin", began.append)
    lab.discover()
    panel = lab.display["path"]
    assert len(began) == 1
    assert panel.widget in lab.display.widget.children
    lab.state.data.n_trials = 20
    assert panel.widget in lab.display.widget.children, "Reset is asked for first"
    assert "press Reset" in lab.top.message.value
    lab.reset()
    assert panel.widget not in lab.display.widget.children
    assert (lab.top.discover.description, lab.discovery) == ("Discover", None)


def test_a_saved_run_that_is_opened_ends_the_discovery_of_the_one_before(lab, train, monkeypatch):
    began, go_on, told = threading.Event(), threading.Event(), []

    def without_end(dataset, watch, **options) -> None:
        began.set()
        go_on.wait(PATIENCE)
        watch(DiscoveryProgress("penalty path", "level 0"))
        told.append("it went on")

    monkeypatch.setattr(course, "discover", without_end)
    train(lab, 1)
    lab.pause()
    lab.save("one")
    lab.discover()
    assert began.wait(PATIENCE)
    before = lab.runner.run
    lab.load("one")
    assert lab.runner.run is not before
    assert not lab.discovering.beside.is_busy
    assert before.course.state == "stopped"
    go_on.set()
    lab.discovering.beside.wait(PATIENCE)
    assert told == []
    assert lab.top.discover.description == "Discover"


def test_an_error_is_told_and_it_can_be_tried_again(lab):
    lab.discover(seeds=0)
    lab.discovering.beside.wait()
    assert "cog-status-error" in lab.top.message.value
    assert "seeds" in lab.top.message.value
    assert lab.top.discover.description == "Discover"
    assert not lab.top.train.disabled


def test_a_trial_task_has_no_discovery(make_lab, small_state):
    state = small_state()
    state.data.task.parameters.dt = 50.0
    state.data.source = TASK
    state.model.kind = "GRU"
    state.model.parameters.n_hidden = 4
    lab = make_lab(state=state)
    assert lab.top.discover.disabled
    lab.discover()
    assert "Discovery is from choices" in lab.top.message.value
    assert not lab.discovering.beside.is_busy
