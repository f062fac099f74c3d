"""What the tables of a report hold, shared by every writer. Knows language and words."""
