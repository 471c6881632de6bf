"""LDL, LoopBack's definition language: documents and dictionaries read as definitions, and written."""
