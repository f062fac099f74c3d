"""What commands share, and the longer things they print; no commands. Knows every room below."""
