"""What the child imports before the time of its first file is counted."""

from __future__ import annotations

import openpyxl
import python_calamine
import xlrd

import pipeline.definitions
from pipeline.readers import readers

READY = (openpyxl, python_calamine, xlrd, pipeline.definitions, *readers())
"""All that reading may need."""
