"""What the readers of plain tables are made of."""
