"""An hour of training and acting in one process, networks made anew: memory stays.

The curve is that of the memory in use (resident) and of memory maps, of which Linux gives a process 65,530:
every compiled function takes some, and a process that has no more crashes when it compiles next.
"""

import random
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import cogrnn_lab as cl

from .words import say

MOST_GROWTH = 1.5  # of the memory in the last third, in multiples of that in the second
KINDS = (
    ("DisRNN", {"n_latents": (1, 4), "update_width": (2, 6), "update_depth": (1, 2)}),
    ("GRU", {"n_hidden": (2, 8)}),
    ("LSTM", {"n_hidden": (2, 8)}),
    ("VanillaRNN", {"n_hidden": (2, 8)}),
)


@dataclass
class Curve:
    """Memory over time.

    Fields:
        seconds: Since the start.
        mib: Resident memory.
        maps: Memory maps.
    """

    seconds: list[float] = field(default_factory=list)
    mib: list[float] = field(default_factory=list)
    maps: list[int] = field(default_factory=list)

    def note(self, began: float) -> None:
        self.seconds.append(time.monotonic() - began)
        self.mib.append(resident_mib())
        self.maps.append(Path("/proc/self/maps").read_bytes().count(b"\n"))

    def thirds(self, values: list[float] | list[int]) -> tuple[float, float, float]:
        """The median of each third."""
        first, second, third = (float(np.median(part)) for part in np.array_split(np.asarray(values), 3))
        return first, second, third

    def __str__(self) -> str:
        mib = " → ".join(f"{own:.0f}" for own in self.thirds(self.mib))
        maps = " → ".join(f"{own:,.0f}" for own in self.thirds(self.maps))
        most = f"{max(self.mib):.0f} MiB, {max(self.maps):,} maps"
        return f"medians of the thirds: {mib} MiB, {maps} maps; at most {most}"


def resident_mib() -> float:
    """Memory that the process has at the moment, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def script(rng: random.Random) -> None:
    """What a script does: data, a network of other sizes, some steps, and what is read of it."""
    data = cl.simulate(
        cl.QLearning(rng.random()), cl.DriftingBandit(), n_sessions=8, n_trials=rng.randint(10, 60), seed=0
    )
    train, valid = data.split()
    kind, sizes = rng.choice(KINDS)
    made: dict[str, Any] = {name: rng.randint(*ends) for name, ends in sizes.items()}
    model = getattr(cl, kind)(2, 2, key=rng.randint(0, 99), **made)
    run = cl.fit(model, train, valid, phases=cl.Phase(3), report_every=3, batch_size=4)
    cl.evaluate(run, valid)
    cl.latents(run, valid)
    if kind == "DisRNN":
        cl.update_rules(run, n_points=5)
        cl.bottlenecks(run)
    with tempfile.TemporaryDirectory() as folder:
        cl.load(run.save(Path(folder) / "run.npz"))


def act(lab: cl.Lab, rng: random.Random) -> None:
    """What a person does in a lab: changes settings, makes the run anew, trains, looks at another tab."""
    parameters = lab.state.model.parameters
    what = rng.choice(("latents", "width", "data", "train", "train", "tab"))
    if what == "latents":
        parameters.n_latents = rng.randint(1, 4)
    elif what == "width":
        parameters.update_width = rng.randint(2, 6)
    elif what == "data":
        lab.state.data.n_trials = rng.randint(10, 60)
    elif what == "tab":
        lab.state.view.tab = rng.choice(("Trajectories", "Behavior"))
    lab.reset()
    lab.train()
    lab.runner.drive.turn(3)
    lab.pause()


def small_lab(folder: Path) -> cl.Lab:
    """A lab without a page, which trains when it is told."""
    state = cl.lab.LabState()
    state.data.set_quietly(n_sessions=8, n_trials=20)
    state.training.set_quietly(batch_size=4, warmup_steps=3, steps=6)
    state.model.parameters.set_quietly(n_latents=2, update_width=3, update_depth=1, choice_width=2)
    lab = cl.Lab(state=state, runner="inline", folder=folder)
    lab.runner.drive.chunk_seconds = 1e-9
    return lab


def main(minutes: float, number: int, only: list[str]) -> int:
    """Train and act for so long; 1 where the memory goes on growing."""
    rng, curve, began = random.Random(number), Curve(), time.monotonic()
    n, told = 0, 0.0
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lab = small_lab(Path(folder))
        while time.monotonic() - began < 60 * minutes:
            if "lab" in only or (not only and n % 2):
                act(lab, rng)
            else:
                script(rng)
            if n % 50 == 49:  # a person opens another lab
                lab.close()
                lab = small_lab(Path(folder))
            n += 1
            curve.note(began)
            if curve.seconds[-1] - told > 60:
                told = curve.seconds[-1]
                say(f"{told / 60:4.1f} min, {n} rounds: {curve.mib[-1]:.0f} MiB, {curve.maps[-1]:,} maps")
        lab.close()
    say(f"{n} rounds; {curve}")
    _, second, third = curve.thirds(curve.mib)
    return int(third > second * MOST_GROWTH)
