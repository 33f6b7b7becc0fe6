"""Controls: widgets that mirror the lab's state, both ways."""
