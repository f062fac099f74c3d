"""Proof that nothing changed: workspace, result, workbook, recomputation. Knows jobs and what lies below."""
