"""File of a training run, from which it goes on exactly where it stopped."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.models.description import describe_model, model_skeleton
from cogrnn_lab.training.archive import tree_arrays, tree_from_arrays
from cogrnn_lab.training.penalties import Penalties
from cogrnn_lab.training.run import (
    kept_from_file,
    kept_to_arrays,
    reports_from_file,
    reports_to_arrays,
    reports_to_json,
)

if TYPE_CHECKING:
    from cogrnn_lab.training.trainer import Trainer


def trainer_archive(trainer: "Trainer") -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Make header and arrays of a trainer's file."""
    state = trainer.state
    header = {
        "content": "trainer",
        "model": describe_model(trainer.model),
        "settings": {
            "seed": trainer.seed,
            "batch_size": trainer.batch_size,
            "keep_at": sorted(trainer.keep_at),
            "max_grad_norm": trainer.max_grad_norm,
            "learning_rate": trainer.learning_rate,
        },
        "own": list(trainer.setup.own_functions),
        "penalties": trainer.penalties.as_dict(),
        "noise": trainer.noise,
        "phase": trainer.phase,
        "step": int(state.step),
        "first_loss": float(state.first_loss),
        "data": trainer.data_shape,
        "stage": trainer.stage,
        "finished": trainer.finished,
        "kept": list(trainer.kept),
        "reports": reports_to_json(trainer.history),
    }
    arrays = (
        tree_arrays("model", trainer.model)
        | {"healthy": np.asarray(state.healthy)}
        | tree_arrays("optimizer", state.optimizer)
        | {"key": np.asarray(jax.random.key_data(state.key))}
        | reports_to_arrays(trainer.history)
        | kept_to_arrays(trainer.kept)
    )
    return header, arrays


def restored_trainer(
    make: "type[Trainer]",
    header: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    train: Any,
    valid: Any,
    *,
    kind: type | None = None,
    **own: Any,
) -> "Trainer":
    """Make the trainer of a file with this header and these arrays.

    Arguments:
        make: The class `Trainer`.
        header: Header of the file.
        arrays: Arrays of the file.
        train: Training data or task of the run.
        valid: Its held-out sessions.
        kind: Class of a network of your own.
        own: Functions that no file can hold: `optimizer`, `loss`, `freeze`.

    Returns:
        The trainer.

    Raises:
        ValueError: Data or functions are not those of the run.
    """
    _check_own_functions(header["own"], own)
    settings = dict(header["settings"])
    learning_rate = settings.pop("learning_rate")
    model = tree_from_arrays("model", model_skeleton(header["model"], kind), arrays)
    trainer = make(model, train, valid, **settings, **own)
    if trainer.data_shape != header["data"]:
        raise ValueError(
            f"the run was made on data of shape {header['data']} (sessions, trials, inputs), "
            f"got {trainer.data_shape}; going on exactly needs the same data, made and split the same way"
        )
    if "optimizer" not in header["own"]:
        trainer.learning_rate = learning_rate
    trainer.penalties, trainer.noise = Penalties(**header["penalties"]), header["noise"]
    trainer.phase = header["phase"]
    trainer.history = list(reports_from_file(header["reports"], arrays))
    trainer.kept = kept_from_file(header.get("kept", []), model, arrays)
    if trainer.curriculum is not None:
        trainer.stage_checks = [check for report in trainer.history for check in report.checks]
        trainer.go_to_stage(header["stage"])
        trainer.finished = header["finished"]
    state = trainer.state
    trainer.state = state._replace(
        optimizer=tree_from_arrays("optimizer", state.optimizer, arrays),
        healthy=jnp.asarray(arrays["healthy"]),
        step=jnp.asarray(header["step"], jnp.int32),
        first_loss=jnp.asarray(header["first_loss"], jnp.float32),
        key=jax.random.wrap_key_data(jnp.asarray(arrays["key"])),
    )
    return trainer


def _check_own_functions(saved: list[str], given: dict[str, Any]) -> None:
    """Functions can't be saved: those that the run had must be given again, and no others."""
    given_names = sorted(name for name, value in given.items() if value is not None)
    if sorted(saved) != given_names:
        raise ValueError(
            f"the run was trained with its own {', '.join(saved) or 'nothing'}, "
            f"got {', '.join(given_names) or 'nothing'}; "
            "functions are not saved, so pass the same ones (optimizer=, loss=, freeze=) to go on"
        )
