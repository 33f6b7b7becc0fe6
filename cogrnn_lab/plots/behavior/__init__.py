"""Figures of behavior itself: sessions, trials of a task, psychometric curves."""
