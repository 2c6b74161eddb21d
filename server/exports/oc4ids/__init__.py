"""Hand out projects by the Open Contracting for Infrastructure Data Standard.

Source: OC4IDS 0.9.5, project package schema and project schema.
"""
