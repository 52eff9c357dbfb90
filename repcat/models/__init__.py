"""A mapper and a backbone joined to one network, and the average of its weights."""
