"""Signing in by an identity provider: set up, tried, gone to and come back from, and who an identity is here."""
