"""Journeys as people make them: the whole demo, started by its own command, in a real Chromium."""
