"""The command line: one file a command, and what they print. Knows every room."""
