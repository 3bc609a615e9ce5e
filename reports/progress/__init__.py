"""Progress as tables and a picture."""
