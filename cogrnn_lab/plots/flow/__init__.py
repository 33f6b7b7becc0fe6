"""Figures of what flows through a network."""
