exports-label = Télécharger la liste :
exports-csv = CSV
exports-xlsx = XLSX (tableur)
