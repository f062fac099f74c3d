"""PerkinElmer: EnVision, VICTOR."""
