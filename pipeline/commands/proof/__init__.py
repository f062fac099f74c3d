"""Commands that show that nothing was changed."""

ORDER = 5
