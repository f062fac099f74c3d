"""Tecan: i-control, Magellan, SparkControl, XFLUOR4."""
