//! Fees of the school's candidates (R20 to R23): who owes what, exemptions, money by another means, refunds.

use contracts::payments as wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::dossiers::OfDossier;
use crate::api::{
    Call, Trouble,
    cursor::{Cursor, Limit, Page},
    input::{None_, params},
    operation::Operations,
    scope::Scope,
    types::{Cents, Text, words},
};

pub fn operations() -> Operations {
    let (read, write) = (Some(Scope::FeesRead), Some(Scope::FeesWrite));
    Operations::default()
        .list("listFees", "/fees", read, list)
        .get("getFee", "/fees/{dossier_id}", read, one)
        .post("recordPayment", "/fees/{dossier_id}/payments", write, payment)
        .post("recordRefund", "/fees/{dossier_id}/refunds", write, refund)
        .post("decideExemption", "/fees/{dossier_id}/exemption", Some(Scope::ExemptionsWrite), exemption)
}

words! {
    /// Where a fee stands.
    FeeStatus of wire::FeeStatus {
        Due, Declared, Settled, Exempt, ExemptionRequested, ExemptionRefused, Short, Over, Refunded, NotOwed,
    }
}

/// A fee of a list.
#[derive(Debug, Serialize, ToSchema)]
struct ListedFee {
    dossier_id: String,
    number: u64,
    /// The platform's payment reference (R21).
    reference: String,
    status: Option<FeeStatus>,
    due_cents: i64,
    /// Net of returns and refunds, at the payee.
    received_cents: i64,
    /// What this school holds of it.
    held_cents: i64,
    /// Refunds that this school ordered and that no statement has shown leaving.
    refunds_ordered_cents: i64,
    /// From clôture on.
    payee_school: Option<String>,
    /// An exemption was asked for and nobody has decided.
    exemption_waiting: bool,
    attestation_piece_id: Option<String>,
}

/// Which fees.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    #[param(inline, required = false)]
    cursor: Option<Cursor>,
    #[serde(default)]
    #[param(inline, required = false)]
    limit: Limit,
    /// Only with this status.
    #[param(inline, required = false)]
    status: Option<FeeStatus>,
    /// Only those with an exemption to decide.
    #[serde(default)]
    #[param(required = false)]
    exemption_waiting: bool,
}
params!(Which);

async fn list(call: Call, _: None_, which: Which) -> Result<Page<ListedFee>, Trouble> {
    let asked = wire::ListFeesRequest {
        school: call.school(),
        statuses: which.status.into_iter().map(|s| wire::FeeStatus::from(s).into()).collect(),
        exemption_waiting_only: which.exemption_waiting,
        text: String::new(),
        page_size: which.limit.0,
        page_token: which.cursor.map(|c| c.place(&call)).transpose()?.unwrap_or_default(),
    };
    let listed = call.payments().list_fees(asked).await?.into_inner();
    let items = listed.fees.into_iter().map(|f| ListedFee {
        status: FeeStatus::of(f.status()),
        payee_school: Some(f.payee_school).filter(|s| !s.is_empty()),
        attestation_piece_id: Some(f.attestation_piece_id).filter(|id| !id.is_empty()),
        dossier_id: f.dossier_id,
        number: f.number,
        reference: f.reference,
        due_cents: f.due_cents,
        received_cents: f.received_cents,
        held_cents: f.held_cents,
        refunds_ordered_cents: f.refunds_ordered_cents,
        exemption_waiting: f.exemption_waiting,
    });
    Ok(Page::of(&call, items.collect(), &listed.next_page_token))
}

/// The fee of one candidate.
#[derive(Debug, Serialize, ToSchema)]
struct Fee {
    dossier_id: String,
    status: Option<FeeStatus>,
    payee_school: Option<String>,
    /// Fixed at clôture.
    payee_fixed: bool,
    due_cents: i64,
    /// Net of returns and refunds, at the payee.
    received_cents: i64,
    /// Money of this candidate on the accounts of other schools (R22).
    held_elsewhere: Vec<Holding>,
    /// ISO 4217.
    currency: String,
    /// The platform's payment reference (R21).
    reference: String,
    /// Grows with each change.
    version: u64,
}

/// Money at a school.
#[derive(Debug, Serialize, ToSchema)]
struct Holding {
    school: String,
    cents: i64,
}

impl From<wire::Fee> for Fee {
    fn from(f: wire::Fee) -> Self {
        Self {
            status: FeeStatus::of(f.status()),
            payee_school: Some(f.payee_school).filter(|s| !s.is_empty()),
            held_elsewhere: f
                .held_elsewhere
                .into_iter()
                .map(|h| Holding { school: h.school, cents: h.cents })
                .collect(),
            dossier_id: f.dossier_id,
            payee_fixed: f.payee_fixed,
            due_cents: f.due_cents,
            received_cents: f.received_cents,
            currency: f.currency,
            reference: f.reference,
            version: f.version,
        }
    }
}

async fn one(call: Call, of: OfDossier, _: None_) -> Result<Fee, Trouble> {
    let asked = wire::GetFeeRequest { dossier_id: of.dossier_id.to_string(), school: String::new() };
    Ok(call.payments().get_fee(asked).await?.into_inner().into())
}

/// Money that the payee took by another means than a transfer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Payment {
    cents: Cents,
    /// E.g. `chèque 4411`.
    means: Text<500>,
    /// The school's own receipt number: the same one again changes nothing.
    receipt: Text<80>,
}

async fn payment(call: Call, of: OfDossier, body: Payment, _: String) -> Result<Fee, Trouble> {
    let asked = wire::RecordOtherMeansRequest {
        dossier_id: of.dossier_id.to_string(),
        cents: body.cents.0,
        means: body.means.0,
        receipt: body.receipt.0,
    };
    Ok(call.payments().record_other_means(asked).await?.into_inner().into())
}

/// Money ordered back to the candidate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refund {
    cents: Cents,
    reason: Text<500>,
    /// The school's own number of the order: the same one again changes nothing.
    receipt: Text<80>,
}

async fn refund(call: Call, of: OfDossier, body: Refund, _: String) -> Result<Fee, Trouble> {
    let asked = wire::RecordRefundRequest {
        dossier_id: of.dossier_id.to_string(),
        cents: body.cents.0,
        reason: body.reason.0,
        receipt: body.receipt.0,
    };
    Ok(call.payments().record_refund(asked).await?.into_inner().into())
}

/// What was decided of an exemption.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "decision", rename_all = "snake_case", deny_unknown_fields)]
enum Exemption {
    Accepted {},
    Refused { reason: Text<500> },
}

async fn exemption(call: Call, of: OfDossier, body: Exemption, _: String) -> Result<Fee, Trouble> {
    let (accept, reason) = match body {
        Exemption::Accepted {} => (true, String::new()),
        Exemption::Refused { reason } => (false, reason.0),
    };
    let asked = wire::DecideExemptionRequest { dossier_id: of.dossier_id.to_string(), accept, reason };
    Ok(call.payments().decide_exemption(asked).await?.into_inner().into())
}
