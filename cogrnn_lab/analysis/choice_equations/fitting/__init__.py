"""Likelihood of the choices under equations, its maximum, and the uncertainty of the numbers."""
