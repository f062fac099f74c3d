"""One export through the house, safe to repeat. Knows runs, report, ledger, process and what lies below."""
