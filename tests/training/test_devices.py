"""Training on several devices: the same batches and, to rounding, the same run as on one."""

import json
import subprocess
import sys

import jax
import numpy as np
import pytest

import cogrnn_lab as cl
from cogrnn_lab.training.compiled.devices import Devices

# A process of its own: JAX is told once, at its start, how many CPU devices it has.
RUNS = """
import json, sys
import equinox as eqx, jax, jax.numpy as jnp, numpy as np
import cogrnn_lab as cl
from cogrnn_lab.models.network import Network
from cogrnn_lab.training.compiled import devices

n_devices = cl.use_cpu_devices(int(sys.argv[1]))
assert jax.local_device_count() == n_devices
devices.LEAST_SESSIONS_PER_CPU = 1  # so that small batches are dealt out, too

class Sum(Network):
    weight: jax.Array
    n_inputs: int = eqx.field(static=True)
    n_outputs: int = eqx.field(static=True)
    act: object = eqx.field(static=True)
    def initial_state(self, subject=None):
        return jnp.zeros(2)
    def next_state(self, state, inputs, *, subject=None, key=None, noise=1.0):
        return 0.9 * state + self.act(self.weight @ inputs)
    def readout(self, state, *, subject=None):
        return state

key = jax.random.key(0)
rates = np.repeat([0.2, 0.6], 9)
agents = cl.QLearning(learning_rate=rates)
choices = cl.simulate(agents, cl.DriftingBandit(0.1), n_sessions=2, n_trials=20, seed=0)
lengths = np.random.default_rng(0).integers(3, 20, choices.n_sessions)
ragged = choices._replace(valid=np.arange(20)[None] < lengths[:, None])
n_subjects = len(choices.subject_names)
task = cl.PerceptualDiscrimination(duration=400.0)
noisy = {"recurrent_noise": 0.1, "input_noise": 0.1}
constrained = cl.ConstrainedRNN(task.n_inputs, task.n_outputs, 6, **noisy, key=key)
works = {
    "multisubject": (cl.MultisubjectDisRNN(2, 2, 3, n_subjects=n_subjects, key=key), ragged),
    "GRU": (cl.GRU(2, 2, 4, key=key), choices),
    "own": (Sum(jnp.eye(2), 2, 2, jnp.tanh), choices),
    "constrained": (constrained, task),
}
penalties = {
    "multisubject": cl.Penalties(latent=1e-3, update_input=1e-3, l2=1e-4),
    "GRU": cl.Penalties(l2=1e-4),
    "own": cl.Penalties(),
    "constrained": cl.Penalties(rates=1e-2),
}
results = {}
for name, (model, data) in works.items():
    held_out = choices if data is not task else None
    trainer = cl.Trainer(model, data, held_out, batch_size=7, learning_rate=1e-3, seed=3)
    trainer.penalties = penalties[name]
    assert trainer.devices.count == n_devices, (name, trainer.devices)
    report = trainer.advance(5)
    leaves = jax.tree.leaves(eqx.filter(trainer.model, eqx.is_inexact_array))
    assert all(len(leaf.devices()) == 1 and not leaf.committed for leaf in leaves)
    results[name] = [report.losses.tolist(), report.valid_loss, [float(jnp.abs(x).sum()) for x in leaves]]
    if name == "GRU":
        trainer.save(sys.argv[2])
run = cl.fit(works["GRU"][0], choices, choices, phases=cl.Phase(4), batch_size=7, replicates=2)
results["replicates"] = [[float(x) for x in one.history["loss"]] for one in run.replicates]
print(json.dumps(results))
"""


def run(n_devices, path):
    command = [sys.executable, "-c", RUNS, str(n_devices), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def flat(nested):
    if isinstance(nested, list):
        return [number for item in nested for number in flat(item)]
    return [np.nan if nested is None else nested]


def test_the_same_run_on_one_and_on_three_devices(tmp_path):
    one, three = (
        run(1, tmp_path / "one.npz"),
        run(3, tmp_path / "three.npz"),
    )  # 7 sessions: one device has two
    assert set(one) == set(three)
    for name in one:
        np.testing.assert_allclose(flat(three[name]), flat(one[name]), rtol=2e-5, err_msg=name)
    choices = cl.simulate(
        cl.QLearning(learning_rate=np.repeat([0.2, 0.6], 9)), cl.DriftingBandit(0.1), n_sessions=2,
        n_trials=20, seed=0,
    )  # fmt: skip
    resumed = cl.Trainer.load(tmp_path / "three.npz", choices, choices)
    assert resumed.step_count == 5
    assert resumed.devices.count == 1


def test_one_device_is_left_alone():
    devices = Devices.for_batch(10**6)
    assert devices.count == 1
    assert devices.everywhere("x") == devices.plain("x") == "x"


def test_the_number_of_cpu_devices_is_checked(monkeypatch):
    with pytest.raises(ValueError, match="expected 1 or more, a whole number of CPU devices"):
        cl.use_cpu_devices(0)
    np.asarray(cl.DisRNN(2, 2, key=jax.random.key(0)).core.start)
    with pytest.raises(RuntimeError, match="restart of the kernel"):
        cl.use_cpu_devices(64)
    monkeypatch.setenv("COGRNN_LAB_CPU_DEVICES", "two")
    with pytest.raises(ValueError, match="COGRNN_LAB_CPU_DEVICES"):
        cl.use_cpu_devices()
