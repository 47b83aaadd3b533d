"""Dropping files in a folder: which files, how they are laid down, and what we note of it."""
