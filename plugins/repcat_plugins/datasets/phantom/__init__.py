"""Procedural chests: anatomy, bodies and the dataset made of them."""
