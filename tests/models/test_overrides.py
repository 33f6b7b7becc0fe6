"""A subclass is trained and scored as it says: a fast path serves only the class it was written for."""

import re
from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.training.compiled.steps import StepSettings, penalized_loss
from cogrnn_lab.training.losses import default_loss

N_SESSIONS, N_TRIALS = 3, 4

KINDS = {
    "GRU": lambda kind, key: kind(2, 2, 3, key=key),
    "LSTM": lambda kind, key: kind(2, 2, 3, key=key),
    "VanillaRNN": lambda kind, key: kind(2, 2, 3, key=key),
    "SwitchingLinearRNN": lambda kind, key: kind(2, 2, 3, key=key),
    "ConstrainedRNN": lambda kind, key: kind(2, 2, 5, dale_ratio=0.6, dt=50.0, key=key),
    "DisRNN": lambda kind, key: kind(2, 2, 2, update_depth=1, choice_depth=1, key=key),
    "MultisubjectDisRNN": lambda kind, key: kind(
        2, 2, 2, n_subjects=3, update_depth=1, choice_depth=1, key=key
    ),
    "NeuroDisRNN": lambda kind, key: kind(2, 2, 2, neural_depth=1, update_depth=1, choice_depth=1, key=key),
}


def made(kind, name=None):
    """A network whose parameters are away from their special start values."""
    model = KINDS[name or kind.__name__](kind, jax.random.key(0))
    free, rest = eqx.partition(model, eqx.is_inexact_array)
    leaves, tree = jax.tree.flatten(free)
    draw = np.random.default_rng(1)
    leaves = [leaf + jnp.asarray(0.2 * draw.normal(size=leaf.shape), jnp.float32) for leaf in leaves]
    return eqx.combine(jax.tree.unflatten(tree, leaves), rest)


# --- what a subclass may do otherwise, each by calling its parent ---------------------------------


def seeing_less(parent):
    class Own(parent):
        def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
            return 0.9 * super().next_state(state, 0.5 * inputs, subject=subject, key=key, noise=noise)

    return Own


def read_otherwise(parent):
    class Own(parent):
        def readout(self, state, *, subject=None):
            return 0.5 + 2.0 * super().readout(state, subject=subject)

    return Own


def stepped_otherwise(parent):
    class Own(parent):
        def step(self, state, inputs, *, subject=None, key=None, noise=1.0):
            new, outputs, information = super().step(state, inputs, subject=subject, key=key, noise=noise)
            return 0.9 * new, 2.0 * outputs, information

    return Own


def started_otherwise(parent):
    class Own(parent):
        def initial_state(self, subject=None):
            return 0.7 + super().initial_state(subject)

    return Own


def called_otherwise(parent):
    class Own(parent):
        def __call__(self, inputs, *, subject=None, key=None, noise=1.0):
            rolled = super().__call__(0.5 * inputs, subject=subject, key=key, noise=noise)
            return rolled._replace(outputs=2.0 * rolled.outputs)

    return Own


def all_otherwise(parent):
    return seeing_less(read_otherwise(started_otherwise(parent)))


def with_other_rates(parent):
    class Own(parent):
        def rates(self, states):
            return jnp.tanh(super().rates(states))

    return Own


def drawn_otherwise(parent):
    class Own(parent):
        def next_state_with_draws(self, state, inputs, draws, noise=1.0):
            return 0.9 * super().next_state_with_draws(state, inputs, draws, noise)

    return Own


def readouts_otherwise(parent):
    class Own(parent):
        def readouts(self, states, *, subject=None):
            return 0.5 + 2.0 * super().readouts(states, subject=subject)

    return Own


def step_drawn_otherwise(parent):
    class Own(parent):
        def step_with_draws(self, state, inputs, draws, noise=1.0, *, subject=None, new=None):
            new, outputs, nats = super().step_with_draws(
                state, inputs, draws, noise, subject=subject, new=new
            )
            return 0.9 * new, 2.0 * outputs, nats

    return Own


CHANGES = {
    "next_state": seeing_less,
    "readout": read_otherwise,
    "step": stepped_otherwise,
    "initial_state": started_otherwise,
    "__call__": called_otherwise,
    "three at once": all_otherwise,
}
CASES = [(name, method, change) for name in KINDS for method, change in CHANGES.items()]
CASES += [("ConstrainedRNN", "rates", with_other_rates)]
CASES += [("ConstrainedRNN", "next_state_with_draws", drawn_otherwise)]
CASES += [("DisRNN", "readouts", readouts_otherwise), ("DisRNN", "step_with_draws", step_drawn_otherwise)]
IDS = [f"{name}, {method}" for name, method, _ in CASES]


def data_for(name) -> cl.Dataset:
    draw = np.random.default_rng(0)
    inputs = draw.integers(0, 2, (N_SESSIONS, N_TRIALS, 2)).astype(np.float32)
    choices = draw.integers(0, 2, (N_SESSIONS, N_TRIALS, 1))
    subject = np.arange(N_SESSIONS) if name == "MultisubjectDisRNN" else None
    if name != "NeuroDisRNN":
        return cl.Dataset(inputs, choices, subject=subject, n_classes=2)
    signals = draw.normal(size=choices.shape)
    return cl.Dataset(inputs, np.concatenate([choices, signals], -1), kind="mixed", n_classes=2)


def one_by_one(model, data, way):
    """Outputs and states of each session by itself, as the model or its steps give them."""

    def called(inputs, subject):
        rolled = model(inputs, subject=subject)
        return rolled.outputs, rolled.states

    def stepped(inputs, subject):
        def trial(state, x):
            state, outputs, _ = model.step(state, x, subject=subject)
            return state, (outputs, state)

        return jax.lax.scan(trial, model.initial_state(subject), inputs)[1]

    single = {"call": called, "step": stepped}[way]
    return jax.vmap(single, (0, None if data.subject is None else 0))(data.inputs, data.subject)


def scores(model, data, kind, way):
    """Loss, its gradient, outputs and states, by the loss of training or from sessions one by one."""
    free, rest = eqx.partition(model, eqx.is_inexact_array)
    task_loss = default_loss(kind)

    def objective(free):
        model = eqx.combine(free, rest)
        if way != "rollout":
            along = one_by_one(model, data, way)
            return task_loss(along[0], data.targets, data.mask, data.action_mask), along
        rolled = cl.rollout(model, data.inputs, subject=data.subject)
        penalties = dict.fromkeys(model.penalty_names, jnp.zeros(()))
        settings = StepSettings(penalties, jnp.asarray(0.0), jnp.asarray(1.0))
        return penalized_loss(model, data, settings, task_loss, None)[0], (rolled.outputs, rolled.states)

    (loss, along), gradient = jax.value_and_grad(objective, has_aux=True)(free)
    return loss, along, gradient


def compiled(function, *arrays):
    """Results of a function that is compiled for one use."""
    return jax.jit(function, compiler_options={"xla_backend_optimization_level": 0})(*arrays)


@cache
def parents(name):
    """What the parent gives."""
    dataset = data_for(name)
    return compiled(
        lambda: scores(made(getattr(cl, name)), cl.TrialArrays.of(dataset), dataset.kind, "rollout")
    )


def same(some, others, rtol=2e-4, atol=2e-5) -> bool:
    pairs = zip(jax.tree.leaves(some), jax.tree.leaves(others), strict=True)
    return all(np.allclose(a, b, rtol=rtol, atol=atol) for a, b in pairs)


@pytest.mark.parametrize(("name", "method", "change"), CASES, ids=IDS)
def test_what_is_overridden_is_what_is_trained_and_scored(name, method, change):
    own, dataset = made(change(getattr(cl, name)), name), data_for(name)
    data = cl.TrialArrays.of(dataset)
    way = "call" if method == "__call__" else "step"
    free, rest = eqx.partition(own, eqx.is_inexact_array)

    def everything(free):
        model = eqx.combine(free, rest)
        return [
            *(scores(model, data, dataset.kind, w) for w in ("rollout", way)),
            one_by_one(model, data, "call"),
        ]

    (loss, along, gradient), expected, called = compiled(everything, free)
    assert float(loss) == pytest.approx(float(expected[0]), rel=1e-5)
    assert same(along, expected[1])
    assert same(along, called)
    assert same(gradient, expected[2], atol=1e-5)
    plain = parents(name)
    assert abs(float(loss) - float(plain[0])) > 1e-3
    assert not same(along, plain[1], atol=1e-3)
    assert not same(gradient, plain[2], atol=1e-4)

    choices = along[0][..., :2], data.targets[..., :1], data.mask[..., :1], data.action_mask
    nll = float(default_loss("categorical")(*choices))
    assert cl.evaluate(own, dataset).nll == pytest.approx(nll, rel=1e-5)


def jaxpr_of(model, name) -> str:
    """The computation of a rollout with noise and of its gradient, written out without addresses."""
    data = cl.TrialArrays.of(data_for(name))
    free, rest = eqx.partition(model, eqx.is_inexact_array)

    def total(free):
        rolled = cl.rollout(eqx.combine(free, rest), data.inputs, subject=data.subject, key=jax.random.key(1))
        return (rolled.outputs**2).sum() + sum(nats.sum() for nats in rolled.information.values())

    written = "".join(str(jax.make_jaxpr(f)(free)) for f in (total, jax.grad(total)))
    return re.sub(r"0x[0-9a-f]+", "", written)


def calling_more(parent):
    class Own(parent):
        def twice(self, state):
            return 2.0 * self.readout(state)

        def l2(self):
            return 3.0 + super().l2()

    return Own


def one_more_step(parent):
    """Another step with a fast path of its own."""

    class Own(seeing_less(parent)):
        def rollout_with_draws(self, inputs, draws=None, noise=1.0, *, subject=None, begins=None):
            return super().rollout_with_draws(inputs, draws, noise, subject=subject, begins=begins)

    return Own


@pytest.mark.parametrize("name", KINDS)
def test_who_changes_nothing_of_it_keeps_the_fast_path(name):
    parent = getattr(cl, name)
    fast = jaxpr_of(made(parent), name)
    assert "_recurrence" in fast  # the only code with a backward pass of its own
    assert jaxpr_of(made(calling_more(parent), name), name) == fast
    assert jaxpr_of(made(one_more_step(parent), name), name) == fast
    assert "_recurrence" not in jaxpr_of(made(seeing_less(parent), name), name)


@pytest.mark.parametrize("name", KINDS)
def test_prices_that_are_overridden_are_paid(name):
    dataset = data_for(name)
    data, paid = cl.TrialArrays.of(dataset), []
    for kind in (getattr(cl, name), calling_more(getattr(cl, name))):
        model = made(kind, name)
        penalties = dict.fromkeys(model.penalty_names, jnp.zeros(())) | {"l2": jnp.asarray(1.0)}
        settings = StepSettings(penalties, jnp.asarray(0.0), jnp.asarray(1.0))
        loss = default_loss(dataset.kind)
        paid.append(compiled(lambda m=model, s=settings, f=loss: penalized_loss(m, data, s, f, None)[0]))
    assert float(paid[1] - paid[0]) == pytest.approx(3.0, abs=1e-4)


def test_rates_are_priced_step_by_step_too():
    models = made(cl.ConstrainedRNN), made(calling_more(seeing_less(cl.ConstrainedRNN)), "ConstrainedRNN")
    inputs = cl.TrialArrays.of(data_for("GRU")).inputs
    for model in models:
        rolled = cl.rollout(model, inputs)
        np.testing.assert_allclose(
            rolled.costs["rates"], (model.rates(rolled.states) ** 2).mean(-1), rtol=1e-5
        )
        assert model.penalty_names[-1] == "rates"


def test_batches_of_states_follow_the_override():
    for name in ("GRU", "ConstrainedRNN", "DisRNN"):
        model = made(all_otherwise(getattr(cl, name)), name)
        states, inputs = jnp.ones((3, model.n_latents)), jnp.eye(3, 2)
        one = jax.jit(lambda state, x, model=model: model.next_state(state, x, noise=0.0))
        moved = np.stack([one(*pair) for pair in zip(states, inputs, strict=True)])
        many = jax.jit(lambda states, inputs, model=model: model.transition(states, inputs))
        np.testing.assert_allclose(many(states, inputs), moved, rtol=1e-5)
        read_one = jax.jit(lambda state, model=model: model.readout(state))
        read = np.stack([read_one(state) for state in states])
        read_many = jax.jit(lambda states, model=model: model.readouts(states))
        np.testing.assert_allclose(read_many(states), read, rtol=1e-5)


def test_information_and_signals_stay_where_the_readout_is_overridden():
    plain, own = made(cl.NeuroDisRNN), made(read_otherwise(cl.NeuroDisRNN), "NeuroDisRNN")
    inputs = cl.TrialArrays.of(data_for("GRU")).inputs
    rolled, others = (cl.rollout(model, inputs) for model in (plain, own))
    np.testing.assert_allclose(others.outputs[..., 2], rolled.outputs[..., 2], rtol=1e-5)
    np.testing.assert_allclose(others.outputs[..., :2], 0.5 + 2.0 * rolled.outputs[..., :2], rtol=1e-4)
    noisy = own.step(own.initial_state(), inputs[0, 0], key=jax.random.key(0))[2]
    assert set(noisy) == set(own.groups)
    assert all(float(nats) > 0 for nats in noisy.values())


def test_part_that_computes_otherwise_is_not_passed_over():
    class Doubled(cl.ResidualMLP):
        def __call__(self, x):
            return 2.0 * super().__call__(x)

    plain = made(cl.DisRNN)
    part = object.__new__(Doubled)
    for name, value in vars(plain.choice_net).items():
        object.__setattr__(part, name, value)
    own = eqx.tree_at(lambda m: m.core.choice_net, plain, part)
    inputs = cl.TrialArrays.of(data_for("DisRNN")).inputs
    np.testing.assert_allclose(
        cl.rollout(own, inputs).outputs, 2.0 * cl.rollout(plain, inputs).outputs, rtol=1e-4, atol=1e-6
    )


def test_unknown_subjects_are_refused_step_by_step_too():
    own = made(seeing_less(cl.MultisubjectDisRNN), "MultisubjectDisRNN")
    inputs = jnp.ones((3, 4, 2))
    with pytest.raises(ValueError, match="without saying whose sessions these are"):
        cl.rollout(own, inputs)
    with pytest.raises(ValueError, match="subject 3 is unknown"):
        cl.rollout(own, inputs, subject=jnp.array([0, 1, 3]))


def test_a_row_of_several_sessions_needs_steps():
    own = made(called_otherwise(cl.GRU), "GRU")
    begins = jnp.arange(4)[None] == jnp.array([[2], [3], [1]])
    with pytest.raises(ValueError, match="overrides __call__, which runs one session from its first trial"):
        cl.rollout(own, jnp.ones((3, 4, 2)), begins=begins)


def test_a_network_says_its_sizes():
    class Forgets(cl.Network):
        n_outputs: int = eqx.field(static=True)

        def initial_state(self, subject=None):
            return jnp.zeros(1)

        def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
            return state

        def readout(self, state, *, subject=None):
            return state

    with pytest.raises(TypeError, match="n_inputs"):
        Forgets(2)


def moved_less(parent):
    """A step whose outputs are the readout of the state that it makes."""

    class Own(parent):
        def step(self, state, inputs, *, subject=None, key=None, noise=1.0):
            new, outputs, information = super().step(state, inputs, subject=subject, key=key, noise=noise)
            logits = self.readout(0.9 * new, subject=subject)
            return 0.9 * new, jnp.concatenate([logits, outputs[logits.size :]]), information

    return Own


@pytest.mark.parametrize("name", KINDS)
def test_a_step_of_ones_own_is_perturbed_and_read_as_it_says(name):
    """Before, perturb moved every network but the disentangled by the `next_state` of its parent."""
    data = data_for(name)
    inputs, subject = data.inputs, data.subject if name == "MultisubjectDisRNN" else None
    own = made(moved_less(getattr(cl, name)), name)
    rolled = cl.rollout(own, inputs, subject=subject)
    perturbed = cl.perturb(own, inputs, cl.Perturbation(), subject=subject)
    np.testing.assert_allclose(perturbed.states, rolled.states, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(perturbed.outputs, rolled.outputs, rtol=1e-4, atol=1e-5)
    whose = None if subject is None else 0
    states = jnp.stack([own.initial_state(whose)] * 2)
    moved = own.step(states[0], jnp.asarray(inputs[0, 0]), subject=whose, noise=0.0)[0]
    seen = jnp.stack([jnp.asarray(inputs[0, 0])] * 2)
    np.testing.assert_allclose(own.transition(states, seen, subject=whose)[1], moved, rtol=1e-4, atol=1e-5)
    held = cl.Perturbation(clamp=np.full(own.n_latents, 0.3))
    clamped = cl.perturb(own, inputs, held, subject=subject)
    read = own.readout(jnp.full(own.n_latents, 0.3), subject=whose)
    np.testing.assert_allclose(clamped.outputs[0, 0, : read.size], read, rtol=1e-4, atol=1e-5)
    assert cl.choice_rule(own, n_points=3).logits.shape[-1] == 3


@pytest.mark.parametrize("name", KINDS)
def test_outputs_of_a_step_that_readout_does_not_know_are_refused_in_states_of_ones_choice(name):
    data = data_for(name)
    subject = data.subject if name == "MultisubjectDisRNN" else None
    own = made(stepped_otherwise(getattr(cl, name)), name)
    rolled = cl.rollout(own, data.inputs, subject=subject)
    same = cl.perturb(own, data.inputs, cl.Perturbation(), subject=subject)
    np.testing.assert_allclose(same.outputs, rolled.outputs, rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="gives other outputs than its readout of the same state"):
        cl.perturb(own, data.inputs, cl.Perturbation(current=np.ones(own.n_latents)), subject=subject)
    with pytest.raises(ValueError, match="override readout where outputs are computed otherwise"):
        cl.choice_rule(own, n_points=3)
