"""Geometry of the figures. Knows tables, language, words."""
