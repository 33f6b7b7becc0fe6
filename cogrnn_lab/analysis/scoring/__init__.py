"""Scoring and comparing models on choices."""
