"""From signals to titers with their intervals. Knows plate, past, curve, statistics."""
