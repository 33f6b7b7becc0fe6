"""Environments that reward choices among a few alternatives."""
