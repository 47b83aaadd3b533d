"""Reading what a peer answers: where a value is, and what may come of the answer."""
