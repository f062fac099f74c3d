"""What the wells of a plate say before any titer. Knows curve and statistics."""
