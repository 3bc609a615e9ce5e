"""The published result (公告公示) as a document, a PDF and a workbook."""
