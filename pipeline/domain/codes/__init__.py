"""The codes that decide and that ``results.json`` shows: one enum a module, with all that each code means.

Code asks a code or its ``means``, never a text that people read. A new class or reason is one row here,
beside the place where it is decided.
"""
