"""A small shop on two data sources, in both colours."""
