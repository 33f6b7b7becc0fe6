"""A discovery is saved with its run, opened with it, reported, and gone on from."""

from typing import Any

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.discovery import Settling, WarmUp
from cogrnn_lab.discovery.parts import deal
from cogrnn_lab.lab.settings.state import LabState

pytestmark = pytest.mark.slow
SHORT: dict[str, Any] = {
    "seeds": 2,
    "levels": (0.3, 3.0),
    "warm_up": WarmUp(most=20, check_every=20),
    "settling": Settling(most=20, check_every=10, cooling=0),
    "equations": False,
    "classical": {},
    "gru_units": None,
}


def small_lab(folder, n_trials: int = 30) -> Any:
    state = LabState()
    state.data.set_quietly(n_sessions=12, n_trials=n_trials)
    state.training.set_quietly(batch_size=4, warmup_steps=6, steps=10)
    state.model.parameters.set_quietly(
        n_latents=3, update_width=4, update_depth=1, choice_width=3, choice_depth=1
    )
    return cl.Lab(state=state, runner="inline", folder=folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def found(folder):
    lab = small_lab(folder)
    assert lab.display["path"].keeping.layout.display == "none"
    lab.discover(**SHORT)
    lab.wait()
    lab.state.view.run_name = "mice"
    lab.display["path"].keeping.children[1].click()  # Save
    assert "with its discovery" in lab.top.message.value
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def opened(found, folder):
    lab = small_lab(folder, n_trials=20)
    lab.load("mice")
    yield lab
    lab.close()


def test_an_opened_run_has_its_discovery_in_all_figures(found, opened):
    ours, theirs = opened.runner.run.course, found.runner.run.course
    assert (ours.state, len(ours.levels), int(ours.chosen)) == ("done", 2, int(theirs.chosen))
    assert opened.discovery.text == found.discovery.text
    panel, before = opened.display["path"], found.display["path"]
    for name in ("dots", "chosen", "openness"):
        for axis in "xy":
            np.testing.assert_allclose(
                getattr(getattr(panel, name), axis), getattr(getattr(before, name), axis), rtol=1e-5
            )
    assert panel.reason.value == before.reason.value
    assert panel.keeping.layout.display == ""
    assert opened.display["finding"].words.value == found.display["finding"].words.value
    assert opened.state.view.level == int(theirs.chosen), "figures show the chosen network"
    shown = cl.bottlenecks(found.discovery.model).latent_openness
    np.testing.assert_allclose(opened.display["bottlenecks"].result.latent_openness, shown, atol=1e-6)


def test_the_report_is_in_the_folder_of_the_run(found, folder):
    found.display["path"].keeping.children[2].click()
    assert "report.html" in found.top.message.value
    assert found.discovery.sentences[1][:40] in (folder / "mice" / "report" / "report.html").read_text()
    found.report("../outside")
    assert "cannot be the name of a run" in found.top.message.value
    assert not (folder.parent / "outside").exists()


def test_a_level_goes_on_with_the_sessions_that_it_was_trained_on(opened):
    course = opened.runner.run.course
    parts = deal(opened.dataset)
    opened.state.view.level = 0
    opened.display["path"].branch.click()
    run = opened.runner.run
    assert (run.train.session_names, run.held_out.session_names) == (
        parts.train.session_names, parts.choose.session_names,
    )  # fmt: skip
    likelihood = course.levels[0].likelihood["choose"][course.seed(0)]
    np.testing.assert_allclose(run.curve.valid_likelihood, [likelihood], rtol=1e-5)
    assert "other sessions held out" in run.curve.before_words
    assert run.course is course, "to branch again, from another level"
    assert opened.state.view.level == -1


def test_the_file_names_its_own_discovery(found, folder, tmp_path):
    """Of the run's file and the folder of its discovery neither can be of another run."""
    saved = found.folder.open("mice").discovery
    assert saved is not None
    found.save("mice")
    assert found.folder.open("mice").discovery == saved, "it was there already"
    for file in saved.iterdir():
        file.write_bytes(file.read_bytes()[:-40])
    other = small_lab(folder)
    other.load("mice")
    assert "discovery that was saved with it cannot be read" in other.top.message.value
    assert other.discovery is None
    assert other.run_state == "ready"
    other.save("mice")
    assert not saved.exists()
    assert found.folder.open("mice").discovery is None
    other.close()


def test_the_script_of_a_branch_from_a_level_makes_it_again(opened, folder):
    assert opened.runner.run.branch.words.startswith("level")
    opened.train()
    opened.runner.drive.turn(20)
    opened.export_code("branch")
    script = folder / "branch" / "code" / "run.py"
    assert "found = cl.load_discovery" in script.read_text()
    code = script.read_text().partition("# What was found")[0]
    names = {"__file__": str(script)}
    exec(compile(code, str(script), "exec"), names)
    ours, theirs = (jax.tree.leaves(one) for one in (names["model"], opened.model))
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert names["found"].text == opened.discovery.text


@pytest.mark.parametrize("name", ["../mice", "discovery-../../x", 3, "mice"])
def test_a_file_cannot_name_a_folder_elsewhere(name, tmp_path):
    from cogrnn_lab.lab.engine.kept.discovery_files import discovery_in

    with pytest.raises(ValueError, match="none of a run"):
        discovery_in(tmp_path, name)
