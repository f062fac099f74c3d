"""BMG Labtech: MARS, SMART Control."""
