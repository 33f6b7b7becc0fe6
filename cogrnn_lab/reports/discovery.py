"""What a report of a discovery says: verdict and equations first, then everything that they rest on."""

import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import equinox as eqx
import numpy as np

from cogrnn_lab import plots
from cogrnn_lab.analysis import Equations, EquationsBySubject
from cogrnn_lab.discovery import Discovery, Explanation
from cogrnn_lab.reports.document import Block, Code, Heading, Picture, Table, Text, write_document
from cogrnn_lab.reports.explanation import blocks_of

REPORT = "report"
PACKAGES = ("cogrnn_lab", "jax", "equinox", "optax", "numpy", "scipy")


def write_discovery(found: Discovery, folder: str | Path, story: Explanation | None = None) -> Path:
    """Write report.md, report.html and the figures of a discovery; see `Discovery.report`.

    Arguments:
        found: Result of `cl.discover`.
        folder: Where to; it is made where it does not exist.
        story: The `Explanation` of the same discovery; None: what the network does is not told.

    Returns:
        The path of report.html.

    Raises:
        ValueError: The story is of another network.
    """
    if story is not None and not eqx.tree_equal(story.network, found.model):
        raise ValueError(
            "the story is of another network than the one that was discovered; make it by "
            "cl.explain(found, dataset)"
        )
    blocks = list(_blocks(found, story))
    _, page = write_document(Path(folder), REPORT, "What these choices tell", blocks)
    return page


def _blocks(found: Discovery, story: Explanation | None) -> Iterator[Block]:
    yield Heading("Verdict")
    yield Text(found.sentences[0])
    yield Heading("Equations")
    if found.equations is None:
        yield Text(found.without_equations)
    else:
        yield from _of_equations(found.equations, found.by_subject)
    for sentence in found.sentences[1:]:
        if sentence not in (found.dealt, found.level.text):
            yield Text(sentence)
    if story is not None:
        yield Heading("What the network does")
        yield from blocks_of(story, leave_out=("Equations", "Verdict"), level=3)
    yield from _yardsticks(found)
    yield from _path(found)
    if found.agreement is not None:
        yield Heading("Agreement of the seeds")
        yield Text(found.agreement.text)
        shows = "How alike each latent, its update rule and its part in the choice are, by network"
        yield Picture("agreement", plots.plot_agreement(found.agreement), shows)
    yield from _settings(found)


def _of_equations(equations: Equations, by_subject: EquationsBySubject | None) -> Iterator[Block]:
    for line in equations.text.splitlines():
        yield Text(line)
    numbers = equations.numbers
    if len(numbers):
        yield Table(
            ("number", "value", "standard error", "from", "to", "unit"),
            numbers[["name", "value", "standard_error", "low", "high", "unit"]].to_numpy().tolist(),
            digits=3,
        )
        yield Text('"From" and "to" are the ends of 95 % intervals.')
        yield Picture("equations", plots.plot_equations(equations), "The numbers with their intervals")
    yield Code(equations.latex, "latex")
    if by_subject is not None:
        yield from _of_subjects(by_subject)
    yield Heading("How they were found", 3)
    yield Text(f"They come from {equations.source}")
    fidelity = equations.fidelity
    rows = [
        ("all choices that they were fitted to", fidelity.fitted),
        ("the sessions that chose between the searches, before the last fit", fidelity.choosing),
        ("the same sessions under the best network given to the search", fidelity.network),
    ]
    yield Table(("choices", "likelihood"), [row for row in rows if np.isfinite(row[1])])
    if np.isfinite(fidelity.agreement):
        yield Text(f"They explain {fidelity.agreement:.1%} of the variance of that network's log odds (R²).")


def _of_subjects(found: EquationsBySubject) -> Iterator[Block]:
    yield Heading("By subject", 3)
    yield Text(found.text)
    yield Table(
        ("number", "mean", "standard error", "between subjects", "95 % from", "to"),
        found.population[["name", "mean", "standard_error", "spread", "low", "high"]].to_numpy().tolist(),
        digits=3,
    )
    if found.is_shrunk:
        yield Text(
            '"Shrunk" is how much of a value the population tells, from 0 to 1: most where a subject has few '
            'choices. "Alone" is the value by the subject\'s own choices.'
        )
    columns = ["subject", "name", "value", "standard_error", "low", "high", "alone", "shrunk"]
    yield Table(
        ("subject", "number", "value", "standard error", "from", "to", "alone", "shrunk"),
        found.numbers[columns].to_numpy().tolist(),
        digits=3,
    )


def _yardsticks(found: Discovery) -> Iterator[Block]:
    table = found.yardsticks
    yield Heading("Beside other models")
    yield Text(
        f"Normalized likelihood (geometric mean of the probability of what was chosen) of "
        f"{found.measured.units.name} that nothing saw; by how much the network's is above it, with the ends "
        "of the 95 % interval of paired resamples."
    )
    columns = ["model", "kind", "likelihood", "advantage", "advantage_low", "advantage_high"]
    yield Table(
        ("model", "kind", "likelihood", "network minus it", "from", "to"),
        table[columns].to_numpy().tolist(),
        marked=[int(i) for i in np.flatnonzero(table["kind"].isin(["network", "equations"]))],
    )
    best = found.measured.best_classical
    if best is not None:
        yield Text(f"By the sessions that chose the level the best classical model is {best}.")
    for name, why in found.measured.failed.items():
        yield Text(f"{name} was not fitted: {why}")
    shows = "What the network is worth beside each model"
    yield Picture("yardsticks", plots.plot_yardsticks(found.measured), shows)


def _path(found: Discovery) -> Iterator[Block]:
    path, level = found.path, found.level
    yield Heading("The penalty path")
    yield Text(found.dealt)
    yield Text(level.text)
    shows = "Likelihood against information, and openness of every latent against the price"
    yield Picture("path", plots.plot_path(path, level), shows)
    yield Picture(
        "closing_order", plots.plot_closing_order(path), "The price at which each network's latents close"
    )
    seeds = path.best_seeds
    own = path.table.set_index(["level", "seed"])
    likelihoods = [name for name in ("train", "choose", "report") if name in path.units]
    rows = []
    for number in range(len(path.levels)):
        row: Any = own.loc[(number, int(seeds[number]))]
        likelihood = [float(row[f"likelihood_{name}"]) for name in likelihoods]
        settled = "" if row["settled"] else "had not settled"
        counts = ", ".join(str(n) for n in path.n_latents[number])
        rows.append((number, f"{row['price']:.3g}", counts, *likelihood, settled))
    said = {"train": "trained on", "choose": "chosen by", "report": "reported"}
    heads = ("level", "price", "latents by seed", *(said[name] for name in likelihoods), "")
    yield Table(heads, rows, marked=[int(level)])
    yield from _latents(found)


def _latents(found: Discovery) -> Iterator[Block]:
    level, seed = found.path.levels[found.level], found.level.seed
    yield Heading("Latents of the chosen network", 3)
    order = np.argsort(-level.bits[seed], kind="stable")
    rows = [
        (int(i) + 1, *(float(getattr(level, name)[seed][i]) for name in ("openness", "bits", "share")))
        for i in order
    ]
    yield Table(("latent", "openness", "bits per trial", "share of the logit's variance"), rows, digits=3)


def _settings(found: Discovery) -> Iterator[Block]:
    path = found.path
    yield Heading("Settings and versions")
    with_equations = "" if found.level.by_networks is None else ", and equations"
    rows = [("level chosen by", f"{found.level.rule}{with_equations}"), ("seed", path.settings["seed"])]
    rows += [(name, value) for name, value in _flat(path.settings) if name not in ("seed", "factor")]
    rows += [(name, _version(name)) for name in PACKAGES]
    yield Table(("setting", "value"), [*rows, ("Python", platform.python_version())])


def _flat(settings: dict[str, Any], start: str = "") -> Iterator[tuple[str, str]]:
    """Settings within settings by names such as "base latent"."""
    for name, value in settings.items():
        called = f"{start}{name}".replace("_", " ")
        if isinstance(value, dict):
            yield from _flat(value, f"{called} ")
        else:
            yield called, str(value)


def _version(name: str) -> str:
    try:
        return version(name)
    except ModuleNotFoundError:  # run from a source tree that is not installed
        return "not installed"
