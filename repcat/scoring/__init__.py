"""Scores of predictions: metrics, named protocols, trivial baselines, intervals."""
