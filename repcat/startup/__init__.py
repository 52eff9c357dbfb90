"""How a process begins: its allocator, its imports."""
