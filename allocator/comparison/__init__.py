"""Two allocations side by side, and which of their differences makes whom gain or lose."""
