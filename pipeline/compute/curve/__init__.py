"""Standard curves: fits, their checks and intervals. Knows compute.statistics."""
