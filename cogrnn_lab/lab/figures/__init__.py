"""Figures of the lab: each draws one analysis result and computes nothing."""
