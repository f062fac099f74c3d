"""What page one says, whichever writer prints it. Knows drawing, tables, language, words."""
