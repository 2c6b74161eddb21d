"""The read models, one file a view: its table and its fold."""
