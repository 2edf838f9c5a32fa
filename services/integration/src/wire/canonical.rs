//! A computation's inputs and outputs as bytes: JSON with sorted keys and no spaces, the same for the same computation
//! at any time (R38).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::{
    computation::{FiliereInput, PeriodInput, PeriodOutput, Runner},
    ids::{DossierId, FiliereId, SchoolId},
};

// Fields stand in the order of their names: that is the order in which they are written.

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    filieres: BTreeMap<String, FiliereInputs>,
    period: u32,
    signature: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FiliereInputs {
    runners: BTreeMap<Uuid, RunnerInputs>,
    seats: BTreeMap<String, u32>,
    supernumerary: Vec<(Uuid, String)>,
    tables: BTreeMap<String, Vec<Uuid>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunnerInputs {
    held: Option<String>,
    open: Vec<String>,
}

#[derive(Serialize)]
struct Outputs<'a> {
    filieres: BTreeMap<&'a str, FiliereOutputs<'a>>,
    period: u32,
}

#[derive(Serialize)]
struct FiliereOutputs<'a> {
    cells: BTreeMap<&'a str, CellOutputs>,
    proposals: Vec<(Uuid, &'a str)>,
}

#[derive(Serialize)]
struct CellOutputs {
    last_called: u32,
    seats: u32,
    taken: u32,
}

/// The inputs of a computation, written.
///
/// # Errors
/// None in practice: every value has a JSON form.
pub fn write_inputs(input: &PeriodInput) -> serde_json::Result<String> {
    let filieres = input.filieres.iter().map(|(filiere, input)| {
        let runner = |runner: &Runner| RunnerInputs {
            held: runner.held.as_ref().map(|school| school.0.clone()),
            open: runner.open.iter().map(|school| school.0.clone()).collect(),
        };
        let inputs = FiliereInputs {
            runners: input.runners.iter().map(|(dossier, one)| (dossier.0, runner(one))).collect(),
            seats: input.seats.iter().map(|(school, seats)| (school.0.clone(), *seats)).collect(),
            supernumerary: input.supernumerary.iter().map(|(dossier, school)| (dossier.0, school.0.clone())).collect(),
            tables: (input.tables.iter())
                .map(|(school, table)| (school.0.clone(), table.iter().map(|dossier| dossier.0).collect()))
                .collect(),
        };
        (filiere.0.clone(), inputs)
    });
    let inputs = Inputs { filieres: filieres.collect(), period: input.period, signature: input.signature };
    serde_json::to_string(&inputs)
}

/// The inputs of a computation, read back.
///
/// # Errors
/// These are not the bytes of [`write_inputs`].
pub fn read_inputs(text: &str) -> serde_json::Result<PeriodInput> {
    let inputs: Inputs = serde_json::from_str(text)?;
    let filieres = inputs.filieres.into_iter().map(|(filiere, inputs)| {
        let runner = |runner: RunnerInputs| Runner {
            open: runner.open.into_iter().map(SchoolId).collect(),
            held: runner.held.map(SchoolId),
        };
        let input = FiliereInput {
            seats: inputs.seats.into_iter().map(|(school, seats)| (SchoolId(school), seats)).collect(),
            tables: (inputs.tables.into_iter())
                .map(|(school, table)| (SchoolId(school), table.into_iter().map(DossierId).collect()))
                .collect(),
            supernumerary: (inputs.supernumerary.into_iter())
                .map(|(dossier, school)| (DossierId(dossier), SchoolId(school)))
                .collect(),
            runners: inputs.runners.into_iter().map(|(dossier, one)| (DossierId(dossier), runner(one))).collect(),
        };
        (FiliereId(filiere), input)
    });
    Ok(PeriodInput { filieres: filieres.collect(), period: inputs.period, signature: inputs.signature })
}

/// The outputs of a computation, written.
///
/// # Errors
/// None in practice: every value has a JSON form.
pub fn write_outputs(output: &PeriodOutput) -> serde_json::Result<String> {
    let filieres = output.filieres.iter().map(|(filiere, output)| {
        let cells = output.cells.iter().map(|(school, cell)| {
            let cell = CellOutputs { last_called: cell.last_called, seats: cell.seats, taken: cell.taken };
            (school.0.as_str(), cell)
        });
        let proposals = output.proposals.iter().map(|(dossier, school)| (dossier.0, school.0.as_str()));
        (filiere.0.as_str(), FiliereOutputs { cells: cells.collect(), proposals: proposals.collect() })
    });
    serde_json::to_string(&Outputs { filieres: filieres.collect(), period: output.period })
}

/// SHA-256, hex.
#[must_use]
pub fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::computation::{FiliereOutput, compute};

    fn input() -> PeriodInput {
        let (one, two) = (DossierId(Uuid::from_u128(1)), DossierId(Uuid::from_u128(2)));
        let filiere = FiliereInput {
            seats: [("b".into(), 1), ("a".into(), 2)].into(),
            tables: [("b".into(), vec![two, one]), ("a".into(), vec![one])].into(),
            supernumerary: [(two, "b".into())].into(),
            runners: [
                (one, Runner { open: vec!["b".into(), "a".into()], held: Some("a".into()) }),
                (two, Runner { open: vec!["b".into()], held: None }),
            ]
            .into(),
        };
        PeriodInput { period: 2, signature: 7, filieres: [("L3".into(), filiere)].into() }
    }

    #[test]
    fn inputs_come_back_and_are_the_same_bytes_again() {
        let text = write_inputs(&input()).unwrap();
        assert!(
            text.starts_with(r#"{"filieres":{"L3":{"runners":{"00000000-0000-0000-0000-000000000001":{"held":"a","#)
        );
        let again = read_inputs(&text).unwrap();
        assert_eq!(again, input());
        assert_eq!(write_inputs(&again).unwrap(), text);
        assert!(read_inputs(&text.replace("period", "perhaps")).is_err());
    }

    #[test]
    fn keys_are_sorted_all_the_way_down() {
        let text = write_outputs(&compute(&input()).unwrap()).unwrap();
        let sorted: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&sorted).unwrap(), text);
        let empty = PeriodOutput { period: 1, filieres: [("L3".into(), FiliereOutput::default())].into() };
        assert_eq!(write_outputs(&empty).unwrap(), r#"{"filieres":{"L3":{"cells":{},"proposals":[]}},"period":1}"#);
        assert_eq!(digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
