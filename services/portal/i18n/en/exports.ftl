exports-label = Download the list:
exports-csv = CSV
exports-xlsx = XLSX (spreadsheet)
