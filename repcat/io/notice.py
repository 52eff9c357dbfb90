"""Notice that every output carries."""

SYNTHETIC = "synthetic, research use only"
