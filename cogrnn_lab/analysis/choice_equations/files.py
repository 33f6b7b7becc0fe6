"""Equations as a header and arrays, for a file that holds numbers and text: nothing is pickled."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
import pandas as pd

from cogrnn_lab.analysis.choice_equations.checks.unexplained import Unexplained
from cogrnn_lab.analysis.choice_equations.fitting.maximum import Fitted
from cogrnn_lab.analysis.choice_equations.parts.form import RATE, Form
from cogrnn_lab.analysis.choice_equations.parts.structure import Structure, Units
from cogrnn_lab.analysis.choice_equations.parts.terms import Term
from cogrnn_lab.analysis.choice_equations.parts.trials import Recorded, Trials
from cogrnn_lab.schemas import FileError, Flag, ListOf, MapOf, Maybe, Number, Plain, Record, Text, Whole
from cogrnn_lab.training.archive import array_in

if TYPE_CHECKING:
    from cogrnn_lab.analysis.choice_equations.result import Equations

CONTENT = "equations"
TABLES = ("numbers", "steps", "candidates")
TEXTS = ("text", "latex", "mechanism", "source")
LIKELIHOODS = ("fitted", "choosing", "network", "agreement")
SIZES = ("n_mechanisms", "n_alternatives", "n_relations", "has_amounts", "n_inputs")

TABLE = MapOf(ListOf(Plain()))
HEADER = Record(
    {name: Text() for name in TEXTS}
    | dict.fromkeys(TABLES, TABLE)
    | {
        "fidelity": Record({name: Number() for name in LIKELIHOODS}),
        "form": Record(
            {
                "n_mechanisms": Whole(most=1000),
                "n_alternatives": Whole(2, 1000),
                "n_relations": Whole(1, 1000),
            },
            {"has_amounts": Flag(), "n_inputs": Whole()},
        ),
        "terms": ListOf(Text()),
        "by_side": Flag(),
        "relations": ListOf(Text()),
        "input_names": ListOf(Text()),
        "unit": Number(finite=True),
    },
    {"unexplained": Maybe(Record({"text": Text(), "history_lag": Whole()}, {}))},
)


def to_archive(equations: "Equations") -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What JSON takes of equations, and arrays by name."""
    structure, data = equations.fitted.structure, equations.data
    form = structure.form
    header: dict[str, Any] = {
        "content": CONTENT,
        **{name: getattr(equations, name) for name in TEXTS},
        **{name: getattr(equations, name).to_dict("list") for name in TABLES},
        "fidelity": {name: float(getattr(equations.fidelity, name)) for name in LIKELIHOODS},
        "form": {name: getattr(form, name) for name in SIZES},
        "terms": [term.name for term in form.terms],
        "by_side": any(e.alternative >= 0 for e in structure.units.entries if e.kind == RATE),
        "relations": list(data.relations),
        "input_names": list(data.input_names),
        "unit": float(data.unit),
        "unexplained": None if equations.unexplained is None else asdict(equations.unexplained),
    }
    arrays = {
        "owner": structure.owner,
        "sign": structure.sign,
        "fixed": structure.fixed,
        "free": equations.fitted.free,
        "session_nll": equations.fitted.session_nll,
        "latents": equations.fidelity.latents,
        "n_choices": data.n_choices,
    }
    trials = {f"trials {name}": own for name, own in data.trials._asdict().items() if own is not None}
    return header, arrays | {name: np.asarray(own) for name, own in trials.items()}


def from_archive(
    header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], terms: Sequence[Term], path: str
) -> dict[str, Any]:
    """Fields of the equations that `to_archive` took apart; "fidelity" as a dict of its own fields."""
    known = {term.name: term for term in terms}
    missing = [name for name in header["terms"] if name not in known]
    if missing:
        raise FileError(
            f"the equations in {path!r} have terms that are not known here ({', '.join(missing)}); give "
            "them, as in cl.load_equations(path, terms=(*cl.TERMS, my_term))"
        )
    sizes, owner = header["form"], array_in(arrays, "owner", "i", None)
    if sizes["n_mechanisms"] * sizes["n_relations"] > owner.size:  # which has one for each of both at least
        raise FileError("its equations have more mechanisms than numbers")
    relation = array_in(arrays, "trials relation", "i", None, sizes["n_alternatives"], None)
    n_trials, _, n_sessions = relation.shape
    array_in(arrays, "trials inputs", "f", n_trials, sizes["n_inputs"], n_sessions)
    array_in(arrays, "trials amount", "f", n_trials, n_sessions)
    array_in(arrays, "trials target", "i", n_trials, n_sessions)
    if "trials available" in arrays:
        array_in(arrays, "trials available", "b", n_trials, sizes["n_alternatives"], n_sessions)
    form = Form(**sizes, terms=tuple(known[name] for name in header["terms"]))
    units = Units.by_side(form) if header["by_side"] else Units.mirrored(form)
    n = len(units.entries)
    structure = Structure(
        units,
        array_in(arrays, "owner", "i", n),
        array_in(arrays, "sign", "fi", n),
        array_in(arrays, "fixed", "f", n),
    )
    if not all(-1 <= place < n for place in owner):
        raise FileError("its equations tie numbers to some that are not there")
    trials = {name: arrays.get(f"trials {name}") for name in Trials._fields}
    data = Recorded(
        Trials(**{name: None if own is None else jnp.asarray(own) for name, own in trials.items()}),  # pyright: ignore[reportArgumentType]
        tuple(header["relations"]),
        tuple(header["input_names"]),
        header["unit"],
        array_in(arrays, "n_choices", "i", n_sessions),
    )
    return {
        **{name: header[name] for name in TEXTS},
        **{name: pd.DataFrame(header[name]) for name in TABLES},
        "fidelity": {**header["fidelity"], "latents": array_in(arrays, "latents", "f", None)},
        "fitted": Fitted(
            structure,
            array_in(arrays, "free", "f", structure.n_numbers),
            array_in(arrays, "session_nll", "f", None),
        ),
        "data": data,
        "unexplained": None if header.get("unexplained") is None else Unexplained(**header["unexplained"]),
    }
