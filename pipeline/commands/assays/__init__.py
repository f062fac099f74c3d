"""Commands about assays, and what this installation can read."""

ORDER = 3
