"""Recipes: tables, reading, merging, validation."""
