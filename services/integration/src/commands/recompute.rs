//! Computes a period again from what is stored (R38): the same bytes, and the checker's word on them.

use contracts::machinery::Reason;
use sqlx::PgConnection;

use super::Fault;
use crate::{
    domain::{checker, computation::compute},
    store::computations::{self, Stored},
    wire::{canonical, reasons},
};

/// What became of it.
#[derive(Debug, Clone)]
pub struct Recomputed {
    /// What is stored.
    pub stored: Stored,
    /// Digest of what came out this time; empty if nothing did.
    pub outputs_digest: String,
    /// The bytes are the same.
    pub identical: bool,
    /// What the checker says of them.
    pub objections: Vec<Reason>,
}

/// Computes a period again. `None`: it was never computed.
///
/// # Errors
/// The database does not answer, or what is stored is not a computation.
pub async fn recompute(conn: &mut PgConnection, number: u32) -> Result<Option<Recomputed>, Fault> {
    let Some(stored) = computations::stored(conn, number).await? else { return Ok(None) };
    let input = canonical::read_inputs(&stored.inputs)?;
    let recomputed = match compute(&input) {
        Ok(output) => {
            let outputs = canonical::write_outputs(&output)?;
            Recomputed {
                outputs_digest: canonical::digest(&outputs),
                identical: outputs == stored.outputs && canonical::write_inputs(&input)? == stored.inputs,
                objections: checker::check(&input, &output).iter().map(reasons::objection).collect(),
                stored,
            }
        }
        Err(unusable) => Recomputed {
            outputs_digest: String::new(),
            identical: false,
            objections: vec![reasons::not_computable(&unusable)],
            stored,
        },
    };
    Ok(Some(recomputed))
}
