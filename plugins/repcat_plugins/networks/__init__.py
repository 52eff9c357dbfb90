"""First-party networks."""
