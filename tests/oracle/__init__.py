"""An independent oracle: written from the documents alone, slow and plain, sharing no code."""
