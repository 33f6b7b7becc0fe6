"""A button on a panel that calls one of the lab's orders."""

from typing import Any

import ipywidgets as w


def order_button(state: Any, order: str, words: str, tip: str) -> w.Button:
    """A small button that calls `state.orders[order]`, which the lab has put there."""
    button = w.Button(description=words, tooltip=tip)
    button.add_class("cog-small")
    button.add_class(f"cog-order-{order}")
    button.on_click(lambda _: state.orders[order]())
    return button
