"""The IBM Cloudant and Apache CouchDB connector of Juggler."""
