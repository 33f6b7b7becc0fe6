"""Drift: how the numbers of a model, and how well it predicts, move over the sessions of a subject."""
