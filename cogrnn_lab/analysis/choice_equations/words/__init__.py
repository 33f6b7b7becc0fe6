"""Equations in words and in LaTeX."""
