"""Commands for plates: a workspace, and exports processed."""

ORDER = 1
