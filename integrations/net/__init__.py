"""Under the guarded client: where to, until when, over which TLS, how much."""
