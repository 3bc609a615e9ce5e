"""Charts of a sensitivity study: plain data in, a matplotlib figure out, equal input giving equal bytes."""
