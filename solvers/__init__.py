"""Linear programs and nothing else: no county, no money, no policy."""
