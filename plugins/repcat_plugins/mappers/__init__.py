"""First-party mappers."""
