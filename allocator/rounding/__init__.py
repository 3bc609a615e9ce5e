"""From real numbers to whole money, every rule exact."""
