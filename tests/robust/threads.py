"""Random orders to one lab from many threads, as cells, callbacks and timers would give them all at once."""

import logging
import random
import resource
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets.widgets import widget as every

import cogrnn_lab as cl

log = logging.getLogger(__name__)

N_THREADS, N_ROUNDS = 8, 4
MOST_GROWTH = 60.0  # MiB from the second round to the last
PATIENCE = 240.0  # seconds until the lab has come to rest
SETTLED = 10.0  # seconds until buttons show it


def main(given: Any, here: Path) -> list[str]:
    """Give the orders in rounds, and say what is wrong afterwards."""
    lab, faults = small_lab(here), []
    told = _note_failures(lab)
    lab.wait(PATIENCE)
    sizes, widgets = [], []
    for part in range(N_ROUNDS):
        faults += ordered(lab, given.n // N_ROUNDS, given.seed + part)
        faults += _still_works(lab)
        sizes.append(_resident())
        widgets.append(len(every._instances))
        log.info("round %d: %.0f MiB, %d widgets", part + 1, sizes[-1], widgets[-1])
    faults += [f"memory grew: {sizes} MiB"] if sizes[-1] - sizes[1] > MOST_GROWTH else []
    faults += [f"widgets grew: {widgets}"] if widgets[-1] > widgets[1] + 20 else []
    lab.close()
    faults += [f"told: {sentence} ({n} times)" for sentence, n in told.items()]
    end = time.monotonic() + PATIENCE
    while (left := _workers()) and time.monotonic() < end:
        time.sleep(0.1)
    return [*faults, *(f"it is closed, and {name} goes on" for name in left)]


def small_lab(here: Path) -> cl.Lab:
    """A lab that compiles and trains in a moment, with a worker thread."""
    state = cl.lab.LabState()
    state.data.set_quietly(n_sessions=12, n_trials=30)
    state.training.set_quietly(batch_size=4, warmup_steps=6, steps=40)
    sizes = {"update_width": 4, "update_depth": 1, "choice_width": 3, "choice_depth": 1}
    state.model.parameters.set_quietly(n_latents=3, **sizes)
    return cl.Lab(state=state, runner="thread", folder=here)


def ordered(lab: cl.Lab, n: int, seed: int) -> list[str]:
    """Give `n` orders from many threads; the errors that reached one of them."""
    faults: Counter[str] = Counter()

    def give(number: int) -> None:
        choice = random.Random(seed * 1000 + number)
        orders = orders_to(lab, choice)
        weights = [weight for weight, _ in orders]
        for _ in range(n // N_THREADS):
            (_, order) = choice.choices(orders, weights)[0]
            try:
                order()
            except Exception as error:  # whatever it is, it is a finding
                faults[f"raised: {type(error).__name__}: {error}"] += 1

    begin = time.monotonic()
    threads = [threading.Thread(target=give, args=(i,)) for i in range(N_THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    log.info("%d orders in %.1f s", n, time.monotonic() - begin)
    return [f"{what} ({times} times)" for what, times in faults.items()]


def orders_to(lab: cl.Lab, choice: random.Random) -> list[tuple[float, Callable[[], Any]]]:
    """How often each order is given, and the order."""
    view, penalties, training = lab.state.view, lab.state.penalties, lab.state.training

    def look(name: str, *values: Any) -> Callable[[], None]:
        return lambda: setattr(view, name, choice.choice(values))

    return [
        (6, lab.train),
        (4, lab.pause),
        (3, lambda: lab.step(choice.randint(1, 3))),
        (0.3, lab.reset),
        (0.3, lab.branch),
        (0.1, lambda: lab.discover(levels=(0.1, 3.0), seeds=1)),
        (0.3, lab.stop_discovery),
        (0.3, lab.find_equations),
        (8, lambda: setattr(penalties, "latent", 10 ** choice.uniform(-5, 0))),
        (4, lambda: setattr(penalties, "choice_latent", 10 ** choice.uniform(-5, 0))),
        (2, lambda: setattr(training, "steps", choice.randint(20, 80))),
        (8, look("latent", 0, 1, 2)),
        (3, look("follow", True, False)),
        (4, look("pair", (0, 1), (2, 0), (1, 2))),
        (4, look("tab", "Trajectories", "Phase plane", "Behavior", "Experiments")),
        (4, look("session", *range(12))),
        (4, look("trial", *range(30))),
        (3, look("bits", True, False)),
        (3, look("choice_map", True, False)),
        (3, look("log_loss", True, False)),
        (3, look("color", "choice", "reward", "time")),
        (2, lambda: _pick(view, "step", choice)),
        (2, lambda: _pick(view, "level", choice)),
        (2, lambda: lab.run),
        (2, lambda: lab.state.to_dict()),
    ]


def _pick(view: Any, name: str, choice: random.Random) -> None:
    """Any that is offered: what was offered a moment ago may be refused in a sentence."""
    value = choice.choice(list(view._offers.get(name, (-1,))))
    try:
        setattr(view, name, value)
    except (ValueError, t.TraitError) as error:
        log.debug("%s", error)


def _still_works(lab: cl.Lab) -> list[str]:
    """Put the lab to rest, begin anew, train: it must be seen to happen, in one worker."""
    lab.stop_discovery()
    lab.pause()
    lab.wait(PATIENCE)
    lab.reset()
    if lab.wait(PATIENCE) != "ready":
        return [f"it is {lab.run_state} after Reset: {lab.top.message.value}"]
    lab.step(3)
    lab.wait(PATIENCE)
    trainer = lab.trainer
    faults = [] if trainer is not None and trainer.step_count == 3 else ["three steps were not three"]
    end = time.monotonic() + SETTLED  # buttons follow in the turn after
    while (stuck := lab.top.train.disabled or not lab.top.pause.disabled) and time.monotonic() < end:
        time.sleep(0.05)
    faults += ["a button is stuck"] if stuck else []
    workers = [name for name in _workers() if "lab" in name]
    return [*faults, *([f"workers: {workers}"] if len(workers) > 3 else [])]


def _note_failures(lab: cl.Lab) -> Counter[str]:
    """Sentences of errors that no person could have caused, from now on."""
    told: Counter[str] = Counter()
    failed = lab.failed

    def note(error: Exception, trace: str) -> None:
        if not isinstance(error, ValueError | OSError):
            told[f"{type(error).__name__}: {error}\n{trace[-1500:]}"] += 1
        failed(error, trace)

    lab.failed = note  # the runner and what works beside it ask the lab for it each time
    return told


def _workers() -> list[str]:
    return [one.name for one in threading.enumerate() if "cogrnn" in one.name]


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20
