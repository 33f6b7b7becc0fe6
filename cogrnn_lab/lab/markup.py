"""The lab's widget for HTML, which shows as text whatever is not `Markup`."""

import ipywidgets as w
import traitlets as t

from cogrnn_lab.markup import Markup, join, markup, safe

__all__ = ["Markup", "SafeHTML", "join", "markup", "safe"]


class SafeHTML(w.HTML):
    """The one widget that the lab fills with HTML: a plain string that it is given is shown as text."""

    @t.validate("value")
    def _as_markup(self, proposal) -> Markup:
        return safe(proposal.value)
