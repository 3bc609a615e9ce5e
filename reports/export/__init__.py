"""Rows for other systems, with stable keys, and deltas."""
