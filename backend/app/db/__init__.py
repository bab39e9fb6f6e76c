"""Tables, sessions and column types."""
