"""Each panel gives the expression that makes its figure; it runs, and is what is exported."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

import cogrnn_lab as cl
from cogrnn_lab.lab.settings.state import TASK
from cogrnn_lab.lab.twin.exports import FORMATS


def panels_of(lab):
    view, run = lab.display.view, lab.runner.run
    return {name: panel.code(run, view) for name, panel in lab.display.panels.items() if panel.is_for(run)}


def names(lab):
    run = lab.runner.run
    return {
        "cl": cl, "run": lab.run, "model": lab.model, "dataset": run.dataset, "train": run.train,
        "held_out": run.held_out, "found": lab.discovery, "agent": run.agent,
    }  # fmt: skip


def test_the_code_of_every_panel_of_choices_runs(lab, train):
    train(lab, 16)
    assert [name for name, one in panels_of(lab).items() if not one] == ["experiments"], "none is picked"
    lab.state.view.set_quietly(part="latent 1", action="scale", factor=0.5)
    code = panels_of(lab)
    without = [name for name, one in code.items() if not one]
    assert without == []
    made = {name: eval(one, names(lab)) for name, one in code.items() if name != "equations"}
    figures = {name for name, one in made.items() if isinstance(one, Figure)}
    assert {"wiring", "learning", "bottlenecks", "update_rules", "choice_rule", "trajectories"} <= figures
    assert {"phase_plane", "behavior", "advantage", "experiments", "pruning"} <= figures
    own = made["finding"]
    assert own.normalized_likelihood == pytest.approx(lab.runner.run.curve.valid_likelihood[-1], abs=1e-6)


def test_the_code_follows_what_is_picked(lab, train):
    train(lab, 16)
    lab.state.view.set_quietly(follow=False, latent=2, session=3, pair=(2, 0), background={0: 0.5})
    code = panels_of(lab)
    assert '"latent 3"' in code["update_rules"]
    assert "background=[0.5, 0.0, 0.0]" in code["update_rules"]
    assert code["trajectories"] == "cl.plots.plot_trajectories(model, dataset, 3)"
    assert '["latent 3", "latent 1"]' in code["choice_rule"]
    rules = cl.update_rules(
        lab.model, ["latent 3"], observations=cl.typical_observations(lab.runner.run.train),
        background=np.array([0.5, 0.0, 0.0]),
    )  # fmt: skip
    lines = lab.display["update_rules"].lines
    np.testing.assert_allclose(lines[0].y, rules[2].base[0], atol=1e-6)


def test_the_code_is_folded_away_beside_the_title(make_lab, small_state, train):
    state = small_state()
    state.training.set_quietly(warmup_steps=60, steps=10)
    lab = make_lab(state=state)
    lab.runner.drive.chunk_seconds = 0.1
    train(lab, 20)
    heading = lab.display["bottlenecks"]._heading
    assert "<summary" in heading.value
    assert "cl.plots.plot_bottlenecks(cl.bottlenecks(model, held_out))" in heading.value
    lab.state.view.step = 50
    assert "model = trainer.kept[50]\ncl.plots" in heading.value
    assert heading.value.count("<details") == 1


def test_the_code_of_every_panel_of_a_task_runs(make_lab, small_state, train):
    state = small_state()
    state.data.source = TASK
    state.data.task.parameters.dt = 50.0
    state.model.kind = "constrained RNN"
    state.model.parameters.n_units = 8
    state.training.steps = 2
    lab = make_lab(state=state)
    train(lab, 3)
    run, code = lab.runner.run, panels_of(lab)
    known = names(lab) | {"task": run.task, "batch": lab.display.view.trials.batch}
    drawn = [name for name, one in code.items() if one and isinstance(eval(one, known), Figure)]
    assert {"learning", "weights", "activity", "psychometric"} <= set(drawn)


def test_figures_are_exported_in_every_format(lab, train, tmp_path):
    train(lab, 16)
    lab.state.view.equations = False
    lab.export_figures("a")
    assert "each as PNG, SVG and PDF" in lab.top.message.value, lab.top.message.value
    files = {path.name for path in (tmp_path / "runs" / "a" / "figures").iterdir()}
    assert {f"bottlenecks.{kind}" for kind in FORMATS} <= files
    start = (tmp_path / "runs" / "a" / "figures" / "learning.png").read_bytes()[:8]
    assert start == b"\x89PNG\r\n\x1a\n"


def test_the_page_holds_figures_and_code(lab, train, tmp_path):
    train(lab, 16)
    lab.export_page("a")
    page = (tmp_path / "runs" / "a" / "report" / "run.html").read_text()
    assert len(re.findall(r"<img[^>]+src=\"data:image", page)) >= 5
    assert "cl.simulate(agent, environment" in page
    assert "After 16 steps" in page


@pytest.mark.parametrize("order", ["export_code", "export_figures", "export_page"])
def test_exports_stay_below_the_folder(lab, order, tmp_path):
    getattr(lab, order)("../outside")
    assert "cannot be the name of a run" in lab.top.message.value
    assert not (tmp_path / "outside").exists()
