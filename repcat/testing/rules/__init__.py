"""The rules that a part must keep, one kind a file."""
