"""Runs on disk: recipe, checkpoints, provenance, predictions, scores."""
