"""Poisson clicks, and the accumulator that decides on them."""
