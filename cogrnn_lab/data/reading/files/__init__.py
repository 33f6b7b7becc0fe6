"""What a table comes from: a frame, a text file or an Excel workbook."""
