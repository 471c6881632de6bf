"""The conformance suite of Juggler."""
