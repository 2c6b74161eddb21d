"""Compare answering GraphQL with what makers of dashboards would pick instead."""
