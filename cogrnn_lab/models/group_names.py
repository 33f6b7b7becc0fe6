"""What people read for the bottleneck groups and penalties of a network: titles, headings, labels.

A group of your own network that is not here goes by its own name, with spaces for underscores.
"""

from typing import NamedTuple


class GroupName(NamedTuple):
    """A bottleneck group or a penalty in words.

    `title` of a figure; `heading` of a column beside others; `label` of a control; `description`, what is
    penalized.
    """

    title: str
    heading: str
    label: str
    description: str


_BOTTLENECKS = {
    "latent": GroupName(
        "Latents", "latent", "latents", "information kept in each latent from trial to trial"
    ),
    "update_input": GroupName(
        "Update networks: inputs",
        "from inputs",
        "inputs → update",
        "information that the update networks read from the inputs",
    ),
    "update_latent": GroupName(
        "Update networks: latents",
        "from latents",
        "latents → update",
        "information that the update networks read from the latents",
    ),
    "choice_latent": GroupName(
        "Choice network: latents",
        "to choice",
        "latents → choice",
        "information that the choice network reads from the latents",
    ),
    "subject": GroupName("Subject embedding", "subject", "subject", "information kept about the subject"),
    "update_subject": GroupName(
        "Update networks: subject",
        "from subject",
        "subject → update",
        "information that the update networks read about the subject",
    ),
    "choice_subject": GroupName(
        "Choice network: subject",
        "to choice",
        "subject → choice",
        "information that the choice network reads about the subject",
    ),
    "neural": GroupName(
        "Neural network", "to signals", "→ neural", "information that the network of neural activity reads"
    ),
}
_OTHERS = {
    "l2": ("l2 of weights", "sum of squared hidden-layer weights"),
    "l1_input": ("|input weights|", "mean absolute weight from the inputs"),
    "l1_recurrent": ("|recurrent|", "mean absolute weight between units"),
    "l1_output": ("|output weights|", "mean absolute weight to the outputs"),
    "l2_input": ("input weights²", "mean squared weight from the inputs"),
    "l2_recurrent": ("recurrent²", "mean squared weight between units"),
    "l2_output": ("output weights²", "mean squared weight to the outputs"),
    "rates": ("firing rates²", "mean squared firing rate of the units"),
}
_NAMES = _BOTTLENECKS | {
    name: GroupName(label, label, label, description) for name, (label, description) in _OTHERS.items()
}


def group_name(name: str) -> GroupName:
    """Give the words for a bottleneck group or another penalty, by its name in `Penalties`."""
    plain = name.replace("_", " ")
    return _NAMES.get(name, GroupName(plain.capitalize(), plain, plain, plain))
