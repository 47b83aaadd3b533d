"""How this service proves itself to a peer."""
