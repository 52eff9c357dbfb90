"""How fast the real code paths are."""
