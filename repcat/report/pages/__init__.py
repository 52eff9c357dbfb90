"""What pages show of runs, studies and files: gathered here, written by `repcat.report`."""
