"""Plain tables of any software: asked only about files that bear the sign of none."""
