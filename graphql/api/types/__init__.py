"""Declare the object types of the contract, one theme a file."""
