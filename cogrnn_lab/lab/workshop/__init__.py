"""Workshops: questions on networks that are there already, and a view for the teacher."""
