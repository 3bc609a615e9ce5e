"""What goes out: tables, workbooks and records. Nothing here changes a number."""
