"""Distillation: a network that is fitted to the probabilities of another model, where choices are few."""
