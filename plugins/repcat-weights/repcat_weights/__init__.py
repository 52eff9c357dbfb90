"""Trained models of repcat, a folder each: data alone. `repcat models` lists them."""
