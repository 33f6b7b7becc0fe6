"""File of a training run, from which it goes on exactly where it stopped."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from cogrnn_lab.models.description import DESCRIPTION, describe_model
from cogrnn_lab.schemas import Flag, ListOf, Maybe, Number, Record, Text, Whole, taking_apart
from cogrnn_lab.training.archive import array_in, tree_arrays, tree_from_arrays
from cogrnn_lab.training.network_files import described_network
from cogrnn_lab.training.penalties import Penalties
from cogrnn_lab.training.run import (
    PENALTIES,
    REPORT,
    kept_from_file,
    kept_to_arrays,
    reports_from_file,
    reports_to_arrays,
    reports_to_json,
)

if TYPE_CHECKING:
    from cogrnn_lab.training.trainer import Trainer

TRAINER = Record(
    {
        "model": DESCRIPTION,
        "settings": Record(
            {
                "seed": Whole(most=2**63),
                "batch_size": Whole(1, 2**24),
                "max_grad_norm": Maybe(Number()),
                "learning_rate": Maybe(Number()),
            },
            {"keep_at": ListOf(Whole())},
            closed=True,
        ),
        "own": ListOf(Text(("optimizer", "loss", "freeze"))),
        "penalties": PENALTIES,
        "noise": Number(),
        "phase": Text(),
        "step": Whole(),
        "first_loss": Number(),
        "data": ListOf(Whole()),
        "reports": ListOf(REPORT),
    },
    {"stage": Whole(), "finished": Flag(), "kept": ListOf(Whole())},
)


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
    with taking_apart(header):
        TRAINER.check(header, "its header")
    _check_own_functions(header["own"], own)
    settings = dict(header["settings"])
    learning_rate = settings.pop("learning_rate")
    with taking_apart(header):
        skeleton = described_network(header["model"], arrays, kind)
        model = tree_from_arrays("model", skeleton, arrays)
        penalties = Penalties(**header["penalties"])
        history = list(reports_from_file(header["reports"], arrays))
        kept = kept_from_file(header.get("kept", []), skeleton, arrays)
    trainer = make(model, train, valid, **settings, **own)
    if trainer.data_shape != header["data"]:
        raise ValueError(
            f"the run was made on data of shape {header['data']} (sessions, trials, inputs), "
            f"got {trainer.data_shape}; going on exactly needs the same data, made and split the same way"
        )
    with taking_apart(header):
        if "optimizer" not in header["own"]:
            trainer.learning_rate = learning_rate
        trainer.penalties, trainer.noise = penalties, header["noise"]
        trainer.phase, trainer.history, trainer.kept = header["phase"], history, kept
        if trainer.curriculum is not None:
            trainer.stage_checks = [check for report in trainer.history for check in report.checks]
            trainer.go_to_stage(header["stage"])
            trainer.finished = header["finished"]
        trainer.state = _state(trainer.state, header, arrays)
    return trainer


def _state(first: Any, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Any:
    """The state of a trainer, given that at its start."""
    key = jax.random.key_data(first.key)
    return first._replace(
        optimizer=tree_from_arrays("optimizer", first.optimizer, arrays),
        healthy=jnp.asarray(array_in(arrays, "healthy", "f", *first.healthy.shape)),
        step=jnp.asarray(header["step"], jnp.int32),
        first_loss=jnp.asarray(header["first_loss"], jnp.float32),
        key=jax.random.wrap_key_data(jnp.asarray(array_in(arrays, "key", "u", *key.shape))),
    )


def _check_own_functions(saved: list[str], given: dict[str, Any]) -> None:
    """Functions can't be saved: those that the run had must be given again, and no others."""
    given_names = sorted(name for name, value in given.items() if value is not None)
    if sorted(saved) != given_names:
        raise ValueError(
            f"the run was trained with its own {', '.join(saved) or 'nothing'}, "
            f"got {', '.join(given_names) or 'nothing'}; "
            "functions are not saved, so pass the same ones (optimizer=, loss=, freeze=) to go on"
        )
