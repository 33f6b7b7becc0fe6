"""What is done to a running network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Perturbation:
    """Intervention on a running network; a part that is None changes nothing.

    Units are latents: their indices count from 0, their names from "latent 1".

    Arguments:
        lesion: Units that fall silent: their indices or names, or a mask (unit,). A unit of a
            `ConstrainedRNN` then sends nothing to units and outputs; the state of any other network is held
            at 0 there.
        weight_scale: {name: factors} that multiply weights, of their shape or (time, *shape), or one number.
            Names are "w_in", "w_rec", "w_out", "b_rec", "b_out" of a `ConstrainedRNN` (effective weights); of
            another network the paths of its arrays, as "core.recurrent_weight".
        current: Current added at every step, (unit,), (time, unit) or (session, time, unit): to the input
            current of a `ConstrainedRNN` (its effect on the state is α times it), to the new state of another
            network.
        clamp: State in which units are held, of the same shapes; NaN where they are free. Or values by unit,
            such as {"latent 2": 0.5}: a number, (time,) or (session, time).
        inputs: Inputs that replace the given ones, (input,), (time, input) or (session, time, input); NaN
            where inputs are as they were.
        during: (first, end) trials from 0 between which all of this happens, or bool (time,) or (session,
            time); None: always.
        channels: {name: factor} that multiplies what channels of a network with bottlenecks pass, 0 to close
            them: "previous reward -> latent 1", "latent 1 -> choice"; "latent 2", its own bottleneck; a
            source alone, all of whose channels are meant; or a group, as "choice_latent".
        patch: {unit: session} whose states, as they are without any perturbation, are put in place of its own
            at the same trials, along its own inputs: the session's index. Beyond its end units are free.
        weights: {name: new values} of weights, named as in `weight_scale`.

    Example:
        >>> import cogrnn_lab as cl
        >>> cl.Perturbation(channels={"latent 1 -> choice": 0.0}, during=(10, 20)).text
        'channel latent 1 -> choice x 0, in trials 11 to 20'
    """

    lesion: Sequence[Any] | np.ndarray | None = None
    weight_scale: Mapping[str, Any] | None = None
    current: Any = None
    clamp: Any = None
    inputs: Any = None
    during: Any = None
    channels: Mapping[str, Any] | None = None
    patch: Mapping[Any, int] | None = None
    weights: Mapping[str, Any] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is done."""
        return all(getattr(self, one.name) is None for one in fields(self) if one.name != "during")

    @property
    def text(self) -> str:
        """What is done, in words."""
        said = []
        if self.lesion is not None:
            units = np.asarray(self.lesion)
            silent = np.flatnonzero(units) if units.dtype == bool else units
            names = (str(one) if isinstance(one, str) else f"latent {int(one) + 1}" for one in silent)
            said.append(f"lesion of {', '.join(names)}")
        said += [f"channel {name} x {float(factor):g}" for name, factor in (self.channels or {}).items()]
        if isinstance(self.clamp, Mapping):
            said += [f"{_unit(name)} held at {_number(value)}" for name, value in self.clamp.items()]
        elif self.clamp is not None:
            said.append("units held")
        said += [f"{_unit(name)} from session {place + 1}" for name, place in (self.patch or {}).items()]
        said += [f"weights {name} scaled" for name in self.weight_scale or {}]
        said += [f"weights {name} exchanged" for name in self.weights or {}]
        said += ["a current"] * (self.current is not None) + ["other inputs"] * (self.inputs is not None)
        text = ", ".join(said) or "nothing"
        if self.during is None:
            return text
        if not isinstance(self.during, np.ndarray):
            return f"{text}, in trials {self.during[0] + 1} to {self.during[1]}"
        return f"{text}, in {100 * np.mean(self.during):.0f} % of the trials"


def _unit(name: Any) -> str:
    return name if isinstance(name, str) else f"latent {name + 1}"


def _number(value: Any) -> str:
    return f"{float(value):.3g}" if np.ndim(value) == 0 else "given values"
