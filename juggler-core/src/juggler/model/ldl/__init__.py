"""LDL, LoopBack's definition language: read as definitions, and written out of them."""
