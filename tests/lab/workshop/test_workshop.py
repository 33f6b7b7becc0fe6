"""A workshop: its questions are checked against the lab, on networks that are shipped."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.lab.page.openings import parts
from cogrnn_lab.lab.panel import registered
from cogrnn_lab.lab.settings.state import MYSTERY
from cogrnn_lab.lab.workshop import bandit
from cogrnn_lab.lab.workshop import readings as read
from cogrnn_lab.lab.workshop.answers import read_answers
from cogrnn_lab.lab.workshop.question import NUMBER, ONE, NotAnswered
from cogrnn_lab.lab.workshop.shipped import NETWORKS, Q_LEARNING, SHIPPED
from cogrnn_lab.lab.workshop_orders import WorkshopOrders

MOST_BYTES = 3_000_000
NAMES = [question.name for question in bandit.QUESTIONS]


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    return tmp_path_factory.mktemp("room")


@pytest.fixture(scope="module")
def lab(room, tmp_path_factory):
    lab: Any = cl.Lab(workshop="bandit", runner="inline", folder=tmp_path_factory.mktemp("runs"), room=room)
    assert lab.run_state == "ready", lab.top.message.value
    yield lab
    lab.close()


def ask(lab, name: str) -> Any:
    lab.workshop.question = NAMES.index(name)
    return bandit.QUESTIONS[NAMES.index(name)]


def right_options(lab, name: str) -> list[str]:
    """The options that the check takes."""
    question = ask(lab, name)
    return [one for one in question.options(lab) if question.check(lab, one).is_right]


def test_what_is_shipped_is_small_and_holds_no_objects():
    files = [path for path in SHIPPED.rglob("*") if path.is_file()]
    assert 0 < sum(path.stat().st_size for path in files) < MOST_BYTES
    assert {path.parent.name for path in SHIPPED.glob("*/lab.run")} == {one.run for one in NETWORKS.values()}
    for path in files:
        with np.load(path, allow_pickle=False) as content:
            assert not any(content[name].dtype == object for name in content.files)


def test_figures_have_content_before_anyone_trains(lab):
    assert lab.trainer.step_count == 0
    assert lab.state.view.level == int(lab.runner.run.course.chosen)
    assert lab.workshop.shown(lab) == Q_LEARNING.name
    assert len(lab.display["path"].dots.x) >= 5
    assert len(lab.display["bottlenecks"].result.latent_openness) == 4


def test_panels_that_tell_the_answer_wait_for_it(lab):
    def is_up(name: str) -> bool:
        return lab.display[name].widget in set(parts([lab]))

    ask(lab, "open")
    panel = lab.display["workshop"]
    assert [is_up(name) for name in (*bandit.TELLING, "update_rules")] == [False] * 3 + [True]
    assert "shown once it is given" in panel.held_back.value
    ask(lab, "worth")
    assert all(map(is_up, bandit.TELLING))
    assert panel.held_back.value == ""
    assert "Q-learning" in lab.display["finding"].words.value
    ask(lab, "open")
    assert not any(map(is_up, bandit.TELLING))


def test_controls_that_a_lesson_does_not_need_are_folded_away(lab):
    def shown():
        return list(parts([lab]))

    assert lab.penalty_controls.widget in shown()
    assert lab.data_controls.widget not in shown()
    more = next(one for one in shown() if "cog-more-controls" in getattr(one, "_dom_classes", ()))
    more.value = True
    assert lab.workshop.more
    assert {lab.data_controls.widget, lab.model_controls.widget, lab.storage.widget} < set(shown())
    lab.workshop.more = False
    assert (more.value, more.description) == (False, "More controls")
    assert lab.data_controls.widget not in shown()


def test_the_latent_of_a_choice_follows_the_agents_own_value_of_it(lab):
    agent_values = np.zeros((lab.dataset.n_sessions, lab.dataset.n_trials, 2))
    rate = lab.runner.run.settings["data"]["agent"]["parameters"]["learning_rate"]
    choices, rewards = np.asarray(lab.dataset.choices), np.asarray(lab.dataset.rewards)
    value = np.full((lab.dataset.n_sessions, 2), 0.5)
    for trial in range(lab.dataset.n_trials):
        agent_values[:, trial] = value
        rows = np.arange(len(value))
        value[rows, choices[:, trial]] += rate * (rewards[:, trial] - value[rows, choices[:, trial]])
    states = cl.latents(lab.discovery.model, lab.dataset).states

    def alike(latent: int, choice: int) -> float:
        pair = states[..., latent].ravel(), agent_values[..., choice].ravel()
        return abs(float(np.corrcoef(*pair)[0, 1]))

    for choice in (0, 1):
        latent = read.value_latent(lab, choice)
        assert alike(latent, choice) > 0.9 > 0.5 > alike(latent, 1 - choice)
        assert abs(read.learning_rate(lab, latent, choice) - rate) < bandit.NEAR / 2


@pytest.mark.parametrize("name", ["value", "unchosen", "cost", "worth"])
def test_one_answer_is_right_and_it_is_clear_which(lab, name):
    assert len(right_options(lab, name)) == 1


def test_no_student_is_left_in_doubt(lab):
    """What the answers rest on is far from where it would be another one."""
    course = lab.runner.run.course
    openness = course.levels[int(course.chosen)].level.openness[course.chosen.seed]
    assert not ((openness > read.OPEN / 2) & (openness < read.OPEN * 2)).any()
    effects = read.reward_effects(lab)
    first, second = sorted((own[0] for own in effects.values()), reverse=True)[:2]
    assert first > 5 * second
    assert read.unchosen_share(lab, read.value_latent(lab)) < bandit.HARDLY / 2
    level = bandit._first_with_fewer(lab)
    change = read.likelihood_at(lab, level) - read.likelihood_at(lab, int(course.chosen))
    assert abs(change) > 3 * bandit.ALIKE


def test_questions_are_answered_on_the_page(lab, room):
    panel, view = lab.display["workshop"], lab.state.view
    lab.workshop.question = 0
    assert "0 of 14 answered" in panel.progress.value
    shown = [one.description for one in panel.some if one.layout.display != "none"]
    assert shown == [f"latent {i + 1}" for i in range(lab.model.n_latents)]
    panel.check.click()
    assert "Not checked." in panel.verdict.value
    openness = np.asarray(lab.display["bottlenecks"].result.latent_openness)
    right = set(np.flatnonzero(openness > 0.1))
    panel.some[min(right)].value = True
    panel.check.click()
    assert "Not yet." in panel.verdict.value
    assert "Open, but not picked: 1." in panel.verdict.value
    for i in right:
        panel.some[i].value = True
    panel.check.click()
    assert "Right." in panel.verdict.value
    assert panel.held_back.value == ""
    assert lab.display["equations"].widget in set(parts([lab]))
    assert panel.steps[0].description == "✓ 1"
    assert "Type your name" in panel.kept.value
    panel.student.value = "Ada"
    assert read_answers(next(room.iterdir())).answers["open"].tries == 2
    panel.next.click()
    assert "A value" in panel.question.value
    panel.tell.click()
    assert "Update rule" in panel.hint.value
    panel.one.value = f"latent {read.value_latent(lab) + 1}"
    panel.check.click()
    assert "2 of 14 answered" in panel.progress.value
    ask(lab, "learning_rate")
    panel.number.value = "a third"
    panel.check.click()
    assert "is no number" in panel.verdict.value
    panel.number.value = "0.9"
    panel.check.click()
    assert "off by more than" in panel.verdict.value
    panel.number.value = f"{lab.runner.run.settings['data']['agent']['parameters']['learning_rate'] + 0.05}"
    panel.check.click()
    assert "The agent has 0.40" in panel.verdict.value
    ask(lab, "fewer")
    assert not lab.answer().is_right
    levels = range(len(lab.runner.run.course.levels))
    view.level = next(i for i in levels if i > view.level and len(read.open_at(lab, i)) == 1)
    assert lab.answer().is_right
    ask(lab, "without")
    assert "set the level to 3" in lab.answer(bandit.LOWER).sentence
    view.level = int(lab.runner.run.course.chosen)
    assert "not closed" in lab.answer(bandit.LOWER).sentence
    view.part = f"latent {read.value_latent(lab) + 1}"
    assert right_options(lab, "without") == [bandit.LOWER]
    view.part = ""
    assert read_answers(next(room.iterdir())).n_right == 4


def test_what_is_read_off_another_network_is_not_checked(lab):
    for name in ("open", "value", "unchosen", "learning_rate"):
        ask(lab, name)
        lab.state.view.level = -1
        answer = 0.4 if name == "learning_rate" else lab.workshop.options(lab)[:1]
        verdict = lab.answer(answer if name in ("open", "learning_rate") else answer[0])
        assert (verdict.counts, "set the level to 3" in verdict.sentence) == (False, True), name
    lab.state.view.level = int(lab.runner.run.course.chosen)


def test_a_tenth_more_or_less_is_close_enough(lab):
    """.3 is farther than .1 from .4 in floating point."""
    ask(lab, "learning_rate")
    rate = lab.runner.run.settings["data"]["agent"]["parameters"]["learning_rate"]
    assert all(lab.answer(f"{rate + off:.2f}").is_right for off in (-bandit.NEAR, bandit.NEAR))
    assert not any(lab.answer(f"{rate + 1.2 * off:.2f}").is_right for off in (-bandit.NEAR, bandit.NEAR))
    assert lab.answer(f"{rate:.2f}").is_right


def test_an_answer_is_to_the_question_and_of_the_student_when_it_was_pressed(lab, monkeypatch):
    """It waits while a network is opened; Next was pressed meanwhile."""
    ask(lab, "learning_rate")
    waits = []
    monkeypatch.setattr(lab.runner, "do", waits.append)
    lab.state.view.orders["answer_later"]("0.9")
    ask(lab, "value")
    monkeypatch.undo()
    before = lab.workshop.given(lab.workshop.question)
    waits[0]()
    assert lab.workshop.given(lab.workshop.question) == before
    ask(lab, "learning_rate")
    assert "off by more than" in lab.display["workshop"].verdict.value
    assert lab.answer(0.4).is_right


def test_who_comes_back_finds_what_was_answered(lab):
    panel = lab.display["workshop"]
    ask(lab, "learning_rate")
    assert "Right." in panel.verdict.value
    lab.workshop.student, before = "Bo", lab.workshop.n_right
    assert "0 of 14" in panel.progress.value
    assert panel.verdict.value == "", "that was said to Ada"
    lab.workshop.student = "Ada"
    assert lab.workshop.n_right == before == 4
    assert "Welcome back, Ada." in panel.kept.value
    assert panel.steps[0].description == "✓ 1"


def test_a_name_is_text(lab, room):
    panel = lab.display["workshop"]
    panel.student.value = "<b onclick=alert(1)>Eve</b>"
    assert "&lt;b onclick" in panel.kept.value
    assert "<b onclick" not in panel.kept.value
    lab.workshop.student = "Ada"


def test_a_network_of_ones_own_is_no_answer_to_a_question_on_theirs(lab):
    ask(lab, "value")
    lab.state.data.n_sessions = 12  # Reset: another run, without a discovery
    lab.reset()
    verdict = lab.answer("latent 1")
    assert (verdict.is_right, verdict.counts) == (False, False)
    assert "press Open animal A" in verdict.sentence
    panel = lab.display["workshop"]
    panel.show()
    assert panel.open.layout.display == ""
    lab.state.data.set_quietly(n_sessions=12, n_trials=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bandit, "STEPS", 1)
        ask(lab, "train")
        assert "0 steps" in lab.answer().sentence
        lab.runner.drive.chunk_seconds = 1e-9
        lab.step()
        lab.runner.drive.turn(2)
        assert lab.answer().is_right


@pytest.mark.slow
def test_the_mystery_agent_is_the_last_question(lab):
    ask(lab, "mystery")
    assert "Pick" in lab.answer().sentence or "pick" in lab.answer().sentence
    lab.state.data.set_quietly(source=MYSTERY, mystery=5, n_sessions=12, n_trials=20)
    lab.reset()
    assert "press Reveal" in lab.answer().sentence
    answer = cl.mystery_agent(5).reveal()
    lab.state.view.guess.kind = answer.kind
    lab.state.view.guess.parameters.set_quietly(**answer.numbers)
    lab.state.view.revealed = True
    assert lab.answer().is_right


@pytest.mark.slow
@pytest.mark.parametrize("network", [one.name for one in NETWORKS.values() if one is not Q_LEARNING])
def test_every_question_on_another_animal_has_one_answer(lab, network):
    lab.open_network(network)
    assert lab.workshop.shown(lab) == network
    asked = [one for one in bandit.QUESTIONS if one.network is NETWORKS[network]]
    assert asked
    for question in asked:
        if question.kind == ONE:
            assert len(right_options(lab, question.name)) == 1, question.name
        if question.kind == NUMBER:
            taken = [n for n in range(30) if question.check(lab, n).is_right]
            assert taken == [len(lab.discovery.equations.numbers)]


def test_wrong_arguments_are_sentences(tmp_path):
    with pytest.raises(ValueError, match='workshop="maze"; expected bandit'):
        cl.Lab(workshop="maze", runner="inline", folder=tmp_path)
    with pytest.raises(ValueError, match="room is that of a workshop"):
        cl.Lab(room=tmp_path, runner="inline", folder=tmp_path)
    data = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=10)
    with pytest.raises(ValueError, match="brings its own data"):
        cl.Lab(data, workshop="bandit", runner="inline", folder=tmp_path)


def test_a_lab_without_a_workshop_has_no_answers():
    assert "workshop" not in {kind.name for kind in registered()}
    with pytest.raises(ValueError, match=r'make one by cl.Lab\(workshop="bandit"\)'):
        WorkshopOrders._workshop(cast(Any, SimpleNamespace(workshop=None)))


def test_a_network_that_is_not_shipped_is_a_sentence(lab):
    with pytest.raises(ValueError, match='no network "animal D"'):
        lab.open_network("animal D")


def test_a_question_without_its_discovery_is_not_checked():
    class Empty:
        class runner:
            run = None

    with pytest.raises(NotAnswered):
        read.found_in(Empty)
