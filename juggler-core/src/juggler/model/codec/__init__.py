"""Codecs: instances and mappings as rows of neutral values and back, generated for each model."""
