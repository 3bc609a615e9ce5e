"""Spending against schedule: accounts, flags, periods, and the score that feeds the next year."""
