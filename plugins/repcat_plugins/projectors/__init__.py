"""First-party projectors."""
