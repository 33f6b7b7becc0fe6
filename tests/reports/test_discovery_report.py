"""The report of a discovery: everything that was found, names as text, and no file or address needed."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from made_discovery import made_equations, made_path, made_yardsticks

import cogrnn_lab as cl

EVIL = "<script>alert(1)</script> | `$x$`\n# *"


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.shown = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.sources += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        self.shown += data


@pytest.fixture
def found() -> cl.Discovery:
    path, measured = made_path(), made_yardsticks()
    sentences = ("The network is worth 0.01.", "Dealt.", path.choose().text)
    return cl.Discovery(path, path.choose(), None, measured, sentences, "Dealt.", made_equations())


def test_verdict_and_equations_come_first_and_everything_is_there(found, tmp_path):
    page = Page(found.report(tmp_path / "new").read_text())
    order = [
        "The network is worth 0.01.",
        "2 numbers describe 5 choices: Q-learning.",
        "inverse temperature",
        "They come from random start 0",
        "Beside other models",
        "The penalty path",
        "Latents of the chosen network",
        "Settings and versions",
        cl.__version__,
    ]
    places = [page.shown.index(text) for text in order]
    assert places == sorted(places)
    assert page.shown.count("The network is worth 0.01.") == 1
    markdown = (tmp_path / "new" / "report.md").read_text()
    assert "| learning rate | 0.300 | 0.020 | 0.260 | 0.340 | fraction a trial |" in markdown
    for name, likelihood in found.yardsticks.set_index("model")["likelihood"].items():
        assert f"{likelihood:.4f}" in page.shown, name
    level, seed = found.path.levels[found.level], found.level.seed
    assert f"| 1 | {level.openness[seed][0]:.3f} | {level.bits[seed][0]:.3f} |" in markdown


def test_the_page_needs_no_other_file(found, tmp_path):
    text = found.report(tmp_path).read_text()
    page = Page(text)
    assert page.sources
    for source in page.sources:
        assert base64.b64decode(source.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    assert "http" not in re.sub(r'http-equiv|"data:[^"]*"', "", text)
    pictures = re.findall(r"\]\((\w+\.png)\)", (tmp_path / "report.md").read_text())
    assert sorted(pictures) == sorted(path.name for path in tmp_path.glob("*.png"))
    assert len(pictures) == len(page.sources)


def test_the_same_discovery_gives_the_same_files(found, tmp_path):
    found.report(tmp_path / "one")
    found.report(tmp_path / "other")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes(), path.name


def test_names_are_text(found, tmp_path):
    measured = found.measured
    nll = {EVIL if name == "Q-learning" else name: own for name, own in measured.nll.items()}
    kinds = dict(zip(nll, measured.kinds.values(), strict=True))
    numbers = found.equations.numbers.replace("learning rate", f"learning rate of {EVIL}")
    equations = replace(found.equations, numbers=numbers, text=f"The value of {EVIL} moves.", latex=EVIL)
    found = replace(
        found, measured=replace(measured, nll=nll, kinds=kinds, choosing={EVIL: 0.5}), equations=equations
    )
    page = Page(found.report(tmp_path).read_text())
    assert "script" not in page.tags
    assert page.shown.count("<script>alert(1)</script>") >= 4
    markdown = (tmp_path / "report.md").read_text()
    outside_code = "\n".join(line for line in markdown.splitlines() if not line.startswith("    "))
    assert "<script>" not in outside_code
    table = [line for line in markdown.splitlines() if "learning rate of" in line]
    assert len(table) == 1
    assert len(re.findall(r"(?<!\\)\|", table[0])) == 7


def test_without_equations_it_says_why(found, tmp_path):
    none = replace(found, equations=None, without_equations="There are no equations: 20 choices count.")
    page = Page(none.report(tmp_path).read_text())
    assert "There are no equations: 20 choices count." in page.shown
    assert not (tmp_path / "equations.png").exists()
    assert np.isfinite(none.likelihood)
