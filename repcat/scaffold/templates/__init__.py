"""What `repcat new` writes: a real, working part of each kind, to be changed into one's own.

`my_part`, `MyPart` and `my-part` give way to the name that is asked for, nothing else changes.
"""
