//! Receipts, convocations and minutes as tagged PDF.
