"""How to make and train a network, as one object: what a model comparison fits to every fold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import equinox as eqx
import jax
from jaxtyping import PRNGKeyArray

from cogrnn_lab.data import Dataset
from cogrnn_lab.training.fit_network import fit
from cogrnn_lab.training.penalties import Phase
from cogrnn_lab.training.run import Run


@dataclass(frozen=True)
class NetworkRecipe:
    """A network and its training: called with training data, it makes a trained network.

    Arguments: `make`, a function of a data set and a key that makes an untrained network for such data;
    `phases` of its training, as in `fit`; `options` for `fit`, such as {"batch_size": 64}.

    >>> import cogrnn_lab as cl
    >>> recipe = cl.NetworkRecipe(
    ...     lambda data, key: cl.DisRNN(data.n_inputs, data.n_classes, 3, key=key),
    ...     phases=cl.warm_up_then_penalized(500, 1500),
    ... )
    """

    make: Callable[[Dataset, PRNGKeyArray], eqx.Module]
    phases: Phase | Sequence[Phase]
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, train: Dataset, valid: Dataset | None = None, seed: int = 0) -> Run:
        """Make a network from `seed` and train it; `valid` is watched, not learned from."""
        model = self.make(train, jax.random.key(seed))
        return fit(model, train, valid, phases=self.phases, **{"seed": seed, **self.options})
