"""Agents: models of an animal or a person that choose and learn."""
