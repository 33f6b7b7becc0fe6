"""The one check of arguments: what it refuses and in which words, and what it must never refuse."""

import inspect
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from jaxtyping import Array, Bool, Float

import cogrnn_lab as cl
from cogrnn_lab.argument_kinds import Number, Numbers, WrongKind, fits, kinds_checked

States = Float[Array, "session time unit"] | Float[np.ndarray, "session time unit"]
Valid = Bool[Array, "session time"] | Bool[np.ndarray, "session time"] | None

RIGHT = [
    (int, np.int64(3)), (int, jnp.asarray(3)), (int | None, None), (float, 1), (float, np.float32(0.5)),
    (float, np.array(0.5)), (float, jnp.asarray(0.5)), (float | Array, jnp.ones(2)),
    (bool, np.bool_(True)), (str | Path, Path("a")),
    (Path, "a"), (Sequence[int], (1, 2)), (Sequence[int], np.arange(3)), (Sequence[float], pd.Series([0.1])),
    (Sequence[str], ["a", 1]), (Sequence[Any], range(3)),
    (tuple[int, int], [1, 2]), (Mapping[str, float], {"a": 1}),
    (Literal["a"] | None, "a"), (Callable[[int], int], len), (States, np.zeros((2, 3, 4))),
    (States, [[[0.5]]]), (Valid, np.ones((2, 3), bool)), (Numbers, pd.Series([1, 2])),
    (Numbers, [[1, 2], [3, 4]]), (Numbers, pd.Series([1, 2], dtype="Int64")),
    (Sequence[float], pd.Series([0.5], dtype="Float64")),
    (Number, np.float64(1)), ("a name for type checkers", object()), (Any, object()), (type, int),
]  # fmt: skip
WRONG = [
    (int, 2.0), (int, True), (int, "2"), (int | None, [2]), (float, "0.5"), (float, True),
    (float, np.array("x")),
    (float, np.zeros(1)), (bool, 1), (str, b"a"), (str | Path, 3), (Sequence[int], [1, "a"]),
    (Sequence[float], "ab"), (Sequence[int], 3), (Sequence[str], {"a": 1}), (tuple[int, int], (1, 2, 3)),
    (tuple[int, int], "ab"), (Mapping[str, float], {"a": "b"}), (Mapping[str, float], [("a", 1)]),
    (Literal["a"] | None, "b"), (Callable[[int], int], 3), (States, np.zeros((2, 3))), (States, "ab"),
    (States, [[1], [1, 2]]), (Valid, np.array(["a", "b"])), (Numbers, ["a"]), (Numbers, 1j), (Numbers, None),
    (Numbers, True), (float | Array, 1j), (Number, [1.0]), (cl.Dataset, pd.DataFrame({"a": [1]})), (type, 3),
]  # fmt: skip


def without_addresses(value: Any) -> str:
    """A name of a case that is the same in every process that runs a part of the tests."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


@pytest.mark.parametrize(("annotation", "value"), RIGHT, ids=without_addresses)
def test_what_worked_is_never_refused(annotation, value):
    assert fits(value, annotation)


@pytest.mark.parametrize(("annotation", "value"), WRONG, ids=without_addresses)
def test_another_kind_is_seen(annotation, value):
    assert not fits(value, annotation)


@kinds_checked
def read(
    dataset: cl.Dataset | None = None, n: int = 1, rate: float = 0.5, *, names: Sequence[Any] = (),
    states: States | None = None, valid: Valid = None, seed: int = 0, **weights: float,
) -> Any:  # fmt: skip
    """Read nothing."""
    return dataset.n_sessions if dataset is not None else n


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"n": 2.0}, r"n is 2\.0; expected a whole number, such as n=2\."),
        ({"rate": "0.5"}, r"rate is '0\.5'; expected a number, such as rate=0\.5 without quotation marks\."),
        ({"rate": pd.Series([1.0])}, r"rate is a Series of the shape \(1,\) and the type float64; expected"),
        ({"names": 3}, r"names is 3; expected a list, such as names=\[3\]\."),
        ({"latent": "much"}, r"latent is 'much'; expected a number\."),
        ({"dataset": pd.DataFrame({"a": [1]})}, r"a DataFrame; .* a Dataset or None\. cl\.read_table"),
        (
            {"states": np.zeros((2, 3, 4)), "valid": np.ones((5, 3), bool)},
            r'valid has the shape \(5, 3\) and states \(2, 3, 4\); expected as many along the axis "session",'
            r" but they have 5 and 2\.",
        ),
    ],
)  # fmt: skip
def test_the_sentence_has_what_was_got_what_was_expected_and_the_slip(given, said):
    with pytest.raises(ValueError, match=said):
        read(**given)


def test_lists_of_what_jax_traces_pass():
    """They have no shape yet, which ended in an assertion without a word."""
    kept = jax.jit(lambda x: read(states=[[[x, x]]]))(1.0)
    assert kept == 1


def test_errors_of_python_stay_where_every_argument_is_of_its_kind():
    """A fault of ours must not be told as one of the arguments."""
    broken = kinds_checked(lambda n=1: n / 0)
    with pytest.raises(ZeroDivisionError):
        broken(n=2)
    with pytest.raises(TypeError, match=r"seed is 1\.5, expected a whole number of at least 0"):
        read(seed=1.5)


def test_a_checked_function_is_what_it_was():
    assert inspect.signature(cl.simulate) == inspect.signature(cl.simulate.__wrapped__)
    assert cl.simulate.__doc__ == cl.simulate.__wrapped__.__doc__
    assert pickle.loads(pickle.dumps(cl.simulate)) is cl.simulate
    assert next(iter(inspect.signature(cl.QLearning).parameters)) == "learning_rate"
    assert issubclass(WrongKind, TypeError)


def test_traced_numbers_make_agents_environments_and_tasks():
    def choose(rate: Any) -> Any:
        agent = cl.QLearning(learning_rate=rate, forget_rate=None)
        cl.DriftingBandit(drift=rate)
        cl.PerceptualDiscrimination(coherences=(rate, 0.5), onset=(100.0 * rate, 200.0))
        state = agent.update(agent.initial_state(2), jnp.asarray(1), jnp.asarray(1.0))
        return agent.logits(state)[1]

    for value in (0.5, np.float32(0.5), jnp.asarray(0.5)):
        assert jax.jit(choose)(value) == pytest.approx(2.25)
    assert jax.grad(choose)(0.5) == pytest.approx(1.5)
    assert jax.vmap(choose)(jnp.array([0.0, 0.5])) == pytest.approx([1.5, 2.25])
    assert cl.QLearning(pd.Series([0.1, 0.2])).learning_rate.shape == (2,)


@pytest.mark.parametrize(
    "value", ["0.3", {"a": 1}, len, [None], True, 1j, pd.DataFrame], ids=without_addresses
)
def test_an_agent_takes_numbers_only(value):
    """These made an agent in silence, which failed, or was another one, where it was used."""
    with pytest.raises(TypeError, match=r"^learning_rate is .*; expected a number"):
        cl.QLearning(learning_rate=value)


def tried(repository: Path, *options: str) -> str:
    command = [sys.executable, "-m", "tests.promises", "arguments", *options]
    environment = os.environ | {"PYTHONPATH": str(repository)}
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_public_functions_refuse_what_is_wrong_in_a_sentence_of_ours(repository):
    names = ["Phase", "WarmUp", "Lapse", "GoNoGo", "agent_logits", "classical_models", "typical_observations"]
    assert "175 calls" in tried(repository, "--n", "25", "--only", *names)


@pytest.mark.slow
def test_everything_public_refuses_what_is_wrong_in_a_sentence_of_ours(repository):
    assert " calls" in tried(repository, "--n", "6", "--seed", "1")
