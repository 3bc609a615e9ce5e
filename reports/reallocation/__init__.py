"""A clawback as tables and files."""
