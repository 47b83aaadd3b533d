"""A policy in plain English, made from the compiled policy alone: names, phrases, sentences, sections.

Pure like the room it stands in: standard library only. Nothing here decides anything; it says what the engine does.
"""
