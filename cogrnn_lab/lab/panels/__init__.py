"""Panels of the lab, a file each: an analysis, its figure, and the declaration of when it is drawn.

The lab finds every module of this folder and of those within by itself (`lab.panel.registered`): a new panel
is a new file here.
"""
