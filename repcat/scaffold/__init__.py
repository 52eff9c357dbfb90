"""What `repcat new` writes: a distribution with a working part in it."""
