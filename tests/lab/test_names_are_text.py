"""Names come out of other people's files: they are shown letter by letter, and nothing of them runs."""

import ast
import html
import re
from pathlib import Path

import ipywidgets as w
import numpy as np
import pandas as pd
import pytest

import cogrnn_lab as cl
from cogrnn_lab import lab as lab_package
from cogrnn_lab.lab.markup import Markup, SafeHTML, join, markup, safe
from cogrnn_lab.lab.page.openings import parts
from cogrnn_lab.lab.panels.bottlenecks import short_names

CALL = "<img src=x onerror=window.hit=1>"
OWN_TAGS = {"b", "i", "br", "span", "pre", "p"}  # that the lab itself writes
OWN_TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "details", "summary"}


def hostile_table(n_classes: int, *, n_sessions: int = 8, n_trials: int = 20) -> pd.DataFrame:
    """Choices of two subjects; every name in it would run if it were read as HTML."""
    rng = np.random.default_rng(0)
    rows = n_sessions * n_trials
    labels = [f"{CALL}{name}" for name in "abc"[:n_classes]]
    return pd.DataFrame(
        {
            f"subject {CALL}": np.repeat([f"{CALL}S1", f"{CALL}S2"], rows // 2),
            "session": np.repeat([f"{CALL}{k}" for k in range(n_sessions)], n_trials),
            "choice": rng.choice(labels, rows),
            "reward": rng.integers(0, 2, rows),
        }
    )


def everything(lab) -> list[w.Widget]:
    """All widgets of a lab, those of figures that are not up as well."""
    return list(parts([lab, *lab.display.widgets, *lab.data_controls.widgets]))


def shown_html(lab) -> list[str]:
    return [one.value for one in everything(lab) if isinstance(one, w.HTML | w.HTMLMath)]


def visit(lab, clock) -> list[str]:
    """Look at every figure in every mode, and collect all HTML that was shown meanwhile."""
    seen, view = shown_html(lab), lab.state.view
    looks = [{"choice_map": True}, {"choice_map": False, "color": "reward"}, {"color": "choice"}]
    looks += [{"tab": tab} for tab in lab.display.tabs.buttons.options]
    looks += [{"follow": False, "latent": latent} for latent in range(3)]
    for look in looks:
        view.set_quietly(**look)
        for _ in range(3):  # figures take turns where drawing them is slow
            clock.now += 2.0
            lab.runner.drive.wake()
        seen += shown_html(lab)
    return seen


def tags(content: str) -> set[str]:
    return {name.lower() for name in re.findall(r"<\s*/?\s*([a-zA-Z]+)", content)}


@pytest.fixture
def upload():
    def upload(lab, table: pd.DataFrame) -> None:
        lab.upload(f"{CALL}.csv", table.to_csv(index=False).encode())
        lab.state.data.table.subject = f"subject {CALL}"
        assert lab.run_state == "ready", lab.top.message.value

    return upload


@pytest.mark.parametrize("n_classes", [2, 3])
def test_no_name_is_read_as_html_in_any_widget(make_lab, upload, train, clock, n_classes):
    lab = make_lab()
    upload(lab, hostile_table(n_classes))
    lab.state.model.kind = "multisubject DisRNN"
    train(lab, 1)
    seen = visit(lab, clock)
    for content in seen:
        if not content.lstrip().startswith("<style>"):
            assert tags(content) <= OWN_TAGS, content
    escaped = html.escape(CALL)
    for place, widget in {
        "legend of choices": lab.data_controls.key,
        "name of the file": lab.data_controls.file,
        "legend of trajectories": lab.display["trajectories"].legend,
        "subject whose rules are shown": lab.display["subjects"].readout,
    }.items():
        assert escaped in widget.value, f"{place}: {widget.value}"
    if n_classes == 3:  # what was chosen before is an input for each class then
        assert any(escaped in content and "reads" in content for content in seen), "read-out of bottlenecks"
        assert any(escaped in content and "previous trial" in content for content in seen), "update rule"


def test_errors_tell_names_as_text(lab):
    table = hostile_table(2)
    table["reward"] = f"{CALL}won"
    lab.upload("m.csv", table.to_csv(index=False).encode())
    assert html.escape(CALL) in lab.top.message.value
    assert tags(lab.top.message.value) <= {"span"}
    assert tags(lab.top.traceback.value) <= {"pre"}
    assert html.escape(CALL) in lab.top.traceback.value


def test_no_description_allows_html_and_mathematics_is_nowhere(make_lab):
    for one in everything(make_lab()):
        assert not getattr(one, "description_allow_html", False)
        assert not isinstance(one, w.HTMLMath)


def test_every_widget_of_html_escapes_what_is_no_markup_of_the_lab(lab):
    found = [one for one in everything(lab) if isinstance(one, w.HTML)]
    assert len(found) > 50
    for one in found:
        assert isinstance(one, SafeHTML), one.value
    found[0].value = f"{CALL}&"
    assert found[0].value == html.escape(f"{CALL}&")


def test_no_other_module_makes_a_widget_of_html():
    root = Path(lab_package.__file__).parent
    makers = []
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("HTML", "HTMLMath"):
                makers.append(path.name)
    assert makers == ["markup.py"]


def test_markup_is_kept_and_text_is_escaped():
    assert safe("<b>") == "&lt;b&gt;"
    assert safe(Markup("<b>")) == "<b>"
    assert safe(safe("&")) == "&amp;", "escaped once"
    assert markup("<b>{}</b>{x}", "<", x=Markup("<i>")) == "<b>&lt;</b><i>"
    assert join(["<", Markup("<br>")], " ") == "&lt; <br>"


def test_names_that_begin_alike_stay_apart_in_the_matrices():
    names = [f"previous choice = the {side} door of the maze" for side in ("left", "lower left", "right")]
    shown = short_names([*names, "previous reward", "latent 3"])
    assert len(set(shown)) == 5
    assert shown[3:] == ["prev. reward", "z3"]
    assert all(len(name) <= 14 for name in shown)


def test_three_alternatives_have_three_columns_of_bottlenecks(make_lab, upload):
    lab = make_lab()
    upload(lab, hostile_table(3))
    matrix = lab.display["bottlenecks"].matrices["update_input"]
    assert len(matrix.mark.scales["column"].domain) == len(set(matrix.columns)) == 4
    names = lab.dataset.input_names
    for place, column in enumerate(matrix.columns):
        matrix._clicked(None, {"data": {"row": matrix.rows[0], "column": column}})
        assert names[lab.state.view.input] == names[place]


def test_a_data_set_from_python_with_hostile_inputs_is_shown_as_text(make_lab, train, clock):
    rng = np.random.default_rng(0)
    choice = rng.integers(0, 2, (8, 20))
    dataset = cl.Dataset(
        rng.normal(size=(8, 20, 2)).astype(np.float32),
        choice[..., None].astype(np.float32),
        columns={"choice": choice},
        class_names=[f"{CALL}left", f"{CALL}right"],
        input_names=[f"{CALL}contrast", f"{CALL}sound"],
        subject_names=[f"{CALL}S"],
    )
    lab = make_lab(dataset=dataset)
    assert lab.run_state == "ready", lab.top.message.value
    train(lab, 1)
    seen = [content for content in visit(lab, clock) if not content.lstrip().startswith("<style>")]
    assert all(tags(content) <= OWN_TAGS for content in seen)
    assert any(html.escape(f"{CALL}contrast") in content for content in seen)
