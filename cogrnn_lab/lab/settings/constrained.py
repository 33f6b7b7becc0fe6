"""The constrained network as the lab offers it: few numbers, each with a control."""

import math
from itertools import product

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from cogrnn_lab.models import ConstrainedRNN, block_mask
from cogrnn_lab.models.constrained.initializers import SpectralRadius

ANY, EXCITATORY, INHIBITORY = "unit", "excitatory", "inhibitory"
# Labels of the controls, and what they tell on hover.
WORDS = {
    "n_units": ("units", "how many units there are in all"),
    "excitatory": ("excitatory", "fraction of excitatory units, whose outputs are read; 1: Dale's law off"),
    "autapses": ("autapses", "whether units may connect to themselves"),
    "connected": ("connected", "probability of each recurrent connection"),
    "e_to_e": ("E → E", "of those connections, the share from excitatory to excitatory units"),
    "e_to_i": ("E → I", "of those connections, the share from excitatory to inhibitory units"),
    "i_to_e": ("I → E", "of those connections, the share from inhibitory to excitatory units"),
    "i_to_i": ("I → I", "of those connections, the share from inhibitory to inhibitory units"),
    "areas": ("areas", "populations in a row: inputs reach the first, outputs read the last"),
    "between_areas": ("between areas", "share of connections to the next area and back, all excitatory"),
    "input_connected": ("input conn.", "probability of each connection from an input"),
    "inputs_to_inhibitory": ("inputs to I", "whether inputs reach inhibitory units too"),
    "output_connected": ("output conn.", "probability of each connection to an output"),
    "recurrent_noise": ("rec. noise", "noise of every unit, scaled by the noise under Penalties"),
    "input_noise": ("input noise", "noise of every input, beside that of the task itself"),
    "spectral_radius": ("radius", "spectral radius of the recurrent weights before training"),
}


def constrained_rnn(
    n_inputs: int,
    n_outputs: int,
    dt: float,
    tau: float,
    n_units: int = 50,
    excitatory: float = 0.8,
    connected: float = 1.0,
    spectral_radius: float = 1.1,
    recurrent_noise: float = 0.1,
    input_noise: float = 0.0,
    autapses: bool = False,
    inputs_to_inhibitory: bool = True,
    input_connected: float = 1.0,
    output_connected: float = 1.0,
    e_to_e: float = 1.0,
    e_to_i: float = 1.0,
    i_to_e: float = 1.0,
    i_to_i: float = 1.0,
    areas: int = 1,
    between_areas: float = 0.2,
    *,
    key: PRNGKeyArray,
) -> ConstrainedRNN:
    """Make a `ConstrainedRNN` with a fraction of excitatory units (1: Dale's law off) and of connections.

    `connected` is the probability of each recurrent connection, multiplied by that of its kind, such as
    `e_to_i` (without Dale's law all are `e_to_e`). With several `areas`, as in Song et al. 2016, inputs reach
    the first one, outputs read the last one, and excitatory units also connect to the areas next to theirs,
    by `between_areas`.
    """
    _check_fractions(excitatory, connected=connected, output_connected=output_connected)
    units = populations(n_units, excitatory, areas)
    kinds = {(EXCITATORY, EXCITATORY): e_to_e, (EXCITATORY, INHIBITORY): e_to_i}
    kinds |= {(INHIBITORY, EXCITATORY): i_to_e, (INHIBITORY, INHIBITORY): i_to_i, (ANY, ANY): e_to_e}
    recurrent_key, input_key, output_key = (jax.random.fold_in(key, i) for i in range(3))
    reached = input_connections(units, input_connected, to_inhibitory=inputs_to_inhibitory)
    recurrent = recurrent_connections(units, connected, kinds, between_areas)
    read = output_connections(units, output_connected, last_area=areas - 1)
    sizes = {name: size for name, (_, _, size) in units.items()}
    return ConstrainedRNN(
        n_inputs,
        n_outputs,
        n_units,
        dt=dt,
        tau=tau,
        dale_ratio=None if excitatory == 1 else excitatory,
        populations=sizes,
        autapses=autapses,
        input_mask=block_mask(reached, {"input": n_inputs}, sizes, key=input_key),
        recurrent_mask=block_mask(recurrent, sizes, key=recurrent_key),
        output_mask=block_mask(read, sizes, {"output": n_outputs}, key=output_key),
        w_rec=SpectralRadius(spectral_radius),
        recurrent_noise=recurrent_noise,
        input_noise=input_noise,
        key=key,
    )


def _check_fractions(excitatory: float, **connected: float) -> None:
    if not 0 < excitatory <= 1:
        raise ValueError(
            f"excitatory is {excitatory:g}, expected a fraction of units above 0, 1 for no Dale's law"
        )
    for name, value in connected.items():
        if not 0 < value <= 1:
            raise ValueError(f"{name} is {value:g}, expected a probability above 0, such as 0.2")


def populations(n_units: int, excitatory: float, areas: int) -> dict[str, tuple[str, int, int]]:
    """{name: (kind, area, number of units)} in the order of the units, which has excitatory ones first."""
    n_excitatory = math.floor(excitatory * n_units + 1e-9)
    numbers = {EXCITATORY: n_excitatory, INHIBITORY: n_units - n_excitatory}
    numbers = {ANY: n_units} if excitatory == 1 else {kind: n for kind, n in numbers.items() if n}
    fewest = min(numbers, key=lambda kind: numbers[kind])
    if not 1 <= areas <= numbers[fewest]:
        raise ValueError(
            f"areas is {areas}, expected 1 to {numbers[fewest]}, the number of {fewest} units: each area has "
            "some"
        )
    return {
        (kind if areas == 1 else f"{kind} {area + 1}"): (kind, area, len(part))
        for kind, n in numbers.items()
        for area, part in enumerate(np.array_split(np.arange(n), areas))
    }


def recurrent_connections(
    units: dict[str, tuple[str, int, int]],
    connected: float,
    kinds: dict[tuple[str, str], float],
    between_areas: float,
) -> dict[tuple[str, str], float]:
    """{(from, to): probability of each connection} between populations."""
    found = {}
    for (source, (kind, area, _)), (target, (to_kind, to_area, _)) in product(units.items(), repeat=2):
        distance = abs(area - to_area)
        share = 1.0 if distance == 0 else between_areas if distance == 1 and kind != INHIBITORY else 0.0
        found[source, target] = connected * kinds[kind, to_kind] * share
    return found


def input_connections(
    units: dict[str, tuple[str, int, int]], connected: float, *, to_inhibitory: bool
) -> dict[tuple[str, str], float]:
    """{("input", population of the first area): probability of each connection}."""
    return {
        ("input", name): 0.0 if kind == INHIBITORY and not to_inhibitory else connected
        for name, (kind, area, _) in units.items()
        if area == 0
    }


def output_connections(
    units: dict[str, tuple[str, int, int]], connected: float, *, last_area: int
) -> dict[tuple[str, str], float]:
    """{(excitatory population of the last area, "output"): probability of each connection}."""
    return {
        (name, "output"): connected
        for name, (kind, area, _) in units.items()
        if area == last_area and kind != INHIBITORY
    }
