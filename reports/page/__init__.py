"""report.html: one self-contained page for the meeting."""
