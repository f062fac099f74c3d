"""Over many runs: list, history, summary, follow-up, learning. Knows report, ledger and what lies below."""
