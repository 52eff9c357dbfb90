"""Verify: a run's scores, predictions and weights made again from what it kept, and compared."""
