"""Panels of what the network is worth: beside another model, and channel by channel."""
