//! The printed tables: which titles are open where, and how many seats there are.

use crate::session::{Diploma, DiplomaKind, Session};

/// A printed table of "Oui" and "Non", one column per school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its number in the notice.
    pub number: u32,
    /// Its title.
    pub title: String,
    /// What to cite, e.g. "Tableau 5".
    pub source: String,
    /// Ids of the schools that have a column. A school without one is closed by the table.
    pub columns: Vec<String>,
    /// Rows, as printed.
    pub rows: Vec<Row>,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its label, as printed.
    pub label: String,
    /// One cell per column: open or not.
    pub open: Vec<bool>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowRef {
    /// Number of the table.
    pub table: u32,
    /// Label of the row.
    pub row: String,
}

impl Table {
    /// The row of that label.
    #[must_use]
    pub fn row(&self, label: &str) -> Option<&Row> {
        self.rows.iter().find(|r| r.label == label)
    }

    /// What the table says of a row at a school: `None` if it has no such row. A school without a column is closed.
    #[must_use]
    pub fn open(&self, label: &str, school: &str) -> Option<bool> {
        let row = self.row(label)?;
        Some(self.columns.iter().position(|c| c == school).and_then(|i| row.open.get(i)).copied().unwrap_or(false))
    }
}

/// What the tables say of a title at a school, and where (R9, R16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Open or closed.
    pub open: bool,
    /// What to cite, e.g. "Tableau 5".
    pub table: String,
    /// The row that decides.
    pub row: String,
}

/// Seats per school and filière, with the totals as printed (R6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seats {
    /// What to cite, e.g. "Tableau 1".
    pub source: String,
    /// Ids of the filières, one per column.
    pub columns: Vec<String>,
    /// One row per school.
    pub rows: Vec<SeatRow>,
    /// Printed totals, one per column and then the grand total, if the table prints any. The cells are the rule.
    pub printed_totals: Option<Vec<u32>>,
}

/// The seats of one school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatRow {
    /// Id of the school.
    pub school: String,
    /// One cell per column.
    pub cells: Vec<u32>,
    /// The row's printed total.
    pub printed_total: u32,
}

impl Seats {
    /// Seats of a school in a filière; 0 for what the table does not know.
    #[must_use]
    pub fn of(&self, school: &str, filiere: &str) -> u32 {
        let cell = || {
            let column = self.columns.iter().position(|c| c == filiere)?;
            self.rows.iter().find(|r| r.school == school)?.cells.get(column).copied()
        };
        cell().unwrap_or(0)
    }

    /// All seats.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.rows.iter().flat_map(|r| &r.cells).sum()
    }
}

impl Session {
    /// The table of that number.
    #[must_use]
    pub fn table(&self, number: u32) -> Option<&Table> {
        self.tables.iter().find(|t| t.number == number)
    }

    /// The listed diploma that a diploma is, or is measured against (R17).
    #[must_use]
    pub fn measured_against<'a>(&'a self, diploma: &'a Diploma) -> Option<&'a Diploma> {
        match &diploma.kind {
            DiplomaKind::Listed { .. } => Some(diploma),
            DiplomaKind::Unlisted { equivalent_to } | DiplomaKind::Foreign { equivalent_to } => {
                self.diploma(equivalent_to)
            }
        }
    }

    /// The table of mentions that a diploma has, or is measured against.
    #[must_use]
    pub fn mentions(&self, diploma: &str) -> Option<&Table> {
        match &self.measured_against(self.diploma(diploma)?)?.kind {
            DiplomaKind::Listed { mentions, .. } => self.table(*mentions),
            _ => None,
        }
    }

    /// What the tables say of a listed diploma and mention at a school: the table of titles first, since what it
    /// closes no mention opens, then the table of mentions. `None` if no row decides, that is for an unknown diploma
    /// or mention, or a diploma that is not listed itself.
    #[must_use]
    pub fn opening(&self, diploma: &str, mention: &str, school: &str) -> Option<Opening> {
        let DiplomaKind::Listed { title, mentions, .. } = &self.diploma(diploma)?.kind else { return None };
        if let Some(title) = title {
            let table = self.table(title.table)?;
            if !table.open(&title.row, school)? {
                return Some(Opening { open: false, table: table.source.clone(), row: title.row.clone() });
            }
        }
        let table = self.table(*mentions)?;
        let open = table.open(mention, school)?;
        Some(Opening { open, table: table.source.clone(), row: mention.to_owned() })
    }

    /// Whether any title of a filière is open at a school.
    #[must_use]
    pub fn filiere_open(&self, filiere: &str, school: &str) -> bool {
        self.diplomas.iter().filter(|d| d.filiere == filiere).any(|d| {
            let DiplomaKind::Listed { mentions, .. } = &d.kind else { return false };
            let rows = self.table(*mentions).map_or(&[][..], |t| &t.rows);
            rows.iter().any(|r| self.opening(&d.id, &r.label, school).is_some_and(|o| o.open))
        })
    }
}
