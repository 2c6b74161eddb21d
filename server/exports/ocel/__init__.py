"""Hand out the ledger as an object-centric event log, for process mining.

Source: OCEL 2.0, JSON format. Values are texts, as its JSON Schema wants them; the declared type of
an attribute says what the text is.
"""
