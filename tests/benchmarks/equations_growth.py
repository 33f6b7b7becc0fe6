"""Time of the steps of `cl.equations` and how it grows: `python -m tests.benchmarks.equations_growth`.

Each step with twice and four times the sessions and the trials, with 1 to 4 latents and with further terms,
once compiled; and the most memory of a process in which equations of up to `--latents` latents were searched
in 1,000 sessions of 1,000 trials (`--large`). Start with `taskset -c 1` for one core.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations.checks.history import history_test
from cogrnn_lab.analysis.choice_equations.fitting.maximum import exact_hessian, informed, maximized
from cogrnn_lab.analysis.choice_equations.groups.refit import Groups, Prior
from cogrnn_lab.analysis.choice_equations.parts.form import Form
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.terms import TERMS, Term
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded, recorded
from cogrnn_lab.analysis.choice_equations.search.search import price_of_a_number, searched
from cogrnn_lab.analysis.choice_equations.search.starts import FIRST_STEPS, grown, random_start

MEBIBYTE = 1024**2
STEPS = ("reading", "one refit step", "refit", "simplify", "grow", "one Hessian", "history test", "bootstrap")
AGENT = cl.QLearning(0.3, 3.0, forget_rate=0.2)


def seconds_of(work: Callable[[], object]) -> float:
    """Seconds of a work that was done once before, so that it is compiled."""
    work()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def form_of(latents: int, terms: tuple[Term, ...], data: Recorded) -> Form:
    """The form of two alternatives with rewards of 0 and 1."""
    return Form(latents, 2, len(data.relations), terms=terms)


def steps(sessions: int, trials: int, latents: int, terms: tuple[Term, ...] = ()) -> dict[str, float]:
    """Seconds of each step."""
    dataset = cl.simulate(AGENT, cl.DriftingBandit(), n_sessions=sessions, n_trials=trials, seed=0)
    data = recorded(dataset)
    form = form_of(latents, terms, data)
    start = random_start(form, data, 0)
    structure = start.fitted.structure
    everything = Structure.free(Units.mirrored(form))
    directions = everything.units.directions
    draw = np.random.default_rng(0)
    values = structure.nearest(draw.uniform(0.1, 0.9, len(structure.owner)))
    found = searched(start.fitted, data).fitted

    def resampled() -> None:
        own = [draw.integers(0, sessions, sessions) for _ in range(20)]
        groups = Groups(found.structure, data, own)
        first = np.broadcast_to(groups.scale.to(found.free), (20, found.structure.n_numbers)).copy()
        groups.maximized(first, Prior.almost_none(groups.scale))

    works: dict[str, Callable[[], object]] = {
        "reading": lambda: recorded(dataset),
        "one refit step": lambda: informed(everything, start.fitted.vector, directions, data),
        "refit": lambda: maximized(structure, values, data, FIRST_STEPS),
        "simplify": lambda: searched(start.fitted, data),
        "grow": lambda: list(grown(found, data)),
        "one Hessian": lambda: exact_hessian(found, data),
        "history test": lambda: history_test(found, data, price_of_a_number(data)),
        "bootstrap": resampled,
    }
    if terms:
        del works["grow"]
    return {name: seconds_of(work) for name, work in works.items()}


def row(what: str, measured: dict[str, float]) -> str:
    """A row of the table."""
    cells = [f"{measured[name]:.3g}" if name in measured else "-" for name in STEPS]
    return f"| {what} | {' | '.join(cells)} |"


def large(sessions: int, trials: int, latents: int) -> None:
    """Find equations of many sessions, and print seconds and the most memory of this process."""
    data = cl.simulate(AGENT, cl.DriftingBandit(), n_sessions=sessions, n_trials=trials, seed=0)
    before = _peak()
    began = time.perf_counter()

    def tell(text: str) -> None:
        print(f"{time.perf_counter() - began:.0f} s, {_peak() / MEBIBYTE:.0f} MiB: {text}", flush=True)

    found = cl.equations(None, data, n_latents=range(1, latents + 1), n_starts=1, report=tell)
    seconds = time.perf_counter() - began
    print(
        f"{sessions} sessions of {trials} trials: {found.mechanism} [{found.complexity}], {seconds:.0f} s, "
        f"most memory {_peak() / MEBIBYTE:.0f} MiB, {before / MEBIBYTE:.0f} MiB before",
        flush=True,
    )


def _peak() -> int:
    """Bytes; the system tells KiB, or on macOS bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Measure what the command line asks for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=75)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--large", action="store_true", help="memory at 1,000 sessions of 1,000 trials")
    parser.add_argument("--latents", type=int, default=1, help="most latents, where it is large")
    parser.add_argument("--here", nargs=2, type=int, help="memory of these sizes in this process")
    asked = parser.parse_args()
    if asked.here:
        large(*asked.here, asked.latents)
        return
    if asked.large:
        again = [sys.executable, "-m", "tests.benchmarks.equations_growth", "--here", "1000", "1000"]
        again += ["--latents", str(asked.latents)]
        subprocess.run(again, check=True)
        return
    n, t = asked.sessions, asked.trials
    print(f"| seconds, compiled | {' | '.join(STEPS)} |\n|{' --- |' * (len(STEPS) + 1)}", flush=True)
    for sessions, trials in ((n, t), (2 * n, t), (4 * n, t), (n, 2 * t), (n, 4 * t)):
        print(row(f"{sessions} × {trials}, 2 latents", steps(sessions, trials, 2)), flush=True)
    for latents in (1, 3, 4):
        print(row(f"{n} × {t}, {latents} latents", steps(n, t, latents)), flush=True)
    print(row(f"{n} × {t}, 2 latents, 4 terms", steps(n, t, 2, TERMS)), flush=True)


if __name__ == "__main__":
    main()
