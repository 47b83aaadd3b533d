"""Cases that nobody raised: supposed, and run forward in time."""
