"""Answer GraphQL: the schema, its compilation to SQL and its transport over HTTP."""
