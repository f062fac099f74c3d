"""Bytes of text files and workbooks -> rows of cells, safely; shared by readers and definitions."""
