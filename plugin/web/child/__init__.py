"""From a child's record: the worker's first page, advice, and raising a disagreement a question at a time."""
