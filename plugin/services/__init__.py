"""Use cases: one module a noun, functions are verbs, one transaction each. They know no Flask and are handed a session."""
