"""Read registers (台账), workbooks and CSV files, through a mapping that a clerk can read."""
