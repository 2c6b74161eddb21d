"""Check the whole ledger: every byte, every column, the tree, what was signed, and the guards."""
