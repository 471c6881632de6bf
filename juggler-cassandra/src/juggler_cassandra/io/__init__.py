"""Everything that talks to a server; the driver is imported here and nowhere else."""
