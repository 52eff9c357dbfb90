"""X-rays as films are: scene, breath, physics of the detector, display; drawn by a seed."""
