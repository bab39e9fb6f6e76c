"""Door 1, HTTP: routers, schemas, middleware. No SQL and no rules."""
