"""HTML and Markdown of our own, told apart from text, which is shown letter by letter.

Names of choices, subjects and inputs come out of other people's files. Whatever reaches a page as a plain
string is therefore text; only what was put together here from fixed words is read as HTML.
"""

import html
import re
from collections.abc import Iterable
from typing import Any


class Markup(str):
    """A string that is HTML of our own."""

    __slots__ = ()


def safe(content: Any) -> Markup:
    """Turn anything into HTML that shows it as text; `Markup` stays what it is."""
    return content if isinstance(content, Markup) else Markup(html.escape(str(content)))


def markup(template: str, *parts: Any, **named: Any) -> Markup:
    """Fill a template of our own, as `str.format` does, with parts that are shown as text.

    Parts that are `Markup` go in as they are.
    """
    known = {name: safe(part) for name, part in named.items()}
    return Markup(template.format(*map(safe, parts), **known))


def join(parts: Iterable[Any], between: str = "") -> Markup:
    """Put parts side by side, those that are no `Markup` as text."""
    return Markup(safe(between).join(map(safe, parts)))


def markdown_text(name: object) -> str:
    """Write a name out of somebody's table as Markdown that shows it letter by letter, in one line."""
    one_line = html.escape(re.sub(r"\s+", " ", str(name)), quote=False)
    return re.sub(r"[\\`*\[\]|~$]|(?<!\w)_|_(?!\w)", r"\\\g<0>", one_line)
