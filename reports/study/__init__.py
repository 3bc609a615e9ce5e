"""A sensitivity study as tables, charts and records."""
