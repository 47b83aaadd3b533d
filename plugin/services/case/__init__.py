"""A case as it is kept and read: events and their chain, its policy, its children, who is meant, its story. Nothing here decides."""
