//! Why a candidate has what they have (R37): their rank, the seats, the last rank called. Nobody else appears in it.

use std::collections::BTreeMap;

use super::{
    candidature::{Candidature, Standing},
    computation::Cell,
    ids::SchoolId,
};

/// What decided at one school.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Proposed in this period.
    Proposed,
    /// Held from an earlier answer.
    Held,
    /// A school ordered before this one is proposed or held.
    BetterObtained,
    /// Every seat went to a better rank.
    RankNotReached,
    /// Not on this school's table.
    NotOnTable,
    /// Given up by an earlier answer.
    GivenUp,
    /// No longer in the running.
    Out,
}

/// One school, in a candidate's explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchoolExplanation {
    /// The school.
    pub school: SchoolId,
    /// 1-based rank on its table, if on it.
    pub rank: Option<u32>,
    /// Seats and last rank called in the last computation that opened.
    pub cell: Cell,
    /// What decided.
    pub why: Why,
}

/// Explains each chosen school, in the candidate's order, by the cells of the last computation that opened.
#[must_use]
pub fn explain(candidature: &Candidature, cells: &BTreeMap<SchoolId, Cell>) -> Vec<SchoolExplanation> {
    let seat = candidature.standing.seat();
    let mut obtained = false;
    (candidature.choices.iter())
        .map(|choice| {
            let here = Some(&choice.school) == seat;
            let why = match &candidature.standing {
                Standing::Proposed(_) if here => Why::Proposed,
                _ if here => Why::Held,
                _ if choice.rank.is_none() && !choice.supernumerary => Why::NotOnTable,
                standing if standing.is_out() => Why::Out,
                _ if choice.given_up => Why::GivenUp,
                _ if obtained => Why::BetterObtained,
                _ => Why::RankNotReached,
            };
            obtained |= here;
            let cell = cells.get(&choice.school).copied().unwrap_or_default();
            SchoolExplanation { school: choice.school.clone(), rank: choice.rank, cell, why }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{
        super::{
            candidature::{Choice, Reason},
            ids::DossierId,
        },
        *,
    };

    fn whys(standing: Standing) -> Vec<Why> {
        let choice =
            |school: &str, rank, given_up| Choice { school: school.into(), rank, given_up, supernumerary: false };
        let choices = vec![
            choice("a", Some(9), false),
            choice("b", None, false),
            choice("c", Some(2), false),
            choice("d", Some(1), true),
            choice("e", Some(1), false),
        ];
        let candidature = Candidature { dossier: DossierId(Uuid::nil()), choices, standing };
        let cells = [("a".into(), Cell { seats: 3, taken: 3, last_called: 8 })].into();
        let explained = explain(&candidature, &cells);
        assert_eq!(explained[0].cell.last_called, 8);
        assert_eq!(explained[1].cell, Cell::default());
        explained.into_iter().map(|school| school.why).collect()
    }

    #[test]
    fn each_school_has_the_reason_that_decided_there() {
        use Why::{BetterObtained, GivenUp, Held, NotOnTable, Out, Proposed, RankNotReached};
        let proposed = [RankNotReached, NotOnTable, Proposed, GivenUp, BetterObtained];
        assert_eq!(whys(Standing::Proposed("c".into())), proposed);
        assert_eq!(whys(Standing::Accepted("c".into()))[2], Held);
        let waiting = [RankNotReached, NotOnTable, RankNotReached, GivenUp, RankNotReached];
        assert_eq!(whys(Standing::Waiting), waiting);
        let out = [Out, NotOnTable, Out, Out, Out];
        assert_eq!(whys(Standing::Eliminated(Reason::NoLogin)), out);
    }
}
