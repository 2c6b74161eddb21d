"""Evidence bundles: a part of the ledger that anybody can check with no server and no database."""
