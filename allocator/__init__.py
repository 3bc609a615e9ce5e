"""Decides who gets how much of a block grant, and explains every yuan of it."""
