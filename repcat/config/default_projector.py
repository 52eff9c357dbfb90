"""The default projector, for the command line too, which is read before torch is loaded."""

# Makes X-rays where nobody chose: of those shipped the fastest that passes gradients.
DEFAULT_PROJECTOR = "nanodrr"
