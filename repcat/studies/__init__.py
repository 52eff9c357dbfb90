"""A study: rows of recipes, trained and scored, to ranked tables."""
