"""Files from strangers: read in a child process with limits, their headers checked before."""
