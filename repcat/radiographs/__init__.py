"""Radiographs of one's own: read, turned, scaled and judged before a model sees them."""
