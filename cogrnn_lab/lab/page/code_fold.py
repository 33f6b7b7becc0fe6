"""Lines of code that are folded away beside a title; one click selects them as a whole, to be copied."""

from cogrnn_lab.lab.markup import Markup, markup


def code_html(code: str) -> Markup:
    """A fold-out with the code, shown letter by letter."""
    return markup(
        '<details class="cog-code"><summary title="the code that makes this figure">code</summary>'
        '<pre tabindex="0" title="one click selects all of it">{}</pre></details>',
        code,
    )
