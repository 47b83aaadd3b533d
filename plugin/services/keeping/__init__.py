"""What every use case stands on: the clock, sealing and its keys, the access log, drafts. Knows nothing of a case."""
