"""report.html, STATUS.html and index.html. Knows first_page, drawing, tables, language, words."""
