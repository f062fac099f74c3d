"""results.xlsx. Knows page, first_page, drawing, tables, language, words."""
