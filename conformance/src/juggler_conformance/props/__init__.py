"""The properties, one module for each subject."""
