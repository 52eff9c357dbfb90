"""CT files to volumes in Hounsfield units and LPS axes, and volumes to files."""
