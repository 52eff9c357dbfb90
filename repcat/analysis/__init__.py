"""Measures of a run that are no protocol: collapse, checkerboards, pose, probe."""
