"""Curves and limits from any table. Knows compute, tables and what lies below."""
