"""One serum: its evidence, its class, its next step. Knows hnk1 and all below it."""
