"""Commands over many runs."""

ORDER = 2
