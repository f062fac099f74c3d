"""The page of control charts. Knows page, first_page, drawing, tables, language, words."""
