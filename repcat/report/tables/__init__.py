"""Tables for the terminal, Markdown, LaTeX, CSV, JSON."""
