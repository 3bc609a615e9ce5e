"""A calendar as a table and as events."""
