"""How facts become rows: what a read model is, and how batches of events are folded into it."""
