//! What the jury found, and who may see it when (R17, R19).

/// Who asks about a dossier they may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// The jury: it made the decisions.
    Jury,
    /// The candidate, or staff of a school applied to.
    Other,
}

/// Whether `viewer` may see what the jury determined: everyone else only once the admissibility results are out.
#[must_use]
pub const fn visible(viewer: Viewer, results_out: bool) -> bool {
    matches!(viewer, Viewer::Jury) || results_out
}

#[cfg(test)]
mod tests {
    use super::{Viewer, visible};

    #[test]
    fn only_the_jury_sees_before_the_results() {
        assert!(visible(Viewer::Jury, false));
        assert!(!visible(Viewer::Other, false));
        assert!(visible(Viewer::Other, true));
    }
}
