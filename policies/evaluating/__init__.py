"""Where a case stands: its events replayed, obligations, clocks, moves, and what one viewer may see of it."""
