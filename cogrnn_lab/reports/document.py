"""A document of headings, text, tables and figures, written as Markdown and as one HTML file.

All text is shown letter by letter: names of models, alternatives and subjects come out of other people's
files.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure

from cogrnn_lab.atomic_files import write_bytes, write_text
from cogrnn_lab.markup import Markup, join, markdown_text, markup, safe


@dataclass(frozen=True)
class Heading:
    """A heading of a level from 1."""

    text: str
    level: int = 2

    def to_markdown(self) -> str:
        """As a line of Markdown."""
        return f"{'#' * self.level} {markdown_text(self.text)}"

    def to_html(self) -> Markup:
        """As an element."""
        return markup(f"<h{self.level}>{{}}</h{self.level}>", self.text)


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str

    def to_markdown(self) -> str:
        """As a line of Markdown, which no number or mark at its beginning makes a list of."""
        shown = markdown_text(self.text)
        first = shown[:1]
        return f"\\{shown}" if first in "#-+" and first else shown

    def to_html(self) -> Markup:
        """As an element."""
        return markup("<p>{}</p>", self.text)


@dataclass(frozen=True)
class Code:
    """Lines that are to be copied, such as LaTeX."""

    text: str
    language: str = ""

    def to_markdown(self) -> str:
        """As lines indented by four, which nothing within them can end."""
        return "\n".join(f"    {line}" for line in self.text.splitlines())

    def to_html(self) -> Markup:
        """As an element."""
        return markup("<pre><code>{}</code></pre>", self.text)


@dataclass(frozen=True)
class Table:
    """Rows of cells under their columns; cells are text or numbers, which are written with `digits`.

    `marked` are the rows that stand out.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    digits: int = 4
    marked: Sequence[int] = ()

    @property
    def _cells(self) -> list[list[str]]:
        return [[self._shown(cell) for cell in row] for row in self.rows]

    def _shown(self, cell: object) -> str:
        if not isinstance(cell, float):
            return str(cell)
        return "–" if cell != cell else f"{cell:.{self.digits}f}"

    @property
    def _is_number(self) -> list[bool]:
        """Which columns hold numbers."""
        return [
            all(isinstance(row[i], (int, float)) for row in self.rows) and bool(self.rows)
            for i in range(len(self.columns))
        ]

    def to_markdown(self) -> str:
        """As a table of Markdown; marked rows are bold."""
        sides = "|".join("---:" if number else "---" for number in self._is_number)
        lines = [f"| {' | '.join(map(markdown_text, self.columns))} |", f"|{sides}|"]
        for place, row in enumerate(self._cells):
            bold = "**" if place in self.marked else ""
            lines.append(f"| {' | '.join(f'{bold}{markdown_text(cell)}{bold}' for cell in row)} |")
        return "\n".join(lines)

    def to_html(self) -> Markup:
        """As an element."""
        kinds = [Markup(' class="number"' if number else "") for number in self._is_number]
        head = join(markup("<th{}>{}</th>", k, name) for k, name in zip(kinds, self.columns, strict=True))
        body = join(
            markup(
                "<tr{}>{}</tr>\n",
                Markup(' class="marked"' if place in self.marked else ""),
                join(markup("<td{}>{}</td>", k, cell) for k, cell in zip(kinds, row, strict=True)),
            )
            for place, row in enumerate(self._cells)
        )
        return markup(
            '<div class="wide"><table><thead><tr>{}</tr></thead>\n<tbody>{}</tbody></table></div>', head, body
        )


@dataclass(frozen=True)
class Picture:
    """A figure with the name of its file and what it shows."""

    name: str
    figure: Figure
    shows: str

    @property
    def png(self) -> bytes:
        """The figure as the bytes of a PNG file, the same each time."""
        file = BytesIO()
        self.figure.savefig(file, format="png", metadata={"Software": None})
        return file.getvalue()


Block = Heading | Text | Code | Table | Picture


def write_document(folder: Path, name: str, title: str, blocks: Sequence[Block]) -> tuple[Path, Path]:
    """Write the figures, `name`.md and `name`.html into a folder, each whole or not at all.

    The HTML file needs no other: its figures are within it, and it loads nothing.
    """
    pictures = {block.name: block.png for block in blocks if isinstance(block, Picture)}
    for picture, png in pictures.items():
        write_bytes(folder / f"{picture}.png", png)
    lines, elements = [Heading(title, 1).to_markdown()], [Heading(title, 1).to_html()]
    for block in blocks:
        if isinstance(block, Picture):
            lines.append(f"![{markdown_text(block.shows)}]({block.name}.png)")
            elements.append(_figure(block, pictures[block.name]))
        else:
            lines.append(block.to_markdown())
            elements.append(block.to_html())
    page = markup(PAGE, title=title, style=Markup(STYLE), body=join(elements, Markup("\n")))
    return (
        write_text(folder / f"{name}.md", "\n\n".join(lines) + "\n"),
        write_text(folder / f"{name}.html", page),
    )


def _figure(picture: Picture, png: bytes) -> Markup:
    source = Markup("data:image/png;base64," + base64.b64encode(png).decode())
    return markup(
        '<figure><img src="{}" alt="{}"><figcaption>{}</figcaption></figure>',
        source,
        safe(picture.shows),
        picture.shows,
    )


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 50rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.25rem; margin-top: 2.2rem; }
h1, h2, h3 { line-height: 1.25; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { padding: 0.25rem 0.7rem 0.25rem 0; text-align: left; border-bottom: 1px solid #ddd;
  vertical-align: top; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.marked td { font-weight: 600; }
.wide { overflow-x: auto; }
figure { margin: 1.2rem 0; } img { max-width: 100%; height: auto; }
figcaption { color: #555; font-size: 0.9rem; }
pre { background: #f5f5f5; padding: 0.7rem; white-space: pre-wrap; font-size: 0.85rem; }
"""
