"""A discovery made by hand, for figures and reports: two seeds, four levels, three latents, no training."""

import jax.numpy as jnp
import numpy as np
import pandas as pd

import cogrnn_lab as cl
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.parts.form import Form
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure
from cogrnn_lab.analysis.choice_equations.parts.structure import Units as FormUnits
from cogrnn_lab.analysis.choice_equations.parts.trials import BINARY_RELATIONS, Recorded, Trials
from cogrnn_lab.analysis.choice_equations.result import Fidelity
from cogrnn_lab.discovery.level import Level
from cogrnn_lab.discovery.units import Units

OPENNESS = np.array(
    [
        [[0.99, 0.95, 0.9], [0.97, 0.9, 0.8]],
        [[0.95, 0.5, 0.0], [0.9, 0.8, 0.01]],
        [[0.8, 0.0, 0.0], [0.7, 0.01, 0.0]],
        [[0.0, 0.0, 0.0], [0.5, 0.0, 0.0]],
    ]
)
PRICES = (0.1, 0.3, 1.0, 3.0)


def level(price: float, openness: np.ndarray) -> Level:
    report = cl.Report(
        10, "", 0.5, 0.5, np.zeros(10), np.zeros(10), None, {"latent": 1.0}, cl.Penalties(), 1.0, 0.01, 1.0
    )
    nll = {
        name: 10 * (0.5 + 0.01 * price + np.arange(6) / 100)[None] * np.ones((2, 1))
        for name in ("choose", "report")
    }
    return Level(
        price=price, penalties=cl.Penalties(), models=(None, None), reports=((report,),) * 2, settled=True,
        penalized_loss=np.array([0.5, 0.6]), first_loss=np.array([0.7, 0.7]), openness=openness,
        bits=4 * openness**4, share=openness, logit_spread=np.ones(2), nll=nll,
    )  # fmt: skip


def made_path() -> cl.Path:
    units = Units(np.full(6, 10), np.zeros(6, int), tuple("abcdef"))
    levels = tuple(level(price, own) for price, own in zip(PRICES, OPENNESS, strict=True))
    return cl.Path(
        levels[0], levels, {"choose": units, "report": units}, ("latent",), {"seed": 0, "batch_size": 1}
    )


def made_yardsticks() -> cl.Yardsticks:
    per_choice = {"network": 0.5, "GRU": 0.49, "Q-learning": 0.51, "stay baseline": 0.6, "chance": 0.69}
    kinds = ("network", "ceiling", "classical", "reference", "reference")
    noise = np.random.default_rng(0).normal(size=(5, 6))
    nll = {name: 10 * own + 0.1 * noise[i] for i, (name, own) in enumerate(per_choice.items())}
    units = Units(np.full(6, 10), np.zeros(6, int), tuple("abcdef"))
    return cl.Yardsticks(nll, dict(zip(per_choice, kinds, strict=True)), {"Q-learning": 0.5}, units, {})


def q_learning() -> Structure:
    """Rate and half the inverse temperature: the value moves to ± the second when it is chosen."""
    structure = Structure.free(FormUnits.mirrored(Form(1, 2, 4)))
    units = structure.units
    rates, targets = (units.at(kind=kind) for kind in ("rate", "target"))
    structure = structure.fixing(units.at(kind="bias"), 0.0).fixing(rates[2:], 0.0)
    return structure.joining([rates[1]], rates[0], 1.0).joining([targets[0]], targets[1], -1.0)


def made_equations() -> cl.Equations:
    """Q-learning with two numbers."""
    numbers = pd.DataFrame(
        [
            ("learning rate", 0.3, 0.02, 0.26, 0.34, "fraction a trial"),
            ("inverse temperature", 3.0, 0.1, 2.8, 3.2, "log odds"),
        ],
        columns=["name", "value", "standard_error", "low", "high", "unit"],
    )
    structure = q_learning()
    trials = Trials(
        relation=jnp.zeros((5, 2, 1), jnp.int32),
        amount=jnp.zeros((5, 1)),
        target=jnp.zeros((5, 1), jnp.int32),
        available=None,
        inputs=jnp.zeros((5, 0, 1)),
    )
    return cl.Equations(
        text="2 numbers describe 5 choices: Q-learning.\nThe value of each alternative moves by 0.3.",
        latex="V_{a}",
        numbers=numbers,
        mechanism="Q-learning",
        fidelity=Fidelity(0.61, 0.6, 0.59, 0.98, np.array([0.97])),
        steps=pd.DataFrame(columns=["what", "numbers", "nll", "price"]),
        candidates=pd.DataFrame({"source": ["random start 0"]}),
        source="random start 0; 0 of 0 other starts end at the same price.",
        fitted=Fitted(structure, np.array([0.3, 1.5]), np.zeros(1)),
        data=Recorded(trials, BINARY_RELATIONS, (), 1.0, np.array([5])),
    )
