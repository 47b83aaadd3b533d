"""Mail on its way out and what comes back: letters, the ledger of mail, the sweep, calendar feeds."""
