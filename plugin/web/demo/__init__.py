"""Pages of the demo alone; absent on a live service (a test says so)."""
