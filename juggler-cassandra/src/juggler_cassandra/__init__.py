"""The Apache Cassandra connector of Juggler."""
