"""What a report of an explanation says: the story section by section, each with its figures."""

from collections.abc import Container, Iterator
from pathlib import Path

from cogrnn_lab import plots
from cogrnn_lab.discovery import Explanation
from cogrnn_lab.reports.document import Block, Heading, Picture, Table, Text, write_document

EXPLANATION = "explanation"
# Figures of each section, and what they show.
PICTURES = {
    "What it is": (("wiring", "Observations, latents and choice; lines are as wide as their bits a trial"),),
    "Latents": (
        ("rules", "How each latent moves, by observation"),
        ("choice", "How the latents move the choice"),
        ("worth", "What each latent is worth, with 95 % intervals"),
    ),
    "Equations": (("equations", "The numbers with their intervals"),),
    "Behavior": (("behavior", "Behavior of the data, and of those that play"),),
}


def write_explanation(explanation: Explanation, folder: str | Path) -> Path:
    """Write explanation.md, explanation.html and their figures; see `Explanation.report`.

    Arguments:
        explanation: Result of `cl.explain`.
        folder: Where to; it is made where it does not exist.

    Returns:
        The path of explanation.html.
    """
    blocks = list(blocks_of(explanation))
    _, page = write_document(Path(folder), EXPLANATION, "What the network does", blocks)
    return page


def blocks_of(explanation: Explanation, leave_out: Container[str] = (), level: int = 2) -> Iterator[Block]:
    """The story section by section, with its figures.

    Arguments:
        explanation: Result of `cl.explain`.
        leave_out: Headings of sections that are left out.
        level: Of the headings.
    """
    figures = plots.explanation_figures(explanation)
    for heading, sentences in explanation.sections.items():
        if heading in leave_out:
            continue
        yield Heading(heading, level)
        for sentence in sentences:
            yield Text(sentence)
        for name, shows in PICTURES.get(heading, ()):
            if name in figures:
                yield Picture(name, figures[name], shows)
        if heading == "What it is" and explanation.wiring is not None:
            edges = explanation.wiring.table
            yield Table(("from", "to", "kind", "bits per trial", "sign"), edges.to_numpy().tolist())
