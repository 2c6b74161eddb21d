"""Hand out what the ledger knows in the forms that others work with: tables, workbooks, standards.

Everything is read through the questions of GraphQL, so that rights, limits and the two clocks are
those of every other reader.
"""
