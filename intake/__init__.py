"""How facts of other systems come in: read, placed, checked, and each given a receipt."""
