"""Campaigns of faults: kills, full disks, damaged files. `make faults`; not part of the suite."""
