"""Statutory steps and their days: time limits, working days, what is late."""
