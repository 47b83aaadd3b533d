"""Outcomes on their way to children's files: the ledger of deliveries, its tries and ends, filing by hand, looking again."""
