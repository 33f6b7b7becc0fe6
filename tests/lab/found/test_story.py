"""The story in the lab: told beside training, shown with what was found, stopped, and saved."""

import html
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from half_runs import part_of

import cogrnn_lab as cl
from cogrnn_lab.discovery import Explanation
from cogrnn_lab.lab.engine import story as stories
from cogrnn_lab.lab.engine.story import Told, _subject
from cogrnn_lab.lab.panels.finding import _story

PATIENCE = 120.0
CALL = "<img src=x onerror=window.hit=1>"


def told(lab) -> Told | None:
    lab.telling.beside.wait(PATIENCE)
    lab.runner.drive.wake()
    return lab.runner.run.story.told


@pytest.fixture
def quick(monkeypatch) -> list[Any]:
    """Stories take no time; the arguments that they were asked for with."""
    asked: list[Any] = []

    def explain(found, dataset, *, watch):
        asked.append((found, dataset.n_sessions))
        watch("how it is wired")
        sections = {"What it is": (f"A network {CALL}.",), "Latents": ("None.",)}
        return part_of(Explanation, sections=sections)

    monkeypatch.setattr(stories, "explain", explain)
    return asked


def test_the_story_of_the_network_is_told_and_its_report_saved(lab, train, tmp_path):
    panel = lab.display["finding"]
    assert panel.explain.disabled
    lab.explain()
    assert "nothing to explain yet" in lab.top.message.value
    train(lab, 3)
    lab.pause()
    panel.draw(lab.runner.run, lab.display.view)
    assert not panel.explain.disabled
    panel.explain.click()
    one = told(lab)
    assert one is not None
    assert one.explanation is lab.story
    expected = cl.explain(lab.model, lab.runner.run.held_out)
    assert lab.story.text == expected.text
    for sentence in expected.sentences:
        assert html.escape(sentence) in panel.story.value
    assert "The story of step 3, along all sessions that are held out" in panel.story.value
    panel.save.click()
    lab.telling.writing.wait(PATIENCE)
    page = tmp_path / "runs" / "story of step 3" / "explanation.html"
    assert page.is_file()
    assert str(page) in html.unescape(lab.top.message.value)


def test_an_earlier_step_that_is_shown_is_what_is_told(lab, train, quick):
    train(lab, 3)
    lab.pause()
    lab.state.view.step = 0
    lab.explain()
    one = told(lab)
    assert one is not None
    assert (one.step, one.of) == (0, "step 0")
    assert quick[0][0] is lab.trainer.kept[0]


def test_it_is_marked_once_training_has_gone_on_and_names_are_text(lab, train, quick):
    train(lab, 2)
    lab.pause()
    lab.explain()
    one = told(lab)
    assert quick == [(quick[0][0], 6)], "along the held-out sessions"
    panel = lab.display["finding"]
    assert CALL not in panel.story.value
    assert html.escape(CALL) in panel.story.value
    assert "cog-late" not in panel.story.value
    assert "the network is at step 7" in _story(one, 7)
    lab.reset()
    assert lab.story is None
    assert panel.story.value == ""


def test_it_says_what_it_does_and_can_be_stopped(lab, train, monkeypatch):
    began, go_on = threading.Event(), threading.Event()

    def explain(found, dataset, *, watch):
        watch("what happens without latent 2")
        began.set()
        go_on.wait(PATIENCE)
        watch("behavior")
        raise AssertionError("it goes on though it was stopped")

    monkeypatch.setattr(stories, "explain", explain)
    train(lab, 1)
    lab.pause()
    panel = lab.display["finding"]
    lab.explain()
    assert began.wait(PATIENCE)
    panel.draw(lab.runner.run, lab.display.view)
    assert "what happens without latent 2" in panel.progress.value
    assert panel.explain.description == "Stop explaining"
    panel.explain.click()
    go_on.set()
    assert told(lab) is None
    assert (panel.explain.description, panel.progress.value) == ("Explain", "")
    assert "error" not in lab.top.message.value


def test_of_a_discovery_it_is_the_discovery_that_is_explained_where_its_level_is_shown():
    course = SimpleNamespace(
        found="discovery", chosen=1, levels=(0, 1, 2),
        with_network_of=lambda run, level: SimpleNamespace(
            trainer=SimpleNamespace(model=f"network of level {level}", step_count=40)
        ),
    )  # fmt: skip
    run = SimpleNamespace(course=course, trainer=SimpleNamespace(model="in training", step_count=9))
    assert _subject(run, 1) == ("discovery", None)
    assert _subject(run, -1) == ("discovery", None)
    assert _subject(run, 2) == ("network of level 2", 40)
    course.found = None
    assert _subject(run, -1) == ("in training", 9)
    assert Told(40, 2, None, "", "").of == "level 2"
    assert Told(None, 1, None, "", "").of == "the discovery"


def test_what_cannot_be_told_says_why(lab, train, monkeypatch):
    def explain(found, dataset, *, watch):
        raise ValueError("the data are too short")

    monkeypatch.setattr(stories, "explain", explain)
    train(lab, 1)
    lab.pause()
    lab.explain()
    assert told(lab).why == "the data are too short"
    assert "the data are too short" in lab.display["finding"].story.value
    lab.save_report()
    assert "no story to save yet" in lab.top.message.value
