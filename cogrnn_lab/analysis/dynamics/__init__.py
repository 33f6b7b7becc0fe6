"""Dynamics of a network's units, and experiments on them."""
