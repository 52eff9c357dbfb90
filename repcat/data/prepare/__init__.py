"""Scans to a dataset: find the body, cut a cube, make X-rays, split by patient."""
