"""workbook.xlsx: the workbook that a meeting edits, with live formulas."""
