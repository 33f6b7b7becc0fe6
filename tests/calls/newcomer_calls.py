"""The calls that a newcomer writes first: each works, or ends in a sentence of ours.

Run as a script it makes every call of `TABLE`, as users do, without the tests' checks of types, and prints
what came of it.
"""

import json
import sys
import warnings

WORKS = ""

# Each call, and part of the sentence in which it ends.
TABLE = {
    # a run wherever a network is expected
    "cl.evaluate(run, held_out).nll": WORKS,
    "cl.bottlenecks(run)": WORKS,
    "cl.update_rules(run, n_points=3)": WORKS,
    "cl.choice_rule(run, n_points=3)": WORKS,
    "cl.latents(run, held_out)": WORKS,
    "cl.rollout(run, held_out.inputs)": WORKS,
    "cl.weights(constrained_run)": WORKS,
    "cl.n_parameters(run) == cl.n_parameters(net) > 0 or 1 / 0": WORKS,
    "cl.describe_model(run)['kind'] == 'DisRNN' or 1 / 0": WORKS,
    "cl.perturb(constrained_run, task.batch(0, 2).inputs, cl.Perturbation(lesion=[0]))": WORKS,
    "cl.perturb(net, train.inputs, cl.Perturbation(), key=0)": WORKS,
    "cl.latent_contributions(run, held_out)": WORKS,
    "cl.channel_information(run, held_out)": WORKS,
    "cl.information_flow(run, held_out).bic": WORKS,
    "cl.pruning_curve(run, train, held_out).n_spare": WORKS,
    "cl.plots.plot_wiring(cl.wiring(run, held_out))": WORKS,
    "cl.wiring(gru, held_out)": "a GRU has no bottlenecks",
    "cl.wiring(held_out, run)": "the network comes first, then the data",
    "cl.plots.plot_wiring(run)": "expected a Wiring, as cl.wiring(model, dataset) makes it",
    "cl.openness_metrics(run)": WORKS,
    "cl.read_latents(run, held_out)": "number that they are to tell",
    "cl.simulate(cl.NetworkAgent(run), cl.DriftingBandit(), n_sessions=1, n_trials=3)": WORKS,
    "cl.fit(run, train, phases=cl.Phase(1))": WORKS,
    "cl.Trainer(run, train)": WORKS,
    "cl.Replicates([run, run], train)": WORKS,
    "cl.plots.plot_learning(run)": WORKS,
    "cl.plots.plot_bottlenecks(run)": WORKS,
    "cl.plots.plot_update_rules(run)": WORKS,
    "cl.plots.plot_choice_rule(net)": WORKS,
    "cl.plots.plot_trajectories(run, held_out)": WORKS,
    "cl.plots.plot_weights(constrained_run)": WORKS,
    "cl.plots.plot_bottlenecks(gru)": "has no bottlenecks, so there is nothing to draw",
    "cl.plots.plot_update_rules(train)": "got a Dataset, expected a Mapping, as cl.update_rules(model) "
    "makes it",
    "cl.activity_pca(run)": "expected an array (session, time, unit), such as cl.rollout(model, "
    "inputs).states",
    # fit without phases, and what is mistaken for phases
    "cl.fit(gru, train, held_out)": WORKS,
    "cl.fit(gru, train, phases=500)": "cl.Phase(500) is one of 500 steps",
    "cl.fit(gru, train, phases=[2, 3])": "cl.Phase(2) is one of 2 steps",
    "cl.fit(gru, train, phases=cl.warm_up_then_penalized)": "call the function: "
    "phases=cl.warm_up_then_penalized()",
    "cl.fit(gru, train, cl.Phase(2))": "the held-out data are a Phase, expected a Dataset, a task, or "
    "None; phases are",
    "cl.Phase(2, {'latent': 1e-3}).penalties.latent == 1e-3 or 1 / 0": WORKS,
    "cl.warm_up_then_penalized(2, 3, {'latent': 1e-3})": WORKS,
    "cl.Phase(2, 1e-3)": "a weight has the name of what it is on",
    "cl.Penalties({'latent': 1e-3})": "weights in a dictionary are cl.Penalties(**weights)",
    # what is trained, and on what
    "cl.fit(train, gru, phases=cl.Phase(1))": "the network comes first, then the data",
    "cl.fit(cl.GRU, train, phases=cl.Phase(1))": "the model is the class GRU; expected a network",
    "cl.fit(gru, train.inputs, phases=cl.Phase(1))": "make cl.Dataset(inputs, targets) of arrays",
    "cl.fit(gru, (train.inputs, train.targets), phases=cl.Phase(1))": "make cl.Dataset(inputs, targets) of "
    "arrays",
    "cl.fit(gru, [train, train], phases=cl.Phase(1))": "join data sets with first.concat(others)",
    "cl.fit(gru, 'choices.csv', phases=cl.Phase(1))": "cl.read_table makes a Dataset of a table",
    "cl.fit(constrained, cl.PerceptualDiscrimination, phases=cl.Phase(1))": "call the class to make an "
    "instance",
    "cl.fit(constrained, task, task, phases=cl.Phase(1))": WORKS,
    "cl.fit(constrained, [task, task], phases=cl.Phase(1))": WORKS,
    "cl.fit(gru, train, held_out.inputs, phases=cl.Phase(1))": "the held-out data are an array of shape",
    "cl.fit(gru, train, phases=cl.Phase(1), loss=lambda o, t, m: 0.0)": "takes (o, t, m), expected "
    "(outputs, targets",
    "cl.fit(gru, train, phases=cl.Phase(1), optimizer='adam')": "expected an optax transformation",
    "cl.fit(gru, train, phases=cl.Phase(1), callbacks=lambda report: None)": WORKS,
    "cl.fit(gru, train, phases=cl.Phase(1), callbacks=[3])": "a callback is 3, expected a function of a "
    "report",
    "cl.fit(gru, train, phases=cl.Phase(1), patience=500)": "there are no held-out sessions; give valid=",
    "cl.fit(gru, train, held_out, phases=cl.Phase(1), patience=5)": "give a patience of at least 100",
    "cl.fit(constrained, task, phases=cl.Phase(1), freeze='w_rec')": WORKS,
    "cl.fit(gru, train, phases=cl.Phase(1), freeze={'w_rec': np.ones(3)})": "True where an entry is not "
    "trained",
    "cl.fit(gru, train, phases=cl.Phase(1), freeze='w_reg')": "expected a name such as w_in, w_rec",
    # seeds and keys
    "cl.GRU(2, 2, 3)": "a GRU needs key=, from which its random numbers come: a seed such as key=0",
    "cl.GRU(2, 2, 3, key=0)": WORKS,
    "cl.GRU(2, 2, 3, key=True)": "key is True, expected a seed",
    "cl.LSTM(2, 2, 3, key=np.int64(1))": WORKS,
    "cl.DisRNN(2, 2, 2, key=0)": WORKS,
    "cl.MultisubjectDisRNN(2, 2, 2, n_subjects=2, key=0)": WORKS,
    "cl.NeuroDisRNN(2, 2, 2, key=0)": WORKS,
    "cl.SwitchingLinearRNN(2, 2, 2, key=0)": WORKS,
    "cl.ConstrainedRNN(2, 2, 8, key=0)": WORKS,
    "cl.sparse_mask(3, 3, 0.5, key=0)": WORKS,
    "cl.rollout(net, train.inputs, key=0)": WORKS,
    "net(train.inputs[0], key=0)": WORKS,
    "net.step(net.initial_state(), train.inputs[0, 0], key=0)": WORKS,
    "task.batch(0, 3)": WORKS,
    "task.dataset(3, seed=jax.random.key(0))": "seed is a random key, expected a whole number",
    "cl.fit(gru, train, phases=cl.Phase(1), seed=jax.random.key(0))": "seed is a random key, expected a "
    "whole number",
    # activations
    "cl.VanillaRNN(2, 2, 3, activation=jnp.tanh, key=0)": WORKS,
    "cl.VanillaRNN(2, 2, 3, activation=jax.nn.elu, key=0)": WORKS,
    "cl.VanillaRNN(2, 2, 3, activation='squareplus', key=0)": WORKS,
    "cl.DisRNN(2, 2, 2, activation=jax.nn.swish, key=0)": WORKS,
    "cl.ConstrainedRNN(2, 2, 8, activation=jax.nn.softplus, key=0)": WORKS,
    "cl.VanillaRNN(2, 2, 3, activation=lambda x: x, key=0)": "give it one with "
    "cl.register_activation(name, function)",
    "cl.VanillaRNN(2, 2, 3, activation=3, key=0)": "expected a name such as 'tanh' or a function such as",
    "[cl.register_activation('mine', lambda x: 2.0 * x) for _ in range(2)]": WORKS,
    "[cl.register_activation('other', f) for f in (jnp.tanh, jnp.cos)]": "this is another function",
    # times
    "cl.PerceptualDiscrimination(onset=100.0).onset == (100.0, 100.0) or 1 / 0": WORKS,
    "cl.PerceptualDiscrimination(stimulus=200)": WORKS,
    "cl.DelayedMatchToSample(delay=700)": WORKS,
    "cl.PerceptualDiscrimination(onset=(100.0,))": "expected two times in ms, the earliest and the latest, "
    "or one",
    "cl.ConstrainedRNN(2, 2, 8, dt=100.0, key=0)": "tau is 100 by default; for steps of 100 ms give it, "
    "such as tau=200",
    # one trial of one session
    "net.step(jnp.zeros((5, 2)), jnp.zeros((5, 2)))": "expected (2,) and (2,): one trial of one session",
    "gru.step(jnp.zeros((5, 3)), jnp.zeros((5, 2)))": "one trial of one session; for many at once use "
    "model.transition",
    "gru.step(jnp.zeros(4), jnp.zeros(2))": "expected (3,) and (2,): one trial of one session",
    "constrained.next_state(jnp.zeros((5, 8)), jnp.zeros((5, 2)))": "one trial of one session",
    "gru.readout(jnp.zeros((5, 3)))": "for many at once use model.readouts",
    "net(train.inputs)": "Many sessions go through cl.rollout(model, inputs)",
    "net(train)": "along a whole data set cl.latents(model, dataset) gives states and outputs",
    "cl.rollout(net, train)": "along a whole data set cl.latents(model, dataset) gives states and outputs",
    # tasks where data are expected, and the other way round
    "cl.evaluate(constrained, task, n_trials=4).mean_accuracy": WORKS,
    "cl.evaluate(net, train, n_trials=4)": "have no effect on a data set",
    "cl.evaluate(train, net)": "the model is a Dataset; expected a trained network",
    "cl.latents(constrained, task)": "make one of the task's trials: task.dataset(500)",
    "cl.latents(run, task)": "make one of the task's trials: task.dataset(500)",
    "cl.latents(train, net)": "the network comes first, then the data or the task",
    "cl.psychometric_curve(constrained, task)": "expected trials of a task: batch = task.batch(0, 500)",
    "cl.plots.plot_psychometric(constrained)": "expected a PsychometricCurve: cl.psychometric_curve(batch",
    "cl.plots.plot_session(net)": "got a DisRNN, expected a cl.Dataset",
    "cl.plots.plot_trial(train)": "got a Dataset, expected a task",
    # agents and environments
    "cl.simulate(net, cl.DriftingBandit(), n_sessions=1, n_trials=3)": "a network plays as "
    "cl.NetworkAgent(network)",
    "cl.simulate(cl.DriftingBandit(), cl.QLearning(), n_sessions=1, n_trials=3)": "the agent comes first",
    "cl.simulate(cl.QLearning, cl.DriftingBandit(), n_sessions=1, n_trials=3)": "call the class to make one",
    "cl.simulate_two_step(cl.TwoStepLearner, n_sessions=1, n_trials=3)": "call the class to make one",
    "cl.simulate_two_step(cl.TwoStepLearner(), n_sessions=1, n_trials=3, seed=1.5)": "seed is 1.5, expected",
    "cl.evaluate(constrained, cl.PerceptualDiscrimination(duration=400.0))": "a step of the network is 20 ms",
    "cl.compare({'GRU': gru}, train)": "every fold trains its own; give a function",
    # kinds and shapes: these ended in an error of Python, NumPy or JAX, or made something in silence
    "cl.Lapse(None)": "agent is None; expected an Agent",
    "cl.QLearning(learning_rate='0.3')": "learning_rate is '0.3'; expected a number",
    "cl.QLearning(learning_rate=None)": "learning_rate is None; expected a number",
    "cl.Perseveration(cl.QLearning(), choice_rate=None).choice_rate is None or 1 / 0": WORKS,
    "cl.classical_models(True)": "n_arms = True; expected a whole number of 2 or more",
    "cl.classical_models(10**30)": "expected 1000 at most. Is it the number of trials?",
    "cl.sparse_mask(2, 3, 1, key=0).all() or 1 / 0": WORKS,
    "cl.mutual_information([], 0.5)": "values have the shape (0,); expected",
    "cl.warm_up_then_penalized(penalties={1: 2})": "penalties is {1: 2}; expected",
    "cl.TrialSource(None)": "task is None; expected a cl.NumpyTask",
    "cl.PoissonClicks(duration=(1, 2, 3))": "duration has 3 numbers; expected seconds, or",
    "cl.PoissonClicks(bin_width=len)": "bin_width is the function len; expected a number",
    "cl.IntervalReproduction(priors=[1, 2])": "priors have the shape (2,); expected pairs",
    "cl.BoundedAccumulator(bound=[1.0, 2.0])": "bound has shape (2,); expected one number",
    "cl.GoNoGo(duration='1500')": "duration is '1500'; expected a number of milliseconds above 0",
    "cl.UncoupledBandit(levels={1})": "levels is a set; expected a number, or an array of numbers",
    "cl.typical_observations('a.csv')": "cl.read_table(...) makes a data set of a table",
    "cl.behavior(train, seed=-1)": "seed is -1, expected a whole number of at least 0",
    "cl.likelihood_advantage(train, net, net, confidence=95)": "confidence=0.95 was meant?",
    "cl.choice_rule(net, along=cl.latents(net, train))": "expected cl.latents(model, dataset) of the data",
    "cl.update_rules(net, subject=())": "subject is (); expected a text",
    "cl.fit(gru, train, phases=cl.Phase(1), freeze=len)": "does not pick parts of the network",
    "cl.with_weights(constrained, b_out='x')": "b_out is 'x'; expected a number, or an array of numbers",
    "cl.read_table(train.to_dataframe(), stimulus=[0.5])": 'no column "0.5" for stimulus',
    "cl.decisions(np.zeros((2, 3, 1)), np.ones((2, 4, 1), bool))": 'as many along the axis "time"',
    # files
    "cl.load(run)": "the path is a Run, expected that of a file",
}  # fmt: skip


def outcomes() -> dict[str, tuple[str, str]]:
    """Of each call the type of its error and its sentence, empty where it works."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    import cogrnn_lab as cl

    train, held_out = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=12).split()
    net = cl.DisRNN(2, 2, 2, update_width=2, update_depth=0, choice_width=2, choice_depth=0, key=0)
    gru, constrained = cl.GRU(2, 2, 3, key=0), cl.ConstrainedRNN(2, 2, 8, dt=20.0, key=0)
    task = cl.PerceptualDiscrimination(duration=400.0, dt=20.0)
    run = cl.fit(net, train, held_out, phases=cl.Phase(1))
    constrained_run = cl.fit(constrained, task, phases=cl.Phase(1))
    names = {**locals(), "cl": cl, "jax": jax, "jnp": jnp, "np": np}
    found = {}
    for call in TABLE:
        try:
            eval(call, names)
            found[call] = ("", "")
        except BaseException as error:
            kind = TypeError if isinstance(error, TypeError) else type(error)
            found[call] = (kind.__name__, str(error))
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    json.dump(outcomes(), sys.stdout)
