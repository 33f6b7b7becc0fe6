"""Additions of each kind from outside, through every door that `docs/architecture.md` names.

And that the page itself is true: the files that it names exist.
"""

import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from own_additions import Alternating, Leaky, MemorySpan, Ramp, Reversals, WinStay, memory_span, read_lines

import cogrnn_lab as cl
from cogrnn_lab.tasks.registry import AGENTS, ENVIRONMENTS, TASKS


@pytest.fixture(autouse=True)
def registries_as_before():
    before = [dict(registry) for registry in (AGENTS, ENVIRONMENTS, TASKS)]
    yield
    for registry, content in zip((AGENTS, ENVIRONMENTS, TASKS), before, strict=True):
        registry.clear()
        registry.update(content)


@pytest.fixture(scope="module")
def choices() -> cl.Dataset:
    return cl.simulate(WinStay(3.0), Reversals(), n_sessions=8, n_trials=60, seed=1)


def test_an_agent_and_an_environment_simulate_and_are_fitted_scored_and_compared(choices):
    assert choices.columns["reward"].mean() > 0.55  # whoever stays with what was rewarded does well here
    fit = cl.fit_agent(WinStay, choices, n_starts=2)
    assert fit.parameter_names == ("strength",)
    assert abs(fit.estimates[0, 0] - 3.0) < 4 * fit.standard_errors[0, 0]
    scores = [cl.evaluate(model, choices).nll for model in (fit, WinStay(3.0), WinStay(0.0))]
    assert scores[0] <= scores[1] < scores[2] == pytest.approx(np.log(2), rel=1e-5)
    found = cl.compare({"own": WinStay, "careless": cl.Lapse(WinStay())}, choices, n_starts=2, n_bootstrap=5)
    assert found.kinds[:2] == ("agent", "agent")
    assert found.likelihood[0] > 0.55


def test_they_are_offered_by_name_with_their_settings():
    cl.register_agent("win-stay of mine", WinStay, limits={"strength": (0.0, 20.0)})
    cl.register_environment("reversals of mine", Reversals)
    cl.register_task("ramp of mine", Ramp)
    assert AGENTS["win-stay of mine"].make(strength=5.0).strength == 5.0
    assert ENVIRONMENTS["reversals of mine"].make(hazard=0.2).hazard == 0.2
    assert TASKS["ramp of mine"].make(slope=1.0).slope == 1.0
    assert [one.name for one in AGENTS["win-stay of mine"].settings] == ["strength"]


def test_a_task_is_made_of_trials_and_trained_on():
    task = Ramp(slope=1.0)
    assert task.dataset(6).inputs.shape == (6, task.n_steps, 1)
    model = cl.VanillaRNN(task.n_inputs, task.n_outputs, 4, key=jax.random.key(0))
    run = cl.fit(model, cl.Curriculum([task], advance=0.99), phases=cl.Phase(3), learning_rate=1e-3)
    assert run.history["step"].iloc[-1] == 3


@pytest.fixture(scope="module")
def leaky(choices) -> cl.Run:
    model = Leaky(choices.n_inputs, 2, key=jax.random.key(0))
    return cl.fit(model, choices, choices, phases=cl.Phase(40, learning_rate=1e-2), batch_size=4)


def test_a_penalty_of_its_own_has_a_weight_by_its_name(choices, leaky):
    assert leaky.model.penalty_names == ("sparsity",)
    phase = cl.Phase(40, cl.Penalties(sparsity=1.0), learning_rate=1e-2)
    sparse = cl.fit(Leaky(choices.n_inputs, 2, key=jax.random.key(0)), choices, phases=phase, batch_size=4)
    free, held = (float(run.model.penalty_terms()["sparsity"]) for run in (leaky, sparse))
    assert held < 0.7 * free


def test_a_network_trains_and_is_scored_and_saved(choices, leaky, tmp_path: Path):
    untrained = Leaky(choices.n_inputs, 2, key=jax.random.key(0))
    assert cl.evaluate(leaky.model, choices).nll < cl.evaluate(untrained, choices).nll
    leaky.save(tmp_path / "run.npz")
    again = cl.load(tmp_path / "run.npz", kind=Leaky).model
    inputs = jnp.asarray(choices.inputs)
    np.testing.assert_array_equal(cl.rollout(again, inputs).outputs, cl.rollout(leaky.model, inputs).outputs)
    assert cl.n_parameters(leaky.model) == 4 * 2 + 2 * 4


def test_a_network_is_read_perturbed_and_plays(choices, leaky):
    model = leaky.model
    assert cl.bottlenecks(model, choices).groups == {}
    assert cl.latents(model, choices).states.shape == (8, 60, 4)
    assert set(cl.update_rules(model, n_points=5)) == {0, 1, 2, 3}
    assert cl.choice_rule(model, n_points=5).logits.shape == (4, 1, 5)
    silent = cl.perturb(model, choices.inputs, cl.Perturbation(lesion=range(4)))
    np.testing.assert_array_equal(silent.outputs, 0.0)
    played = cl.simulate(cl.NetworkAgent(model), Reversals(), n_sessions=1, n_trials=10)
    assert played.n_trials == 10


def test_a_network_and_a_model_without_one_are_compared(choices):
    recipe = cl.NetworkRecipe(lambda data, key: Leaky(data.n_inputs, 2, key=key), cl.Phase(2))
    models = {"network": recipe, "alternating": lambda train, valid, seed: Alternating()}
    found = cl.compare(models, choices, n_bootstrap=5)
    assert found.kinds[:2] == ("network", "other")
    assert found.n_parameters[:2].tolist() == [16, 0]


def test_a_reader_gives_a_data_set_like_any_other():
    text = "L+ L- R+ R+ R- L-\nR- L- L+ L+ R- R+\nL+ R- L- R+ R- L+\nR+ L- R- L+ L- R+"
    data = read_lines(text)
    train, held_out = data.split()
    assert (train.n_sessions, held_out.n_sessions, data.n_classes) == (2, 2, 2)
    assert data.choices[0].tolist() == [0, 0, 1, 1, 1, 0]
    joined = data.concat(data)
    assert cl.evaluate(Alternating(), joined).n_targets == 48
    run = cl.fit(cl.GRU(2, 2, 3, key=jax.random.key(0)), train, phases=cl.Phase(2))
    assert np.isfinite(run.losses).all()


def test_an_analysis_is_a_function_of_the_networks_latents(choices, leaky):
    span = memory_span(leaky.model, choices)
    assert span.shape == (4,)
    assert ((span >= 0) & (span < 10)).all()


def test_agent_environment_task_and_network_are_picked_by_name_in_the_lab(tmp_path: Path):
    cl.register_agent("win-stay of mine", WinStay, limits={"strength": (0.0, 20.0)})
    cl.register_environment("reversals of mine", Reversals)
    cl.register_task("ramp of mine", Ramp)

    def small(n_inputs, n_outputs, n_hidden=3, *, key):
        return cl.GRU(n_inputs, n_outputs, n_hidden, key=key)

    state = cl.lab.LabState(networks={"small": small})
    state.data.set_quietly(n_sessions=6, n_trials=20)
    state.data.agent.kind, state.data.environment.kind = "win-stay of mine", "reversals of mine"
    state.data.agent.parameters.strength = 5.0
    state.data.task.kind = "ramp of mine"
    assert state.data.task.parameters.slope == 0.5
    state.model.kind = "small"
    lab = cl.Lab(state=state, runner="inline", folder=tmp_path / "runs")
    try:
        assert lab.run_state == "ready", lab.top.message.value
        expected = cl.simulate(WinStay(5.0), Reversals(), n_sessions=6, n_trials=20)
        np.testing.assert_array_equal(lab.dataset.choices, expected.choices)
        assert (type(lab.model), lab.model.n_hidden) == (cl.GRU, 3)
    finally:
        lab.close()


def test_a_panel_shows_it_in_the_lab(choices, tmp_path: Path):
    network = cl.VanillaRNN(choices.n_inputs, 2, 3, key=jax.random.key(0))
    lab = cl.Lab(choices, network, runner="inline", panels=[MemorySpan], folder=tmp_path / "runs")
    try:
        assert lab.run_state == "ready", lab.top.message.value
        for session in (0, 5):
            lab.state.view.session = session
            for _ in lab.display.panels:  # one of them is drawn in a turn
                lab.runner.drive.turn()
            span = memory_span(lab.model, choices.select([session]))
            assert lab.display["memory span"].words.value == ", ".join(f"{n} trials" for n in span)
    finally:
        lab.close()


def test_a_penalty_of_its_own_has_a_slider_in_the_lab(choices, tmp_path: Path):
    network = Leaky(choices.n_inputs, 2, key=jax.random.key(0))
    lab = cl.Lab(choices, network, runner="inline", folder=tmp_path / "runs")
    try:
        assert lab.run_state == "ready", lab.top.message.value
        slider = lab.penalty_controls.sliders["sparsity"]
        assert slider.value == lab.state.penalties.sparsity == 0.0
        slider.number.value = 0.02
        lab.state.training.set_quietly(warmup_steps=0, steps=2)
        lab.train()
        lab.runner.drive.turn()
        assert lab.trainer.penalties.sparsity == lab.state.penalties.sparsity == 0.02
    finally:
        lab.close()


def test_the_architecture_page_names_files_that_exist(repository: Path):
    page = (repository / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z_]+/)*[a-z_]+(?:\.py|/))`", page))
    assert len(named) > 40
    roots = (repository, repository / "cogrnn_lab")
    folders = [folder for folder in (repository / "cogrnn_lab").iterdir() if folder.is_dir()]
    places = (*roots, *folders, *(sub for folder in folders for sub in folder.rglob("*") if sub.is_dir()))
    missing = [name for name in sorted(named) if not any((place / name).exists() for place in places)]
    assert missing == []


def test_the_architecture_page_names_what_is_public(repository: Path):
    page = (repository / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"`cl\.([A-Za-z_.]+)", page)) - {"name"}:
        thing = cl
        for part in name.split("."):
            thing = getattr(thing, part)
