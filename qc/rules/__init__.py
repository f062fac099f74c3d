"""One rule = one function. To add one: write it in the module of its subject, and declare its limit."""
