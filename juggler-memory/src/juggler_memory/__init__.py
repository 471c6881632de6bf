"""The memory connector: the embedded default of Juggler."""
