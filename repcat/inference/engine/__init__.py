"""Engines: what computes a backbone in the place of eager torch, checked, measured and kept."""
