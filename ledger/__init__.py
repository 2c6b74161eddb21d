"""The store: events written once, the tree over them, and how both are read back."""
