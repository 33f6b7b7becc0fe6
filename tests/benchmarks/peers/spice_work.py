"""SPICE on recorded choices, in its own environment: `python spice_work.py choices.npz answer.json`.

The file of choices holds `choice` and `reward` (session, trial) to fit, `new_choice` and `new_reward` to
predict, `module` (the name of a ready-made module), `epochs` and `seed`. The answer holds seconds, nats per
choice of the new sessions by its network and by its equations, coefficients, and the weights of states.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from spice import precoded
from spice.estimator import SpiceEstimator

MODULES = {
    "RescorlaWagnerRNN": precoded.RESCOLA_WAGNER_CONFIG,
    "ForgettingRNN": precoded.FORGETTING_RNN_CONFIG,
    "ChoiceRNN": precoded.CHOICE_CONFIG,
}


def as_inputs(choice, reward):
    """Choices and rewards as SPICE reads them, all of one participant, and the choices that follow."""
    chosen = np.eye(2)[choice]
    paid = np.where(chosen > 0, reward[..., None], -1.0)
    nothing = np.zeros((*choice.shape, 3))  # block, experiment, participant
    return np.concatenate([chosen, paid, nothing], -1)[:, :-1].astype("float32"), chosen[:, 1:].astype(
        "float32"
    )


def nats(probability, wanted):
    """Negative log-likelihood per choice."""
    return float(-np.log(np.clip((probability * wanted).sum(-1), 1e-12, None)).mean())


def weights(model):
    """Weight of each state in the logits, where the module learns one."""
    if not hasattr(model, "participant_embedding"):
        return {}
    embedding = model.participant_embedding(torch.tensor([0]).int())
    return {name: float(beta(embedding).item()) for name, beta in model.betas.items()}


def main(path, answer):
    given = np.load(path)
    torch.manual_seed(int(given["seed"]))
    np.random.seed(int(given["seed"]))  # noqa: NPY002 - SPICE draws from it
    name = str(given["module"])
    estimator = SpiceEstimator(
        rnn_class=getattr(precoded, name),
        spice_config=MODULES[name],
        n_actions=2,
        n_participants=1,
        epochs=int(given["epochs"]),
    )
    began = time.perf_counter()
    estimator.fit(*as_inputs(given["choice"], given["reward"]))
    seconds = time.perf_counter() - began
    new, wanted = as_inputs(given["new_choice"], given["new_reward"])
    # its equations of a module without participants take one session at a time
    each = [estimator.predict(session[None]) for session in new]
    by_network, by_equations = (np.concatenate(part) for part in zip(*each, strict=True))
    updates = {
        module: dict(
            zip(found[0].get_feature_names(), map(float, found[0].coefficients().ravel()), strict=True)
        )
        for module, found in estimator.spice_agent.get_modules().items()
    }
    told = {
        "seconds": seconds,
        "network": nats(by_network, wanted),
        "equations": nats(by_equations, wanted),
        "updates": updates,
        "weights": weights(estimator.rnn_model.eval()),
    }
    Path(answer).write_text(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
