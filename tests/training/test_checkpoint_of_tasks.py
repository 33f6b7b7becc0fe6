"""Checkpoints of networks that are trained on tasks: another task is not taken for the same."""

import jax
import numpy as np
import pytest

import cogrnn_lab as cl

SETTINGS = {"phases": cl.Phase(4), "batch_size": 4, "report_every": 2, "progress": False}


class Detection(cl.NumpyTask):
    duration, dt, contrast = 60.0, 20.0, 0.5
    input_names, target_names = ("light",), ("absent", "present")

    def __init__(self, hidden: float = 0.0, **settings):
        self._hidden = hidden
        super().__init__(**settings)

    def trial_parameters(self, rng):
        return {"present": rng.integers(2)}

    def trial(self, t, parameters):
        target = [0.0, 0.0]
        target[parameters["present"]] = 1.0
        return [self.contrast * parameters["present"] + self._hidden], target, [True, True]

    def accuracy(self, outputs, batch):
        return cl.decision_accuracy(outputs, batch)


def trained(task, file, **more):
    first = task.stages[0] if isinstance(task, cl.Curriculum) else task[0] if isinstance(task, list) else task
    network = cl.GRU(first.n_inputs, first.n_outputs, 2, key=jax.random.key(0))
    return cl.fit(network, task, **SETTINGS, **more, checkpoint=file)


def stages(advance: float) -> cl.Curriculum:
    return cl.Curriculum([Detection(), Detection(contrast=1.0)], advance=advance, check_every=2, n_trials=4)


SHORT = {"dt": 100.0, "duration": 2000.0}


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (
            lambda: cl.PerceptualDiscrimination(coherences=(0.2,), **SHORT),
            lambda: cl.PerceptualDiscrimination(coherences=(0.8,), **SHORT),
            r"coherences=\[0\.2\].* is Perceptual.*coherences=\[0\.8\]",
        ),
        (Detection, lambda: Detection(contrast=1.0), r"contrast=0\.5.* is Detection.*contrast=1\.0"),
        (Detection, lambda: Detection(hidden=1.0), "of trials .* is .* of trials"),
        (lambda: [Detection()], lambda: [Detection(contrast=1.0)], r"contrast=0\.5.*contrast=1\.0"),
        (lambda: stages(2.0), lambda: stages(3.0), r"advance=2\.0.* is Curriculum.*advance=3\.0"),
    ],
)
def test_a_task_with_other_settings_is_another_one(tmp_path, one, other, told):
    """It went on with the other one: tasks were known by the name of their class."""
    run = trained(one(), tmp_path / "run.npz")
    again = trained(one(), tmp_path / "run.npz")
    np.testing.assert_array_equal(again.losses, run.losses)
    with pytest.raises(ValueError, match=rf"with another data \(it was .*{told}.*; give the same arguments"):
        trained(other(), tmp_path / "run.npz")


def test_another_task_held_out_is_another_run(tmp_path):
    run = trained(Detection(), tmp_path / "run.npz", valid=Detection())
    again = trained(Detection(), tmp_path / "run.npz", valid=Detection())
    np.testing.assert_array_equal(again.losses, run.losses)
    with pytest.raises(ValueError, match=r"with another valid \(it was Detection.*contrast=0\.5"):
        trained(Detection(), tmp_path / "run.npz", valid=Detection(contrast=1.0))
