"""Right arguments of what is public, small enough to be tried a thousand times with a wrong one."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pandas as pd
from made_discovery import made_path, made_yardsticks

import cogrnn_lab as cl

from .kinds import data, discovery, network

# They reach out of the process, or change what all of it computes by.
LEFT_OUT = {"fetch", "published", "use_cpu_devices", "neurogym_task"}
# Bases of others, which nobody makes.
LEFT_OUT |= {"Agent", "Network", "DisentangledNetwork", "Environment"}
# It needs a discovery that was made in minutes.
LEFT_OUT |= {"generative_check", "plots.plot_generative_check"}
# What trains for long: a call that gets past the checks is stopped and counts as working.
SLOW = {
    "compare", "compare_behavior", "discover", "distill", "drift", "equations", "explain", "fit", "fit_agent",
    "parameter_recovery", "penalty_path", }  # fmt: skip


class Light(cl.NumpyTask):
    """A light that is on or off."""

    duration = 60.0
    dt = 20.0
    input_names = ("light",)
    target_names = ("absent", "present")

    def trial_parameters(self, rng: np.random.Generator) -> dict[str, Any]:
        """Whether it is on."""
        return {"present": int(rng.integers(2))}

    def trial(self, t: float, parameters: Any, rng: np.random.Generator) -> Any:
        """It, and the answer to it, which counts at the end."""
        present = parameters["present"]
        return [float(present)], [1.0 - present, float(present)], [t >= 40.0] * 2


@cache
def things() -> dict[str, Any]:
    """What arguments are made of: data, networks, runs, and what is saved in a folder."""
    train, valid = data()
    folder = Path(tempfile.mkdtemp(prefix="right_arguments_"))
    task = cl.PerceptualDiscrimination(duration=200.0, dt=20.0)
    rates = cl.ConstrainedRNN(2, 2, 4, dt=20.0, key=0)
    several = cl.join_subjects({"a": train, "b": valid})
    found = {
        "train": train, "valid": valid, "folder": folder, "model": network(), "task": task, "rates": rates,
        "many": cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=4, n_trials=40),
        "batch": task.batch(0, 6), "several": several, "agent": cl.QLearning(),
        "subjects": cl.MultisubjectDisRNN(2, 2, 2, n_subjects=2, update_width=2, update_depth=1, key=0),
        "six": cl.MultisubjectDisRNN(2, 2, 2, n_subjects=6, update_width=2, update_depth=1, key=0),
        "neural": cl.NeuroDisRNN(2, 2, 2, update_width=2, update_depth=1, neural_width=2, key=0),
        "accumulator": cl.BoundedAccumulator(), "clicks": cl.PoissonClicks(duration=0.1),
        "environment": cl.DriftingBandit(), "two_step": cl.TwoStepLearner(),
    }  # fmt: skip
    found["heard"] = cl.simulate_clicks(found["accumulator"], found["clicks"], n_trials=6)
    found["recorded"] = cl.record_signals(cl.QLearning(), train, cl.ChosenValue())
    found["run"] = cl.fit(found["model"], train, valid, phases=cl.Phase(1))
    found["states"] = np.asarray(cl.rollout(found["model"], train.inputs).states)
    found["outputs"] = np.asarray(cl.rollout(rates, found["batch"].inputs).outputs)
    found["discovery"] = discovery()
    found["discovery"].save(folder / "discovery")
    found["run"].save(folder / "run.npz")
    cl.save_network(found["model"], folder / "network.npz")
    return found


@cache
def right() -> dict[str, dict[str, Any]]:
    """Right arguments by public name, those of `plots` as "plots.plot_learning"."""
    t = things()
    train, valid, model, agent, batch = t["train"], t["valid"], t["model"], t["agent"], t["batch"]
    few = {"n_inputs": 2, "n_outputs": 2, "key": 0}
    conditions = np.arange(train.n_sessions) % 2
    return {
        "accumulator_logits": {"accumulator": t["accumulator"], "dataset": t["heard"]},
        "p_right": {"accumulator": t["accumulator"], "dataset": t["heard"], "n_points": 33},
        "activity_pca": {"states": t["states"], "n": 2},
        "agreement": {"runs": [model, model], "dataset": train},
        "behavior": {"dataset": train, "n_resamples": 3},
        "block_mask": {"connections": {("a", "a"): True}, "sources": {"a": 2}, "key": 0},
        "channel_information": {"model": model, "dataset": train},
        "compare": {"models": {"Q": agent}, "dataset": train, "n_bootstrap": 3, "n_starts": 1},
        "compare_behavior": {"dataset": train, "models": {"Q": agent}, "n_resamples": 3},
        "condition_averages": {"states": t["states"], "conditions": conditions},
        "ConstrainedRNN": few | {"n_units": 4},
        "Curriculum": {"stages": [t["task"], t["task"]]},
        "decision_accuracy": {"outputs": t["outputs"], "batch": batch},
        "decisions": {"outputs": t["outputs"], "mask": batch.mask},
        "describe_model": {"model": model},
        "discover": {"dataset": train, "model": model, "seeds": 1},
        "DisRNN": few | {"n_latents": 2},
        "distill": {"student": model, "teacher": agent, "train": train},
        "drift": {"model": agent, "dataset": train, "n_shuffles": 3},
        "embedding_map": {
            "model": t["six"], "known": {"rate": [0.1, 0.5, 0.2, 0.3, 0.9, 0.4]}, "n_shuffles": 3,
            "n_folds": 2,
        },
        "embedding_path": {"model": t["subjects"], "first": 0, "second": 1, "n_steps": 2},
        "embeddings": {"model": t["subjects"]},
        "equations": {"found": agent, "dataset": train},
        "evaluate": {"model": model, "dataset": train},
        "explain": {"found": model, "dataset": train},
        "fit": {"model": model, "train": train, "valid": valid, "phases": cl.Phase(1)},
        "fit_agent": {"agent": agent, "dataset": train, "n_starts": 1, "max_steps": 2},
        "fixed_points": {"model": model, "dataset": train, "n_starts": 2},
        "GRU": few | {"n_hidden": 2},
        "information_flow": {"model": model, "dataset": train},
        "join_subjects": {"datasets": {"a": train, "b": valid}},
        "latent_roles": {"model": model, "dataset": t["many"]},
        "latents": {"model": model, "dataset": train},
        "likelihood_advantage": {"dataset": train, "first": agent, "second": model, "n_resamples": 3},
        "load": {"path": t["folder"] / "run.npz"},
        "load_discovery": {"folder": t["folder"] / "discovery"},
        "load_equations": {"path": t["folder"] / "discovery" / "equations.npz"},
        "load_network": {"path": t["folder"] / "network.npz"},
        "LSTM": few | {"n_hidden": 2},
        "MultisubjectDisRNN": few | {"n_latents": 2, "n_subjects": 2},
        "mutual_information": {"values": [0.1, 0.5], "sigma": 0.5},
        "mystery_agent": {"seed": 0},
        "MysteryAgent": {"seed": 0},
        "NeuroDisRNN": few | {"n_latents": 2},
        "parameter_recovery": {"agent": agent, "environment": t["environment"], "n_subjects": 2},
        "PayoutMatrix": {"payouts": [[1.0, 0.0], [0.0, 1.0]]},
        "penalty_path": {"model": model, "train": train},
        "Penalties": {"latent": 1e-3},
        "PerStimulus": {"agent": agent, "n_stimuli": 2},
        "perturb": {"model": model, "inputs": train.inputs, "perturbation": cl.Perturbation(), "key": 0},
        "Phase": {"steps": 2},
        "power_law": {},
        "pruning_curve": {"model": model, "dataset": train, "n_bootstrap": 3},
        "psychometric_curve": {"batch": batch, "outputs": t["outputs"]},
        "published_set": {"name": cl.published_names()[0]},
        "read_clicks": {"frame_or_csv_path": clicks_table(), "bin_width": 0.02},
        "read_latents": {"model": model, "dataset": t["many"]},
        "read_table": {"frame_or_csv_path": train.to_dataframe()},
        "read_two_step": {
            "frame_or_csv_path": two_step_table(), "first": "first", "second": "second", "state": "state",
        },
        "record_signals": {"agent": agent, "dataset": train, "signals": cl.ChosenValue()},
        "Replicates": {"models": [model, model], "train": train, "valid": valid},
        "ResidualMLP": few | {"width": 2, "depth": 1},
        "rollout": {"model": model, "inputs": train.inputs},
        "save_network": {"model": model, "path": t["folder"] / "again.npz"},
        "ScaledOutcomes": {"agent": agent, "scale": cl.OutcomeScale(0, 2)},
        "signal_rule": {"model": t["neural"], "n_points": 3},
        "simulate": {"agent": agent, "environment": t["environment"], "n_sessions": 2, "n_trials": 3},
        "simulate_clicks": {"accumulator": t["accumulator"], "clicks": t["clicks"], "n_trials": 3},
        "simulate_two_step": {"agent": t["two_step"], "n_sessions": 2, "n_trials": 3},
        "sparse_mask": {"n_to": 2, "n_from": 3, "probability": 0.5, "key": 0},
        "stay_baseline": {"train": train, "held_out": valid},
        "StimulusBandits": {"environment": t["environment"], "n_stimuli": 2},
        "Study": {"folder": t["folder"] / "study", "data": train, "space": {"steps": [1, 2]}},
        "SwitchingLinearRNN": few | {"n_latents": 2},
        "Trainer": {"model": model, "train": train, "valid": valid},
        "TrialSource": {"task": Light()},
        "tuning": {"states": t["states"], "parameter": conditions},
        "VanillaRNN": few | {"n_hidden": 2},
        "weights": {"model": t["rates"]},
        "wiring": {"model": model, "dataset": train},
        "with_weights": {"model": t["rates"], "b_out": np.zeros(2)},
        "bottlenecks": {"model": model, "dataset": train},
        "choice_rule": {"model": model, "n_points": 3},
        "update_rules": {"model": model, "n_points": 3},
        "vector_field": {"model": model, "dataset": train, "n_points": 3},
        "logit_portrait": {"model": model, "dataset": train},
    } | {f"plots.{name}": given for name, given in drawn().items()}  # fmt: skip


def drawn() -> dict[str, dict[str, Any]]:
    """Right arguments of the figures."""
    t = things()
    train, model, run = t["train"], t["model"], t["run"]
    path = made_path()
    pca = cl.activity_pca(t["states"], 2)
    averages = cl.condition_averages(t["states"], np.arange(train.n_sessions) % 2)
    return {
        "plot_agreement": {"agreement": cl.agreement([model, model], train)},
        "plot_behavior": {"behavior": cl.behavior(train, n_resamples=3)},
        "plot_bottlenecks": {"bottlenecks": cl.bottlenecks(model)},
        "plot_choice_rule": {"rule": cl.choice_rule(model, n_points=3)},
        "plot_closing_order": {"path": path},
        "plot_path": {"path": path},
        "plot_condition_trajectories": {"averages": averages, "pca": pca},
        "plot_tuning": {"tuning": cl.tuning(t["states"], np.arange(train.n_sessions) % 2)},
        "plot_embeddings": {"embedded": cl.embeddings(t["subjects"])},
        "plot_equations": {"equations": t["discovery"].equations},
        "plot_information_flow": {"flow": cl.information_flow(model, train)},
        "plot_learning": {"history": run},
        "plot_logit_portrait": {"portrait": cl.logit_portrait(model, train)},
        "plot_pruning_curve": {"curve": cl.pruning_curve(model, train, n_bootstrap=3)},
        "plot_psychometric": {"curve": cl.psychometric_curve(t["batch"], t["outputs"])},
        "plot_session": {"dataset": train},
        "plot_signal_rule": {"rule": cl.signal_rule(t["neural"], n_points=3)},
        "plot_trajectories": {"latents": cl.latents(model, train), "dataset": train},
        "plot_trial": {"task": t["task"]},
        "plot_update_rules": {"rules": cl.update_rules(model, n_points=3)},
        "plot_vector_field": {"field": cl.vector_field(model, train, n_points=3)},
        "plot_weights": {"weights": cl.weights(t["rates"])},
        "plot_wiring": {"wiring": cl.wiring(model, train)},
        "plot_yardsticks": {"yardsticks": made_yardsticks()},
    }


def clicks_table() -> pd.DataFrame:
    """Two trials of clicks."""
    return pd.DataFrame(
        {
            "left_clicks_s": ["0.01;0.05", "0.02"], "right_clicks_s": ["0.03", "0.04;0.06"],
            "duration_s": [0.1, 0.1], "choice": [0, 1],
        }
    )  # fmt: skip


def two_step_table() -> pd.DataFrame:
    """A few trials of the two-step task."""
    first, reward = np.array([0, 1, 0, 1, 1, 0]), np.array([1, 0, 0, 1, 1, 0])
    return pd.DataFrame({"first": first, "second": 1 - first, "state": first, "reward": reward})


def by_kind() -> dict[str, Any]:
    """Right arguments by the name of a parameter, for what is not listed above."""
    t = things()
    small = {"model": t["model"], "dataset": t["train"], "train": t["train"], "data": t["train"]}
    sizes = {"n_inputs": 2, "n_outputs": 2, "n_hidden": 2, "n_units": 2, "n_latents": 2, "n_subjects": 2}
    sizes |= {"n_signals": 1, "n_states": 2, "n_arms": 2, "steps": 2, "n": 2}
    made = {"agent": cl.QLearning(), "environment": cl.DriftingBandit(), "task": t["task"], "run": t["run"]}
    plain = {"inputs": t["train"].inputs, "targets": t["train"].targets, "key": 0, "name": "a"}
    plain |= {"weights": {}, "values": [0.1, 0.2], "function": jnp.tanh, "penalties": cl.Penalties()}
    return small | sizes | made | plain
