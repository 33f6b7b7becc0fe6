"""The benchmarks' own arithmetic, table and processes; nothing is timed here."""

import sys
from pathlib import Path

import pytest

from benchmarks.comparison import Comparison, Spread, in_turns
from benchmarks.lines import Line, compared, duration, markdown
from benchmarks.machine import describe_machine, vector_width
from benchmarks.one_step_at_a_time import OneStepAtATime
from benchmarks.processes import WorkFailed, WorkProcess
from benchmarks.rows.growth import exponent
from benchmarks.step_arithmetic import disrnn_step_arithmetic

ECHO = """
from worker import serve

def echo(number):
    print("what a package says is no answer")
    return lambda: number

def broken():
    raise ValueError("no such size")

serve({"echo": echo, "broken": broken})
"""


@pytest.fixture
def process(tmp_path):
    script = tmp_path / "echo_work.py"
    script.write_text(ECHO)
    with WorkProcess(sys.executable, script) as process:
        yield process


def test_a_process_answers_with_times_and_results(process):
    first = process.ask("echo", times=3, number=4)
    assert len(first.seconds) == 3
    assert first.result == 4
    assert first.preparation > 0
    assert process.ask("echo", number=4).preparation == 0
    assert first.peak >= first.resident > 0 or not Path("/proc/self/status").exists()


def test_a_work_that_fails_is_told_and_the_process_goes_on(process):
    with pytest.raises(WorkFailed, match="no such size"):
        process.ask("broken")
    assert process.ask("echo", number=1).result == 1


def test_a_script_that_ends_is_no_answer(tmp_path):
    script = tmp_path / "nothing.py"
    script.write_text("")
    with pytest.raises(WorkFailed, match=r"nothing\.py ended before it answered"):
        WorkProcess(sys.executable, script)


def test_ratio_is_of_measurements_made_together():
    ours, peer = iter([1.0, 2.0, 4.0]), iter([10.0, 20.0, 80.0])
    comparison = in_turns(lambda: next(ours), lambda: next(peer), 3)
    assert comparison == Comparison([1.0, 2.0, 4.0], [10.0, 20.0, 80.0])
    assert comparison.ratio == Spread(median=10.0, low=10.0, high=15.0)
    assert Spread.of([3.0]) == Spread(3.0, 3.0, 3.0)


def test_sides_take_turns_in_being_first():
    order = []
    in_turns(lambda: order.append("ours") or 1.0, lambda: order.append("peer") or 1.0, 2)
    assert order == ["ours", "peer", "peer", "ours"]


def test_table():
    comparison = Comparison([0.01, 0.01], [0.1, 0.12])
    step = compared("step", comparison, target="8×")
    assert (step.ours, step.peer, step.ratio) == ("10 ms", "110 ms", "11× (10.5–11.5)")
    assert compared("trials", comparison, rate="trials/s").ours == "100 trials/s"
    table = markdown([step, Line("memory", "1 MiB")]).splitlines()
    assert table[1] == "| --- | --- | --- | --- | --- | --- |"
    assert table[2] == "| step | 10 ms | 110 ms | 11× (10.5–11.5) | 8× |  |"
    assert len({line.count("|") for line in table}) == 1
    assert [duration(s) for s in (123.4, 0.0123, 4.56e-6, 7e-9)] == ["123 s", "12.3 ms", "4.56 µs", "7 ns"]


def test_growth_and_arithmetic():
    assert exponent((1, 2, 4), (5, 6, 12)) == pytest.approx(1.0)
    one, draws = disrnn_step_arithmetic(1, 1, inputs=1, latents=1, width=1, depth=1)
    # Forward and again: 2 from inputs and latents, 2 from draws, 1 hidden, 2 out; back: 5 twice, 2 of draws.
    assert one == 2 * (2 * 7 + 2 * 5 + 2)
    assert draws == 4
    assert disrnn_step_arithmetic(3, 2, inputs=1, latents=1, width=1, depth=1) == (6 * one, 6 * draws)


def test_machine():
    assert "JAX" in describe_machine()
    assert vector_width(["sse2", "avx2", "avx512f"]) == "512-bit vectors (avx512f)"
    assert vector_width([]) is None


def test_another_loop_is_halted_between_its_steps():
    taken = []

    def train(batches):
        next(batches)  # for its shape
        for batch in batches:
            taken.append(batch)

    training = OneStepAtATime(train, iter(range(100)), ahead=1)
    assert taken == []
    training.take(2)
    assert taken == [1, 2]
    training.take()
    assert taken == [1, 2, 3]


def test_a_loop_that_fails_is_told():
    def train(batches):
        raise ValueError("no batch of that size")

    with pytest.raises(RuntimeError, match="training has failed"):
        OneStepAtATime(train, iter([]), ahead=1)
