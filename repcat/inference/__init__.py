"""A run and one's own X-rays to a case: a volume, what is to be known of it, and its files."""
