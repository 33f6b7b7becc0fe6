"""Every compiled function of the package lowers for CUDA and TPU: no primitive of the CPU alone is in it.

What a GPU makes of it can't be tried here; that XLA takes it for one can.
"""

import re
from pathlib import Path

import jax
import numpy as np
import pytest
from compiled_functions import compiled_functions, lowered, recorded
from hand_networks import made, values
from own_additions import Leaky

import cogrnn_lab as cl
from cogrnn_lab.models.own_step import check_readout
from cogrnn_lab.training.compiled.compiler_options import OPTIONS, CompiledWithOptions

FUNCTIONS = compiled_functions()
PLATFORMS = ("cuda", "tpu")
SMALL = {"update_width": 3, "update_depth": 1, "choice_depth": 1}


class OwnStep(Leaky):
    """A network that overrides `step`."""

    def step(self, state, x, *, subject=None, key=None, noise=1.0):
        return super().step(state, x, subject=subject, key=key, noise=noise)


def simulating() -> None:
    clicks = cl.PoissonClicks()
    data = cl.simulate_clicks(cl.BoundedAccumulator(), clicks, n_trials=4)
    cl.p_right(cl.BoundedAccumulator(), data, n_points=33)
    cl.simulate_two_step(cl.TwoStepLearner(), n_sessions=2, n_trials=5)
    choices = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=5)
    cl.record_signals(cl.QLearning(), choices, cl.RewardPredictionError())
    cl.PerceptualDiscrimination(dt=100.0).batch(0, 2)


def training(choices: cl.Dataset) -> None:
    networks = [cl.DisRNN(2, 2, 2, **SMALL, key=seed) for seed in (0, 1)]
    together = cl.Replicates(networks, choices, choices, batch_size=4)
    together.begin([cl.Phase(1, cl.Penalties(latent=0.1))] * 2)
    together.advance(1)
    cl.fit(networks[0], choices, choices, phases=cl.Phase(1), batch_size=4)
    task = cl.PerceptualDiscrimination(dt=100.0)
    stages = cl.Curriculum([task], advance=0.9, check_every=1, n_trials=4)
    cl.fit(cl.VanillaRNN(task.n_inputs, task.n_outputs, 3, key=0), stages, phases=cl.Phase(1))
    check_readout(OwnStep(2, 2, key=jax.random.key(0)))
    short = {"seeds": 1, "levels": (0.5,), "batch_size": 4}
    ends = {
        "warm_up": cl.WarmUp(most=2, check_every=2, patience=1),
        "settling": cl.Settling(most=2, check_every=2, cooling=1, learning_rate=1e-2),
    }
    parts = [choices.select(own) for own in ([0, 1, 4, 5], [2, 6], [3, 7])]
    cl.penalty_path(networks[0], *parts, **short, **ends)


def reading(choices: cl.Dataset) -> None:
    network = made(*values())
    cl.evaluate(network, choices)
    cl.bottlenecks(network, choices)
    cl.update_rules(network, n_points=3)
    cl.choice_rule(network, n_points=3)
    cl.latents(network, choices)
    cl.channel_information(network, choices)
    cl.information_flow(network, choices)
    cl.pruning_curve(network, choices)
    cl.wiring(network, choices)
    cl.agreement([network, network], choices)
    cl.perturb(network, choices.inputs, cl.Perturbation(lesion=[0]))
    cl.fixed_points(network, choices, n_starts=4)
    cl.vector_field(network, choices, n_points=3)
    neuro = cl.NeuroDisRNN(2, 2, 2, **SMALL, neural_depth=1, key=0)
    cl.signal_rule(neuro, n_points=3)


def explaining(choices: cl.Dataset) -> None:
    cl.fit_agent(cl.QLearning, choices, n_starts=2)
    found = cl.equations(None, choices, n_latents=(1,), n_starts=1)
    found.by_subject(choices)


@pytest.fixture(scope="module")
def recorders():
    choices = cl.simulate(
        cl.QLearning(np.array([0.3, 0.6]), 3.0), cl.DriftingBandit(drift=0.1), n_sessions=4, n_trials=30
    )

    def scenario() -> None:
        simulating()
        training(choices)
        reading(choices)
        explaining(choices)

    with pytest.MonkeyPatch.context() as monkeypatch:
        yield recorded(FUNCTIONS, scenario, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_lowers(name, recorders):
    assert recorders[name].arguments is not None, "call it in one of the functions above"
    lowered(recorders[name], PLATFORMS)  # raises where a primitive has no lowering for one of them


def test_every_compiled_function_is_one_of_a_module(repository: Path):
    """One that is compiled within another function could not be found by the test above."""
    within = []
    for path in (repository / "cogrnn_lab").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for line in re.findall(
            r"^[ \t]+.*(?:jax\.jit|filter_jit|filter_pmap|jax\.pmap)\b.*", source, re.MULTILINE
        ):
            if "`" not in line and path.name != "compiler_options.py":
                within.append(f"{path.name}: {line.strip()}")
    assert within == []
    assert len(FUNCTIONS) > 30


def test_options_of_the_cpu_are_for_the_cpu_alone(monkeypatch):
    given = {}

    def jit(function, *, compiler_options=None, **named):
        given[jax.default_backend()] = compiler_options
        return function

    monkeypatch.setattr(jax, "jit", jit)
    function = CompiledWithOptions(lambda x: x + 1)
    for platform in ("cpu", "gpu", "tpu"):
        monkeypatch.setattr(jax, "default_backend", lambda platform=platform: platform)
        assert function(1) == 2
    assert given == {"cpu": OPTIONS["cpu"], "gpu": None, "tpu": None}
    assert all(name.startswith("xla_cpu_") for name in OPTIONS["cpu"])
