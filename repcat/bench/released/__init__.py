"""The training step of the paper's released code, rebuilt from facts, to measure repcat against.

Nothing here is for use: it is kept plain while repcat's own parts get faster. It is written from
what running the code (abrilcf/3D-3D_repeat-concatenate, commit cc0304e) showed, never from its
text; weights of repcat's own parts fit it, and give the same outputs. Where the facts leave a
choice it is the faster one.
"""
