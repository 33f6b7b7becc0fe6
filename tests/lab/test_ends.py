"""A process that has a lab ends as it should, whatever the lab is doing.

Without care, a thread that is inside JAX while the interpreter is taken down ends the process with "terminate
called without an active exception" (return code -6) or a segmentation fault (-11).

`COGRNN_LAB_ENDS=100 python -m pytest tests/lab/test_ends.py -m ''` ends that many processes, in all states in
turn; each one waits for another random time before it ends.
"""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

from cogrnn_lab.lab.engine.kept.storage import RunFolder

ENDS = int(os.environ.get("COGRNN_LAB_ENDS", "0"))

BEGIN = """
import asyncio, os, signal, sys, threading, time
import jax, numpy as np
import cogrnn_lab as cl

MOMENT = float(sys.argv[1])  # seconds
if threading.current_thread() is threading.main_thread():
    # As in a terminal: a test run in the background ignores Ctrl-C, and what it starts would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

def until(condition):
    end = time.monotonic() + 900
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)

def says(lab, words):
    until(lambda: words in lab.top.message.value)

def press_ctrl_c(after):
    def press():
        time.sleep(after)
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=press, daemon=True).start()

class Slow(cl.NumpyTask):
    duration = 30.0

    def trial_parameters(self, rng):
        return {"value": rng.uniform()}

    def whole_trial(self, times, parameters):
        time.sleep(0.002)
        value = np.full((3, 1), parameters["value"])
        return value, value, np.ones(3)
"""

# What is in the middle of which the process ends, and the return codes that are right. A process that Ctrl-C
# ends has -2 here, which a shell shows as 130; one that Ctrl-C ends while it waits for its threads has 130.
STATES: dict[str, tuple[str, set[int]]] = {
    "just made": ("cl.Lab()", {0}),
    "at any moment": ("lab = cl.Lab(); lab.train(); time.sleep(2 * MOMENT)", {0}),
    "first compilation": ("lab = cl.Lab(); says(lab, 'Compiling'); time.sleep(MOMENT)", {0}),
    "ready": ("lab = cl.Lab(); until(lambda: lab.run_state == 'ready')", {0}),
    "training": ("lab = cl.Lab(); lab.train(); until(lambda: lab.run and lab.run.reports)", {0}),
    "paused": ("lab = cl.Lab(); lab.step(2); until(lambda: lab.run_state == 'paused'); lab.wait()", {0}),
    "finished": (
        "lab = cl.Lab(); lab.state.training.warmup_steps = 2; lab.state.training.steps = 2\n"
        "lab.train(); until(lambda: lab.run_state == 'finished')",
        {0},
    ),
    "closed": ("lab = cl.Lab(); time.sleep(MOMENT); lab.close()", {0}),
    "an error": (
        "lab = cl.Lab(); lab.state.data.set_quietly(n_subjects=2, varied='gain')\n"
        "until(lambda: 'has no parameter' in lab.top.message.value)",
        {0},
    ),
    "reset while compiling": ("lab = cl.Lab(); says(lab, 'Compiling'); lab.reset(); time.sleep(MOMENT)", {0}),
    "classical models are fitted": (
        "lab = cl.Lab(); lab.state.view.classical = True\n"
        "until(lambda: lab.references._thread); time.sleep(MOMENT)",
        {0},
    ),
    "two labs": ("labs = cl.Lab(), cl.Lab(); time.sleep(MOMENT)", {0}),
    "a loop, cooperative": (
        "async def page():\n"
        "    lab = cl.Lab(runner='cooperative'); lab.train(); await asyncio.sleep(MOMENT)\n"
        "asyncio.run(page())",
        {0},
    ),
    "a loop, with a thread": (
        "async def page():\n"
        "    lab = cl.Lab(); lab.train(); await asyncio.sleep(MOMENT)\n"
        "asyncio.run(page())",
        {0},
    ),
    "an exit code": ("lab = cl.Lab(); time.sleep(MOMENT); sys.exit(3)", {3}),
    "an exception": ("lab = cl.Lab(); time.sleep(MOMENT); raise SystemExit('wrong')", {1}),
    "Ctrl-C": ("lab = cl.Lab(); press_ctrl_c(MOMENT); lab.train(); lab.wait()", {-signal.SIGINT}),
    "Ctrl-C, caught": (
        "lab = cl.Lab(); lab.train()\n"
        "try:\n    press_ctrl_c(MOMENT); lab.wait()\n"
        "except KeyboardInterrupt: pass",
        {0},
    ),
    "Ctrl-C, twice": (
        "lab = cl.Lab(); press_ctrl_c(MOMENT); press_ctrl_c(MOMENT + 0.3); lab.train(); lab.wait()",
        {-signal.SIGINT, 130},
    ),
    "Ctrl-C while it ends": (
        "lab = cl.Lab(); says(lab, 'Compiling'); press_ctrl_c(0.2 * MOMENT)",
        {0, 130, -signal.SIGINT},  # 0 where it was over before, and it may be torn out of its last lines
    ),
    "saved just before": ("lab = cl.Lab(folder='runs'); lab.wait(); lab.save('last')", {0}),
    "trials made ahead": (
        "trainer = cl.Trainer(cl.ConstrainedRNN(1, 1, 8, key=jax.random.key(0)), Slow(), batch_size=16)\n"
        "trainer.advance(2)",
        {0},
    ),
    "Ctrl-C, no lab": (
        "trainer = cl.Trainer(cl.ConstrainedRNN(1, 1, 8, key=jax.random.key(0)), Slow(), batch_size=16)\n"
        "press_ctrl_c(MOMENT); press_ctrl_c(30)\nwhile True: trainer.advance(2)",
        {-signal.SIGINT},
    ),
    "Ctrl-C, no lab, caught": (
        "trainer = cl.Trainer(cl.ConstrainedRNN(1, 1, 8, key=jax.random.key(0)), Slow(), batch_size=16)\n"
        "press_ctrl_c(MOMENT); press_ctrl_c(30)\n"
        "try:\n    while True: trainer.advance(2)\n"
        "except KeyboardInterrupt: pass",
        {0},
    ),
}
IN_KERNEL = {
    "kernel, just made": "lab = cl.Lab()",
    "kernel, compiling": "lab = cl.Lab(); says(lab, 'Compiling'); time.sleep(MOMENT)",
    "kernel, training": "lab = cl.Lab(); lab.train(); time.sleep(2 * MOMENT)",
    "kernel, Ctrl-C": "lab = cl.Lab(); press_ctrl_c(MOMENT); lab.train(); lab.wait()",
}
ALL = [*STATES, *IN_KERNEL]
AT_ONCE = {"just made", "training", "Ctrl-C", "kernel, compiling"}  # the others are slow tests
CASES = [
    pytest.param(ALL[i % len(ALL)], i, marks=() if ENDS or ALL[i % len(ALL)] in AT_ONCE else pytest.mark.slow)
    for i in range(ENDS or len(ALL))
]
# Python loses a Ctrl-C that comes in JAX's part of a garbage collection, and says so; the next one ends it.
LOST_IN_JAX = "Exception ignored in: <function _xla_gc_callback"
FAULTS = "terminate called", "Fatal Python error", "Segmentation", "Exception ignored", "leaked"


@pytest.mark.parametrize(("state", "seed"), CASES)
def test_a_process_with_a_lab_ends_well(tmp_path, state, seed):
    moment = f"{random.Random(seed).uniform(0, 2):.3f}"
    # Everything is compiled, and as for users, on their first day: that takes long, and can't be broken off.
    environment = os.environ | {"COGRNN_LAB_COMPILATION_CACHE": "off", "XLA_FLAGS": ""}
    if state in IN_KERNEL:
        code, errors = end_of_kernel(f"{BEGIN}\n{IN_KERNEL[state]}", moment, environment, tmp_path)
        expected = {0}
    else:
        script, expected = STATES[state]
        process = subprocess.run(
            [sys.executable, "-c", f"{BEGIN}\n{script}\n", moment],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        code, errors = process.returncode, process.stderr
        assert "Traceback" not in errors or expected != {0}, errors
    assert code in expected, f"{state}, {moment} s: ended with {code}\n{errors[-3000:]}"
    errors = errors.replace(LOST_IN_JAX, "")
    assert [fault for fault in FAULTS if fault in errors] == [], f"{state}, {moment} s\n{errors[-3000:]}"
    if state == "saved just before":
        assert RunFolder(tmp_path / "runs").open("last").header["step"] == 0


def end_of_kernel(code: str, moment: str, environment: dict[str, str], folder: Path) -> tuple[int, str]:
    """The return code of a kernel that runs this cell and is then asked to end, and what it said."""
    with (folder / "errors").open("w+") as errors:
        manager = KernelManager()
        manager.start_kernel(env=environment, cwd=str(folder), stderr=errors)
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=600)
            client.execute_interactive(
                f"import sys; sys.argv = ['', '{moment}']\n{code}",
                timeout=900,
                output_hook=lambda message: None,
            )
            process = manager.provisioner.process
            client.shutdown()
            code = process.wait(timeout=600)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            manager.cleanup_resources()
        errors.seek(0)
        return code, errors.read()
