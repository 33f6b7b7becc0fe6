"""Files of a fit beside its report: the run, its latents on every trial, and the figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import cogrnn_lab as cl
from cogrnn_lab import plots
from cogrnn_lab.atomic_files import replacing, write_text

LONGEST = 300  # trials that a printed figure of trajectories can show


def write_results(
    folder: Path,
    run: cl.Run,
    dataset: cl.Dataset,
    held_out: cl.Dataset,
    *,
    aside: np.ndarray,
    references: Mapping[str, float],
) -> None:
    """Write run.npz, history.csv, latents.csv and the figures into `folder`.

    `aside` (session, trial) is True on the trials that were held out.
    """
    run.save(folder / "run.npz")
    write_text(folder / "history.csv", run.history.to_csv(index=False))
    write_text(folder / "latents.csv", latents_table(run.model, dataset, aside).to_csv(index=False))
    write_figures(folder, run, held_out, references=references)


def latents_table(model: Any, dataset: cl.Dataset, aside: np.ndarray) -> pd.DataFrame:
    """Make a table of all trials: latents, the model's probability of each alternative, `held_out` 0/1."""
    latents = cl.latents(model, dataset)
    table = dataset.to_dataframe(latents)
    names = dataset.class_names or [str(index) for index in range(dataset.n_classes or 0)]
    probabilities = np.asarray(latents.probabilities)[dataset.valid]
    for index, name in enumerate(names):
        table[f"model_p_{name}"] = probabilities[:, index]
    table["held_out"] = aside[dataset.valid].astype(int)
    return table


def write_figures(
    folder: Path, run: cl.Run, held_out: cl.Dataset, *, references: Mapping[str, float]
) -> None:
    """Write the five figures as PNG; that of the update rules is left out where no latent is open.

    Rules are drawn over the values that the latents have in the held-out sessions, and tell how often these
    are.
    """
    model: Any = run.model
    found = cl.bottlenecks(model, held_out)
    rules = cl.update_rules(model, found.open_latents(), held_out)
    rule = cl.choice_rule(model, dataset=held_out)
    example = held_out.select([int(np.argmax(np.minimum(held_out.lengths, LONGEST)))])
    figures = {
        "learning": plots.plot_learning(run.history, references=references),
        "bottlenecks": plots.plot_bottlenecks(found),
        "choice_rule": plots.plot_choice_rule(rule, choice_names=held_out.class_names),
        "trajectories": plots.plot_trajectories(cl.latents(model, example), example),
    }
    if rules:
        figures["update_rules"] = plots.plot_update_rules(rules)
    for name, figure in figures.items():
        with replacing(folder / f"{name}.png") as file:
            figure.savefig(file, format="png")
