"""Public CT collections by name: which series of each patient, and how they come to this disk."""
