"""Believe the tokens of others: JSON Web Tokens of issuers that this ledger was told to trust."""
