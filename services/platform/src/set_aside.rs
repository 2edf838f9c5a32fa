//! set_aside
