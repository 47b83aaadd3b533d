"""The way in from record systems and the way out to them. Start at README.md beside this file, or at `contract`."""
