"""Checks of whether equations are the whole story of the choices."""
