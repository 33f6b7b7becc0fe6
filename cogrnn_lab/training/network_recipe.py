"""Recipe of a network and its training, as one object that a model comparison fits to every fold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import equinox as eqx
import jax
from jaxtyping import PRNGKeyArray

from cogrnn_lab.data import Dataset
from cogrnn_lab.training.fit_network import fit
from cogrnn_lab.training.phases import Phase
from cogrnn_lab.training.run import Run


@dataclass(frozen=True)
class NetworkRecipe:
    """Recipe of a network and its training: called with training data, it makes a trained network.

    Arguments:
        make: Function of a data set and a key that makes an untrained network for such data.
        phases: Phases of its training, as in `fit`.
        options: Further arguments of `fit`, such as {"batch_size": 64}.

    Example:
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
        """Make a network and train it.

        Arguments:
            train: Training sessions.
            valid: Held-out sessions, which are scored and not learned from, or None.
            seed: Seed of start values, batches and noise.

        Returns:
            The `Run`.
        """
        model = self.make(train, jax.random.key(seed))
        options = {"seed": seed, "progress": False, **self.options}
        run = fit(model, train, valid, phases=self.phases, **options)
        if run.was_interrupted:  # what asked for the run must not take half of it for the whole
            raise KeyboardInterrupt
        return run
