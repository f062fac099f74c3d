"""Commands for any table."""

ORDER = 4
