"""Several years as one folder."""
