"""Properties of every panel, on every kind of run that it may meet; and panels of one's own."""

from types import SimpleNamespace
from typing import Any

import bqplot as bq
import ipywidgets as w
import numpy as np
import pytest
from half_runs import half_run, part_of

import cogrnn_lab as cl
from cogrnn_lab.lab import panel as panels
from cogrnn_lab.lab.page.openings import parts
from cogrnn_lab.lab.panels.weights import WeightsPanel
from cogrnn_lab.lab.settings.state import (
    ADVANTAGE,
    BEHAVIOR,
    EXPERIMENTS,
    PHASE_PLANE,
    PRUNING,
    RECORDED,
    SUBJECTS,
    TASK,
    TRAJECTORIES,
)

OF_WORDS = {"finding", "equations", "experiments"}  # no figure, or none before something is picked
OF_CHOICES = {*OF_WORDS, "learning", "bottlenecks", "update_rules", "choice_rule", "trajectories"}
OF_CHOICES |= {"phase_plane", "behavior", "advantage"}
OF_BOTTLENECKS = OF_CHOICES | {"wiring", "pruning"}
OF_TASKS = {"learning", "activity", "psychometric"}
NAMES = [kind.name for kind in panels.registered()]


def bandits(state) -> None:
    """Two arms, one subject."""


def subjects(state) -> None:
    """Three subjects, told apart."""
    state.data.set_quietly(n_subjects=3, varied="learning_rate")
    state.model.kind = "multisubject DisRNN"
    shrink(state)


def signals(state) -> None:
    """A signal, recorded beside the choices."""
    state.data.signal = "reward prediction error"
    state.model.kind = "neuro DisRNN"
    shrink(state)


def three_arms(state) -> None:
    """More alternatives than two."""
    state.data.environment.parameters.n_arms = 3


def hidden_units(state) -> None:
    """A network without bottlenecks."""
    state.model.kind = "GRU"
    state.model.parameters.n_hidden = 5


def task(state) -> None:
    """A trial task, with a matrix of weights."""
    state.data.task.parameters.dt = 50.0
    state.data.source = TASK
    state.model.kind = "constrained RNN"
    state.model.parameters.n_units = 10


def task_of_gru(state) -> None:
    """A trial task, with a network that has no one matrix."""
    task(state)
    state.model.kind = "GRU"
    state.model.parameters.n_hidden = 4


def shrink(state) -> None:
    state.model.parameters.update({"n_latents": 2, "update_width": 4, "update_depth": 1})


# What is trained, and the panels that it is for.
RUNS = {
    bandits: OF_BOTTLENECKS,
    subjects: OF_BOTTLENECKS | {"subjects"},
    signals: OF_BOTTLENECKS | {"signals"},
    three_arms: OF_BOTTLENECKS,
    hidden_units: OF_CHOICES,
    task: OF_TASKS | {"weights"},
    task_of_gru: OF_TASKS,
}
TABS = {
    "trajectories": TRAJECTORIES,
    "phase_plane": PHASE_PLANE,
    "behavior": BEHAVIOR,
    "advantage": ADVANTAGE,
    "experiments": EXPERIMENTS,
    "pruning": PRUNING,
    "subjects": SUBJECTS,
    "signals": RECORDED,
}


@pytest.fixture(params=RUNS, ids=lambda change: change.__name__)
def on(request, make_lab, small_state, train):
    """A lab on one of the runs, a little trained, with the names of the panels that should be there."""
    state = small_state()
    request.param(state)
    lab = make_lab(state=state)
    assert lab.run_state == "ready", lab.top.message.value
    train(lab, 2)
    lab.pause()
    return lab, RUNS[request.param]


def drawn_arrays(panel) -> list[np.ndarray]:
    """Every array that the marks of a panel hold."""
    marks = [one for one in parts([panel.widget]) if isinstance(one, bq.Mark)]
    names = ("x", "y", "color")
    return [
        np.asarray(value)
        for mark in marks
        for name in names
        if (value := getattr(mark, name, None)) is not None
    ]


def all_drawn(lab) -> None:
    """Let every tab be drawn."""
    for tab in lab.display.tabs.buttons.options:
        lab.state.view.tab = tab
        lab.runner.drive.wake()


def test_panels_that_are_for_a_run_are_up_and_drawn_and_no_others(on):
    lab, expected = on
    shown = {name for name, one in lab.display.panels.items() if one.is_for(lab.runner.run)}
    assert shown == expected
    widgets = set(parts([lab.display.widget, *lab.display.tabs.figures.values()]))
    up = {name for name, one in lab.display.panels.items() if one.widget in widgets and one.tab is None}
    assert up == {name for name in expected if name not in TABS}
    tabs = {lab.display[name].tab for name in expected} - {None}
    if tabs:
        assert set(lab.display.tabs.buttons.options) == tabs
    all_drawn(lab)
    assert lab.display._begun == expected
    shown = {name for name in expected if TABS.get(name) in (None, lab.state.view.tab)}
    assert not lab.display._due & shown
    assert "cog-status-error" not in lab.top.message.value, lab.top.message.value
    # A NaN at the end of a line makes bqplot write errors on the JavaScript console.
    for name in expected:
        arrays = drawn_arrays(lab.display[name])
        if name in OF_WORDS:
            assert lab.display[name].words.value, name
            continue
        assert arrays or (name == "bottlenecks" and not lab.model.groups), name
        for array in arrays:
            if array.dtype.kind == "f" and array.size:
                assert np.isfinite(np.atleast_2d(array)[:, -1]).all(), name


def test_panels_outlive_every_change_of_the_run(make_lab):
    """Other latents, classes, subjects and panels: what was selected is gone, and nothing is told."""
    lab = make_lab()
    start = lab.state.to_dict()
    for change in (*RUNS, bandits):
        view = lab.state.view
        if lab.runner.run.task is None:  # what the next run may not have
            last = {"latent": lab.model.n_latents - 1, "session": lab.dataset.n_sessions - 1}
            view.set_quietly(follow=False, trial=20, trials=[19, 20], choice_map=True, **last)
            view.tab = lab.display.tabs.buttons.options[-1]
        with lab._quietly():
            lab.state.update(start)
            lab.state.data.n_sessions = 12 if change is bandits else 10
            change(lab.state)
        lab.reset()
        all_drawn(lab)
        assert "cog-status-error" not in lab.top.message.value, (change.__name__, lab.top.message.value)
        assert lab.display._begun == RUNS[change], change.__name__


def test_every_concern_of_a_panel_is_a_setting_and_has_it_drawn(on, monkeypatch):
    lab, expected = on
    all_drawn(lab)
    for name in expected:
        one = lab.display[name]
        assert set(one.concerns) <= set(lab.state.view.trait_names())
        if one.tab is not None:
            lab.state.view.tab = one.tab
        drawn = []
        with monkeypatch.context() as patched:
            patched.setattr(one, "draw", lambda run, view, drawn=drawn: drawn.append(run))
            for concern in one.concerns:
                lab.display.mark_concerned(concern)
                lab.runner.drive.wake()
                assert drawn.pop() is lab.runner.run, (name, concern)
            one.ask()
            assert len(drawn) == 1, "it may ask by itself, too"


def test_figures_hold_the_arrays_of_the_analyses(lab):
    lab.state.view.follow = False
    lab.state.view.latent = 1
    model, display = lab.model, lab.display
    expected = cl.update_rules(
        model, [1], observations=cl.typical_observations(lab.runner.run.train), background=np.zeros(3)
    )[1]
    lines = display["update_rules"].lines
    np.testing.assert_allclose([line.y for line in lines[: len(expected.base)]], expected.base, atol=1e-6)
    np.testing.assert_array_equal(lines[0].x, expected.values)
    rule, order = cl.choice_rule(model), display.view.order
    shown = [line.y for line in display["choice_rule"].lines if np.ptp(line.x)]
    open_ones = [i for i in order if display.view.openness[i] >= 0.1] or [order[0]]
    np.testing.assert_allclose(shown[: len(open_ones)], rule.logits[open_ones, 0], atol=1e-6)
    states = cl.latents(model, lab.dataset.select([lab.state.view.session])).states[0]
    np.testing.assert_allclose(display["trajectories"].lines.y, np.asarray(states).T, atol=1e-6)


def test_a_selected_latent_is_marked_in_every_figure_of_latents(lab):
    """A click on the wiring or a channel marked it in the rules alone."""
    lab.state.view.follow = False
    lines = lab.display["trajectories"].lines
    for latent in (1, 2):
        lab.state.view.latent = latent
        assert np.argmax(lines.opacities) == latent
        assert sorted(lines.opacities)[-2] < 1.0
        assert lab.display["update_rules"].picker.value == latent
        assert latent in lab.state.view.pair, "that of the phase plane and of the choice map"
    assert "latent 3 selected" in lab.display["bottlenecks"].readout.value


def test_figures_of_a_task_hold_the_arrays_of_the_analyses(make_lab, small_state):
    state = small_state()
    task(state)
    lab = make_lab(state=state)
    trials, model = lab.display.view.trials, lab.model
    weights = cl.weights(model)
    np.testing.assert_allclose(lab.display["weights"].cells.color, weights.w_rec, atol=1e-6)
    outputs = np.asarray(cl.rollout(model, np.asarray(trials.batch.inputs)).outputs)
    by = lab.state.view.difficulty
    curve = cl.psychometric_curve(trials.batch, outputs, by, task=trials.task)
    line, _, _ = lab.display["psychometric"].marks["whole"]
    np.testing.assert_allclose(line.x, curve.levels, atol=1e-6)
    np.testing.assert_allclose(line.y, curve.n_chosen / curve.n, atol=1e-6)


def test_the_sample_is_of_all_subjects_and_its_name_says_so(make_lab):
    parts_of = [
        cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=40, n_trials=6, seed=i) for i in range(4)
    ]
    lab = make_lab(dataset=cl.join_subjects({f"s{i}": part for i, part in enumerate(parts_of)}))
    sample = lab.display.view.sample
    assert sample.n_sessions == 32
    assert np.bincount(sample.subject).tolist() == [8, 8, 8, 8]
    assert lab.display.view.sample_name == "32 of 80 held-out sessions"


class Norms(cl.lab.Panel):
    """A panel as a user would write it."""

    name, title, help = "norms", "Norms", "Largest latent of the session."
    concerns = ("session",)

    def __init__(self, state):
        super().__init__(state)
        self.words = w.Label()
        self.widget = self.frame((), self.words)

    def draw(self, run, view):
        states = cl.latents(run.trainer.model, run.dataset.select([view.state.session])).states
        self.words.value = f"{float(np.abs(states).max()):.6f}"


def largest(lab) -> str:
    states: Any = cl.latents(lab.model, lab.dataset.select([lab.state.view.session])).states
    return f"{float(np.abs(states).max()):.6f}"


def test_a_panel_of_ones_own_is_drawn_with_the_others(make_lab, train):
    lab = make_lab(panels=[Norms])
    own = lab.display["norms"]
    assert lab.display.widget.children[-1] is own.widget
    assert own.words.value == largest(lab)
    lab.state.view.session = 5
    assert own.words.value == largest(lab)
    train(lab, 15)
    lab.pause()
    assert own.words.value == largest(lab)
    assert "norms" not in make_lab().display.panels


def test_a_registered_panel_is_in_every_lab_and_may_be_registered_again(make_lab, monkeypatch):
    monkeypatch.setattr(panels, "_registry", dict(panels._registry))
    cl.lab.register(Norms)
    assert "norms" in make_lab().display.panels

    class Again(Norms):
        title = "Other norms"

    assert cl.lab.register(Again) is Again
    assert type(make_lab().display["norms"]) is Again


def test_what_cannot_be_a_panel_says_why(make_lab):
    class Nameless(Norms):
        name = ""

    class Learning(Norms):
        name = "learning"

    with pytest.raises(TypeError, match=r"expected a subclass of cl\.lab\.Panel"):
        cl.lab.register(lambda run: None)
    with pytest.raises(ValueError, match="Nameless has no name"):
        cl.lab.register(Nameless)
    with pytest.raises(ValueError, match='"learning" is that of a panel of the lab itself'):
        cl.lab.register(Learning)
    with pytest.raises(ValueError, match='two panels of the name "learning"'):
        make_lab(panels=[Learning])


def test_every_panel_declares_itself():
    assert len(set(NAMES)) == len(NAMES) == 20
    places = [kind.place for kind in panels.registered()]
    assert places == sorted(set(places)), "no two stand in the same place"
    for kind in panels.registered():
        assert kind.title
        assert kind.help.endswith(".")
        folder, _, file = kind.__module__.rpartition(".")
        assert file == kind.name, "a panel is one file, named as it is"
        assert folder in ("cogrnn_lab.lab.panels", "cogrnn_lab.lab.panels.worth")


@pytest.mark.parametrize(("n_layers", "shown"), [(1, True), (2, False)])
def test_weights_are_shown_where_there_is_one_matrix_of_them(n_layers, shown):
    """The panel of a plain RNN of two layers was shown, and failed whenever it was drawn."""
    model = cl.VanillaRNN(2, 2, 3, n_layers=n_layers, key=0)
    task = SimpleNamespace(stages=[cl.PerceptualDiscrimination()])
    run = half_run(curriculum=task, trainer=SimpleNamespace(model=model, stage=0))
    assert part_of(WeightsPanel).is_for(run) is shown
