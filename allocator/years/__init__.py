"""Several years in a row, each feeding the next."""
