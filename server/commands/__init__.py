"""The commands of `lifecycle`, one or a few a file."""
