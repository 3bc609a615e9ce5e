"""Why, and why not: statements, prices, fairness, contradictions and repairs."""
