"""What runs outside a request: RQ jobs, the worker and the clock that wakes them. The database is the truth; the queue only wakes."""
