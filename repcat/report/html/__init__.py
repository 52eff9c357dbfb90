"""The pieces of an HTML page."""
