"""Environments in which agents choose among alternatives and are paid."""
