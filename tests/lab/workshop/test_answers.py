"""Answers of a workshop: a file for each student, whatever the name, and the table for the teacher."""

import json
import os
from pathlib import Path

import pytest

import cogrnn_lab as cl
from cogrnn_lab.cli import main
from cogrnn_lab.cli.teaching import progress_text
from cogrnn_lab.lab.workshop.answers import Answers, checked_name, file_of, read_answers
from cogrnn_lab.lab.workshop.bandit import QUESTIONS
from cogrnn_lab.lab.workshop.workshop import Workshop
from cogrnn_lab.schemas import FileError

HOSTILE = "<img src=x onerror=alert(1)>"
FIRST, SECOND = (question.name for question in QUESTIONS[:2])


def kept(room: Path, student: str, *right: str, wrong: str = "") -> Path:
    own = Answers("bandit", student)
    for name in right:
        own.note(name, "latent 1", is_right=True)
    if wrong:
        own.note(wrong, "latent 2", is_right=False)
        own.note(wrong, "latent 3", is_right=False)
    return own.save(room)


@pytest.mark.parametrize("name", ["Ada", "Zoë O'Brien", "李雷", "../../etc/passwd", HOSTILE, ".", "a" * 60])
def test_every_name_has_a_file_within_the_room(tmp_path, name):
    path = kept(tmp_path / "room", name, FIRST)
    assert path.parent == tmp_path / "room"
    assert [one.parent for one in tmp_path.rglob("*.json")] == [path.parent]
    assert read_answers(path).student == name


def test_names_that_differ_have_files_that_differ(tmp_path):
    names = ["Ada", "ada", "Ada!", "Ada?", "李", "雷"]
    assert len({file_of(tmp_path, name) for name in names}) == len(names)
    assert file_of(tmp_path, "  Ada   L. ") == file_of(tmp_path, "Ada L.")


@pytest.mark.parametrize(("name", "said"), [(" ", "empty"), ("a" * 61, "61 char"), ("a\x1b[2J", "printed")])
def test_what_is_no_name_is_refused_with_a_sentence(name, said):
    with pytest.raises(ValueError, match=said):
        checked_name(name)


def test_what_was_right_stays_right_and_two_screens_add_up(tmp_path):
    kept(tmp_path, "Ada", FIRST)
    own = Answers("bandit", "Ada")
    own.note(FIRST, "latent 4", is_right=False)
    own.note(SECOND, "latent 1", is_right=True)
    own.note(SECOND, "latent 2", is_right=False)
    found = read_answers(own.save(tmp_path))
    assert [found.answers[name].is_right for name in (FIRST, SECOND)] == [True, True]
    assert found.answers[SECOND].tries == 1


def damaged(**changes) -> str:
    content = {"content": "answers of a workshop", "workshop": "bandit", "student": "Eve", "answers": {}}
    return json.dumps(content | changes)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        (damaged(student=["Eve"]), "student"),
        (damaged(student="Eve\x1b[2J"), "printed"),
        (damaged(answers={FIRST: {"answer": None, "is_right": "yes", "tries": 1}}), "is_right"),
        (damaged(answers={FIRST: {"answer": {"a": 1}, "is_right": True, "tries": 1}}), "answer"),
        (damaged(more=1), "more"),
        (damaged(content="something else"), "content"),
        (damaged(workshop="maze"), "maze"),
    ],
)
def test_a_damaged_or_foreign_file_is_a_sentence_beside_the_others(tmp_path, content, said):
    kept(tmp_path, "Ada", FIRST)
    (tmp_path / "eve.answers.json").write_text(content)
    (tmp_path / "settings.json").write_text("{}")  # none of a workshop
    table = cl.workshop_progress(tmp_path)
    assert list(table["student"]) == ["Ada", ""]
    assert said in table["trouble"][1]
    assert "\x1b" not in progress_text(table, tmp_path)


def test_answers_to_questions_of_another_version_are_told_and_not_counted(tmp_path):
    kept(tmp_path, "Ada", FIRST, "how many fish")
    row = cl.workshop_progress(tmp_path).iloc[0]
    assert (row["student"], row["right"], row["of"]) == ("Ada", 1, len(QUESTIONS))
    assert "'how many fish'" in row["trouble"]


def test_the_teacher_sees_every_student_and_question(tmp_path, capsys):
    kept(tmp_path / "desk 1", "Bo", wrong=SECOND)
    kept(tmp_path / "desk 2", "ada", FIRST, SECOND)
    kept(tmp_path / "desk 3", HOSTILE)
    table = cl.workshop_progress(tmp_path)
    assert list(table["student"]) == [HOSTILE, "ada", "Bo"]
    assert list(table["right"]) == [0, 2, 0]
    assert list(table[SECOND]) == ["", "right", "tried 2 times"]
    assert [name for name in table.columns if name in {one.name for one in QUESTIONS}] == [
        one.name for one in QUESTIONS
    ]
    assert "<img" not in table.to_html(), "shown in a notebook it is text"
    assert main(["workshop", "--teacher", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines[1:4]] == [HOSTILE, "ada", "Bo"]
    assert "2 of 14" in lines[2]
    assert lines[2].count("✓") == 2
    assert lines[3].count("·") == 1


def test_a_folder_that_is_not_there_or_empty_is_a_sentence(tmp_path, capsys):
    assert main(["workshop", "--teacher", str(tmp_path / "nowhere")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    assert main(["workshop", "--teacher", str(tmp_path)]) == 0
    assert "no answers of a workshop" in capsys.readouterr().out


def test_a_student_sits_down_goes_and_comes_back(tmp_path):
    workshop = Workshop("bandit", tmp_path)
    workshop.answers.note(FIRST, "latent 1", is_right=True)  # before there was a name
    assert "Type your name" in workshop.kept
    workshop.student = "Ada"
    assert (workshop.n_right, workshop.kept) == (1, "Kept under Ada.")
    workshop.student = "Bo"
    assert workshop.n_right == 0, "what Ada has answered is hers"
    workshop.student = " Ada "
    assert workshop.n_right == 1
    assert workshop.kept.startswith("Welcome back, Ada.")
    file_of(tmp_path, "Cleo").write_text("{")
    workshop.student = "Cleo"
    assert "Answers are not kept: " in workshop.kept
    assert file_of(tmp_path, "Cleo").read_text() == "{", "nobody writes over what cannot be read"


def test_a_room_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "room").write_text("a file")
    workshop = Workshop("bandit", tmp_path / "room")
    workshop.student = "Ada"
    assert workshop.kept.startswith("Answers are not kept: ")


def test_a_file_that_is_no_answers_file_keeps_its_error():
    with pytest.raises(FileError, match="no JSON"):
        read_answers(Path(__file__))


def test_the_command_opens_the_page_of_the_workshop(monkeypatch, tmp_path):
    from cogrnn_lab.cli import ROOM, page

    opened = []
    monkeypatch.setattr(page, "serve", lambda **options: opened.append(options))
    monkeypatch.setenv(ROOM, "")
    assert main(["workshop", "--room", str(tmp_path), "--port", "9001", "--no-browser"]) == 0
    assert os.environ[ROOM] == str(tmp_path)
    assert main(["--port", "9002", "--theme", "dark", "workshop"]) == 0
    assert os.environ[ROOM] == ""
    assert main(["--no-browser"]) == 0
    assert [one["notebook"] for one in opened] == [page.WORKSHOP, page.WORKSHOP, None]
    assert [one["port"] for one in opened] == [9001, 9002, None]
    assert [one["browser"] for one in opened] == [False, True, False]
    assert [one["theme"] for one in opened] == ["light", "dark", "light"]
    assert ROOM in page.WORKSHOP.read_text()
