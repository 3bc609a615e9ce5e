"""Clawback and reallocation (收回与调整): idle money, and where it may go."""
