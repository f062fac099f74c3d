"""report.pdf. Knows page, first_page, drawing, tables, language, words."""
