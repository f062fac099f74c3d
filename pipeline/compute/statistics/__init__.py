"""Numbers that know no plate: intervals, detection limits, changes."""
