"""The pure core: a policy as data, and one function that says where a case stands.

    state = evaluate(policy, events, now)

Imports the standard library, pydantic, PyYAML and `holidays`; nothing of ours above it, no Flask, no database.
"""
