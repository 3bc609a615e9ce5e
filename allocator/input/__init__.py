"""Files at the door: read, checked, every fault with its place."""
