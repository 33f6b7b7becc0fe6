"""The figures show what the results hold: their values, their names, their units."""

import subprocess
import sys
from dataclasses import replace
from io import BytesIO

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text

import cogrnn_lab as cl
from cogrnn_lab import plots

LATENTS = ("latent 1", "latent 2", "latent 3")
INPUTS = ("previous choice", "previous reward")


def channels(name: str, title: str, openness: np.ndarray, from_names, to_names) -> cl.ChannelGroup:
    return cl.ChannelGroup(name, title, openness, 1 - openness, openness * 3, from_names, to_names)


@pytest.fixture
def bottlenecks() -> cl.Bottlenecks:
    groups = [
        channels("latent", "Latents", np.array([[0.11], [0.97], [0.42]]), LATENTS, ("latent",)),
        channels("update_input", "Inputs", np.arange(6).reshape(2, 3) / 10, INPUTS, LATENTS),
        channels("update_latent", "Updates", np.arange(9).reshape(3, 3) / 100, LATENTS, LATENTS),
        channels("choice_latent", "Choice", np.array([[0.31], [0.32], [0.33]]), LATENTS, ("choice",)),
    ]
    return cl.Bottlenecks({group.name: group for group in groups}, np.array([1, 2, 0]))


@pytest.fixture
def rule() -> cl.UpdateRule:
    values = np.linspace(-1, 1, 5)
    base = np.stack([values, -values])
    delta = np.stack([[base + shift for shift in (-1.0, 0.0, 1.0)]])
    observations = np.array([[0.0, 0.0], [1.0, 1.0]])
    labels = ("no reward", "reward")
    return cl.UpdateRule(1, values, observations, labels, base, (2,), np.array([-1.0, 0.0, 1.0]), delta)


@pytest.fixture
def session() -> tuple[cl.Latents, cl.Dataset]:
    choice = np.array([[0, 1, -1, 1, 0]])
    dataset = cl.Dataset(
        np.zeros((1, 5, 2)),
        np.where(choice < 0, np.nan, choice)[..., None],
        valid=np.array([[True, True, True, True, False]]),
        columns={"choice": choice, "reward": np.array([[1.0, 0.0, 0.0, 1.0, 0.0]])},
        class_names=["left", "right"],
        subject_names=["m7"],
        session_names=["day 3"],
    )
    states = np.arange(15, dtype=float).reshape(1, 5, 3)
    probabilities = np.stack([1 - np.arange(5) / 10, np.arange(5) / 10], axis=-1)[None]
    logits = np.log(np.maximum(probabilities, 1e-9))
    return cl.Latents(states, logits, 2, dataset.valid, LATENTS), dataset


def history() -> pd.DataFrame:
    task_loss = np.array([0.69, 0.6, 0.58, 0.57])
    return pd.DataFrame(
        {
            "step": [50, 100, 150, 200],
            "phase": ["warm-up", "warm-up", "penalized", "penalized"],
            "loss": task_loss + 0.1,
            "task_loss": task_loss,
            "likelihood": np.exp(-task_loss),
            "valid_loss": task_loss + 0.01,
            "valid_likelihood": np.exp(-task_loss - 0.01),
        }
    )


def drawn(figure: Figure) -> Figure:
    """The figure after it was really rendered, so that errors of drawing show."""
    figure.savefig(BytesIO(), format="png")
    return figure


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def tick_labels(axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def test_bottlenecks_print_every_value_with_the_most_open_latent_on_top(bottlenecks):
    latent, inputs, updates, choice, _ = drawn(plots.plot_bottlenecks(bottlenecks)).axes
    assert texts(latent) == ["0.97", "0.42", "0.11"]
    assert texts(inputs) == ["0.10", "0.40", "0.20", "0.50", "0.00", "0.30"]
    assert texts(choice) == ["0.32", "0.33", "0.31"]
    assert tick_labels(latent.yaxis) == ["latent 2", "latent 3", "latent 1"]
    assert tick_labels(inputs.xaxis) == list(INPUTS)
    assert tick_labels(updates.xaxis) == ["latent 2", "latent 3", "latent 1"]


def test_bottlenecks_between_latents_go_from_column_to_row(bottlenecks):
    updates = plots.plot_bottlenecks(bottlenecks).axes[2]
    openness = bottlenecks.groups["update_latent"].openness
    order = bottlenecks.latent_order
    expected = [f"{openness[source, target]:.2f}" for target in order for source in order]
    assert texts(updates) == expected


def test_bottlenecks_in_nats_need_them(bottlenecks):
    figure = drawn(plots.plot_bottlenecks(bottlenecks, value="nats"))
    assert texts(figure.axes[0]) == ["2.91", "1.26", "0.33"]
    assert "nats per trial" in figure.axes[-1].get_ylabel()
    latent = replace(bottlenecks.groups["latent"], nats=None)
    without = replace(bottlenecks, groups={"latent": latent})
    with pytest.raises(ValueError, match=r"cl\.bottlenecks\(model, dataset\)"):
        plots.plot_bottlenecks(without, value="nats")
    with pytest.raises(ValueError, match="expected 'openness' or 'nats'"):
        plots.plot_bottlenecks(bottlenecks, value="sigma")


def test_update_rule_has_a_line_for_each_observation_and_level_of_the_other_latent(rule):
    (axes,) = drawn(plots.plot_update_rules({1: rule})).axes
    curves = [line for line in axes.lines if len(line.get_xdata()) == 5]
    assert len(curves) == 2 * 3
    levels = [line.get_ydata()[2] for line in curves]
    assert levels == [-1, -1, 0, 0, 1, 1]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["no reward", "reward"]
    assert axes.get_title() == "latent 2, with latent 3 at -1, 0, 1"
    assert "latent 2" in axes.get_xlabel()
    assert "per trial" in axes.get_ylabel()


def test_update_rule_without_other_latents_shows_the_base(rule):
    alone = replace(rule, conditioning=(), delta=rule.delta[:0])
    (axes,) = drawn(plots.plot_update_rules({1: alone})).axes
    curves = [line for line in axes.lines if len(line.get_xdata()) == 5]
    np.testing.assert_array_equal([line.get_ydata() for line in curves], rule.base)


def test_update_rules_of_several_latents_fill_a_grid(rule):
    alone = replace(rule, latent=0, conditioning=(), delta=rule.delta[:0])
    two = replace(rule, conditioning=(0, 2), delta=np.concatenate([rule.delta, rule.delta * 2]))
    figure = drawn(plots.plot_update_rules({1: two, 0: alone}))
    assert [axes.axison for axes in figure.axes] == [True, True, True, False]
    legends = [axes.get_legend() is not None for axes in figure.axes]
    assert legends == [False, True, False, True], "in the empty place, where it moves no panel"
    first, second = figure.axes[:2]
    assert first.get_ylim() == second.get_ylim()
    with pytest.raises(ValueError, match="no rule to draw"):
        plots.plot_update_rules({})


def test_choice_rule_of_three_alternatives_has_a_row_each_and_names_them():
    values = np.linspace(-1, 1, 5)
    logits = np.arange(1, 7).reshape(3, 2)[..., None] * values
    pair_logits = np.stack([values[:, None] + 2 * values, -values[:, None] - values])
    rule = cl.ChoiceRule(values, logits, (2, 0), pair_logits)
    figure = drawn(plots.plot_choice_rule(rule, choice_names=["a", "b", "c"]))
    lines, field, second = figure.axes[:3]
    assert lines.get_ylabel() == "logit of choice b against a"
    assert second.get_ylabel() == "logit of choice c against a"
    assert [line.get_ydata()[-1] for line in lines.lines if len(line.get_xdata()) == 5] == [1, 3, 5]
    assert (field.get_xlabel(), field.get_ylabel()) == ("latent 3 (a.u.)", "latent 1 (a.u.)")
    np.testing.assert_allclose(np.asarray(field.collections[0].get_array()), pair_logits[0].T)


def test_choice_rule_of_one_latent_has_no_map():
    values = np.linspace(-1, 1, 5)
    figure = drawn(plots.plot_choice_rule(cl.ChoiceRule(values, values[None, None], None, None)))
    assert len(figure.axes) == 1
    assert figure.axes[0].get_ylabel() == "logit of choice 1 against 0"


def test_learning_marks_references_and_phases():
    figure = drawn(plots.plot_learning(history(), references={"chance": 0.5}))
    loss, likelihood = figure.axes
    assert loss.get_ylabel() == "loss (nats per choice)"
    assert texts(loss) == ["warm-up", "penalized"]
    labels = [text.get_text() for text in likelihood.get_legend().get_texts()]
    assert labels == ["training", "held out", "chance 0.5000"]
    begins = [line.get_xdata()[0] for line in loss.lines if len(set(line.get_xdata())) == 1]
    assert begins == [100]  # the penalized phase begins where the last warm-up report stood


def test_learning_without_held_out_data_shows_none():
    figure = drawn(plots.plot_learning(history().assign(valid_loss=np.nan, valid_likelihood=np.nan)))
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["training, penalized", "training"]


def test_learning_of_a_task_shows_performance_instead():
    nothing_else = history().assign(likelihood=np.nan, valid_likelihood=np.nan)
    checked = nothing_else.assign(stage=[0, 0, np.nan, 1], performance=[0.5, 0.9, np.nan, 0.7])
    loss, performance = drawn(plots.plot_learning(checked)).axes
    assert loss.get_ylabel() == "loss (per target)"
    assert [line.get_ydata().tolist() for line in performance.lines[:2]] == [[0.5, 0.9], [0.7]]
    assert [text.get_text() for text in performance.get_legend().get_texts()] == ["stage 1", "stage 2"]
    assert len(drawn(plots.plot_learning(nothing_else)).axes) == 1


def test_trajectories_show_valid_trials_only_and_no_missed_choice(session):
    latents, dataset = session
    choices, probability, states = drawn(plots.plot_trajectories(latents, dataset)).axes
    marks = [path for lines in choices.collections for path in lines.get_segments()]
    assert sorted(int(mark[0, 0]) for mark in marks) == [1, 2, 4]
    tall = [int(mark[0, 0]) for mark in marks if np.ptp(mark[:, 1]) > 0.5]
    assert sorted(tall) == [1, 4]
    np.testing.assert_allclose(probability.lines[0].get_ydata(), [0, 0.1, 0.2, 0.3], atol=1e-8)
    np.testing.assert_allclose(states.lines[2].get_ydata(), [2, 5, 8, 11])
    assert tick_labels(choices.yaxis) == ["choice left", "choice right"]
    assert choices.get_title() == "Subject m7, session day 3"
    assert states.get_xlabel() == "trial"


def test_trajectories_show_what_is_known_without_columns(session):
    latents, dataset = session
    bare = cl.Dataset(
        dataset.inputs, dataset.targets, mask=dataset.mask, valid=dataset.valid, n_classes=dataset.n_classes
    )
    choices = drawn(plots.plot_trajectories(latents, bare)).axes[0]
    marks = [path for lines in choices.collections for path in lines.get_segments()]
    assert sorted(int(mark[0, 0]) for mark in marks) == [1, 2, 4]
    assert choices.get_ylabel() == "choices"


def test_trajectories_of_some_latents_and_of_no_such_session(session):
    latents, dataset = session
    states = plots.plot_trajectories(latents, dataset, shown=[1]).axes[2]
    assert [line.get_label() for line in states.lines] == ["latent 2"]
    with pytest.raises(ValueError, match="expected an index from 0 to 0"):
        plots.plot_trajectories(latents, dataset, session=4)


def comparison() -> cl.Comparison:
    """Three models of two subjects; the second is the best, the third an agent."""
    names = ("network", "better network", "Q-learning", "chance")
    likelihood = np.array([0.60, 0.63, 0.61, 0.50])
    spread = np.array([-0.01, 0.01])
    subjects = likelihood[:, None] + 2 * spread
    return cl.Comparison(
        names=names,
        kinds=("network", "network", "agent", "reference"),
        n_parameters=np.array([100.0, 200.0, 2.0, 0.0]),
        session_nll=np.zeros((4, 4)),
        n_choices=np.full(4, 10),
        subject=np.array(["a", "a", "b", "b"]),
        session=np.array(["1", "2", "1", "2"]),
        fold=np.array([0, 1, 0, 1]),
        subjects=("a", "b"),
        likelihood=likelihood,
        likelihood_interval=likelihood[:, None] + spread,
        subject_likelihood=subjects,
        subject_interval=subjects[..., None] + spread,
        difference=likelihood - 0.63,
        difference_interval=(likelihood - 0.63)[:, None] + spread,
        subject_difference=subjects - subjects[1],
        subject_difference_interval=(subjects - subjects[1])[..., None] + spread,
        level=0.95,
        fitted={},
    )


def test_comparison_ranks_the_models_and_stars_the_best_classical_one():
    left, right = drawn(plots.plot_comparison(comparison())).axes
    assert tick_labels(left.yaxis) == ["better network", "Q-learning", "network", "chance"]
    assert left.get_ylim() == (3.5, -0.5)  # the best on top
    points = [line for line in left.lines if line.get_marker() in ("o", "*")]
    assert [line.get_xdata()[0] for line in points] == [0.63, 0.61, 0.60, 0.50]
    assert [line.get_marker() for line in points] == ["o", "*", "o", "o"]
    bars = [
        line.get_xdata() for line in left.lines if line.get_linestyle() == "-" and len(line.get_xdata()) == 2
    ]
    np.testing.assert_allclose(bars[1], [0.60, 0.62])
    dots = [line.get_xdata() for line in left.lines if line.get_marker() == "."]
    np.testing.assert_allclose(dots[2], [0.58, 0.62])
    assert right.get_xlabel() == "difference to\nbetter network"
    differences = [line.get_xdata()[0] for line in right.lines if line.get_marker() in ("o", "*")]
    np.testing.assert_allclose(differences, [0, -0.02, -0.03])  # references have none


def test_a_model_that_is_far_behind_does_not_squeeze_the_others():
    known = comparison()
    far = np.array([-0.03, 0.0, -0.5, -0.13])  # Q-learning
    known = replace(known, difference=far, difference_interval=far[:, None] + np.array([-0.01, 0.01]))
    _, right = drawn(plots.plot_comparison(known)).axes
    assert -0.2 < right.get_xlim()[0] < -0.04
    assert texts(right) == ["◂ -0.500"]


def test_figures_draw_into_a_part_of_another(bottlenecks, session):
    whole = Figure(figsize=(12, 8), layout="constrained")
    top, bottom = whole.subfigures(2, 1)
    assert plots.plot_bottlenecks(bottlenecks, figure=top) is whole
    assert plots.plot_trajectories(*session, figure=bottom) is whole
    assert len(drawn(whole).axes) == 5 + 3


def test_figures_need_no_pyplot():
    """pyplot keeps every figure for ever, picks a window system and belongs to one thread."""
    script = "import sys, cogrnn_lab.plots; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_neighboring_colors_differ_for_color_blind_readers():
    """Every two colors of the first six stay apart in lightness or in the blue-yellow direction."""
    rgb = np.array([matplotlib.colors.to_rgb(color) for color in plots.canvas.PALETTE[:6]])
    lightness = rgb @ [0.2126, 0.7152, 0.0722]
    blue_yellow = rgb[:, 2] - rgb[:, :2].mean(1)
    for i in range(6):
        for j in range(i):
            assert abs(lightness[i] - lightness[j]) > 0.05 or abs(blue_yellow[i] - blue_yellow[j]) > 0.2


def test_rows_that_are_no_latents_have_names_and_keep_their_order():
    """As many embeddings as latents must not be sorted as if they were latents; inputs follow the latents."""
    latents = ("latent 1", "latent 2")
    embeddings = ("embedding 1", "embedding 2")
    groups = [
        channels("latent", "Latents", np.array([[0.1], [0.9]]), latents, ("latent",)),
        channels("subject", "Subject embedding", np.array([[0.3], [0.7]]), embeddings, ("embedding",)),
        channels("neural", "Neural network", np.array([[0.2], [0.8], [0.6]]), (*latents, "reward"), ("net",)),
    ]
    figure = plots.plot_bottlenecks(cl.Bottlenecks({group.name: group for group in groups}, np.array([1, 0])))
    rows = {
        axes.get_title(): [tick.get_text() for tick in axes.get_yticklabels()] for axes in figure.axes[:3]
    }
    assert rows == {
        "Latents": ["latent 2", "latent 1"],
        "Subject embedding": list(embeddings),
        "Neural network": ["latent 2", "latent 1", "reward"],
    }
    written = [[float(text.get_text()) for text in axes.texts] for axes in figure.axes[:3]]
    assert written == [[0.9, 0.1], [0.3, 0.7], [0.8, 0.2, 0.6]]


def test_a_notebook_shows_a_figure_without_pyplot():
    """A figure as the last line of a cell needs neither `%matplotlib inline` nor an import of pyplot."""
    code = (
        "from IPython.core.formatters import DisplayFormatter\n"
        "import sys, numpy as np, cogrnn_lab as cl\n"
        "figure = cl.plots.plot_bottlenecks(cl.Bottlenecks({'latent': cl.ChannelGroup('latent', 'Latents', "
        "*3 * [np.ones((1, 1))], ('latent 1',), ('latent',))}, np.array([0])))\n"
        "shown, about = DisplayFormatter().format(figure)\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "print(shown['image/png'][:4], about['image/png'])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith("b'\\x89PNG'")
    assert "'width'" in said


@pytest.mark.parametrize("name", ["$x$", r"$\nofunction{$", r"\$1", "_hidden", "a$b"])
def test_names_are_drawn_letter_by_letter(session, bottlenecks, rule, name):
    latents, dataset = session
    renamed = replace_names(dataset, name)
    figures = [plots.plot_trajectories(latents, renamed, session=0)]
    group = bottlenecks.groups["update_input"]
    inputs = {"update_input": replace(group, from_names=(name, "previous reward"))}
    figures.append(plots.plot_bottlenecks(replace(bottlenecks, groups={**bottlenecks.groups, **inputs})))
    figures.append(plots.plot_update_rules({1: replace(rule, observation_labels=(name, "reward"))}))
    for figure in figures:
        figure.savefig(BytesIO(), format="png")  # a name that is no mathematics made this fail
        drawn = [shown for shown in figure.findobj(Text) if undone(shown).strip().endswith(name)]
        assert drawn, [undone(shown) for shown in figure.findobj(Text)]
        for shown in drawn:
            assert shown._preprocess_math(shown.get_text())[1] is False, "no mathematics"
    assert any(name in undone(entry) for entry in legend_texts(figures[2])), "it has its place in the legend"


def undone(text) -> str:
    """What is seen of a text."""
    return text.get_text().replace(r"\$", "$")


def legend_texts(figure) -> list:
    """The texts of all legends."""
    return [entry for legend in figure.findobj(Legend) for entry in legend.get_texts()]


def replace_names(dataset: cl.Dataset, name: str) -> cl.Dataset:
    """The same data with this name for a subject and an alternative."""
    return cl.Dataset(
        dataset.inputs, dataset.targets, valid=dataset.valid, columns=dataset.columns,
        class_names=["left", name], subject_names=[name], session_names=["1"],
    )  # fmt: skip
