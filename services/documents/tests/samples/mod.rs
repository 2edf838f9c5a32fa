//! One of each document, with invented people.
#![allow(dead_code, clippy::expect_used, reason = "each target uses its own part; a test may fail")]

use documents::{
    Act, Actor, Annulment, Answer, AnswerReceipt, Candidate, Contact, Convocation, Correction, Decided, Decision,
    Determination, Exam, Minutes, Named, Outcome, Piece, Publication, Receipt, Seal, SeatTransfer, SignOff, Signatory,
    Supernumerary, Table, Venue,
};
use jiff::Zoned;
use jiff::civil::date;

pub fn at(local: &str) -> Zoned {
    format!("{local}[Europe/Paris]").parse().expect("a local time of Paris")
}

pub fn candidate() -> Candidate {
    Candidate {
        number: "000417".to_owned(),
        family_name: "Le Goff-Martínez".to_owned(),
        first_names: "Zoé Anaïs".to_owned(),
        birth_date: date(2004, 11, 1),
    }
}

pub fn seal() -> Seal {
    Seal {
        signed: "admis/receipt/1 2026 000417 2026-03-20T21:59:59.999Z 9f2b1c0d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b".to_owned(),
        signature: "k7Yt0b1mH0sJ5m2oP0x1fUq2yq8V3r4Zc6d9A7eB1nLw3XkTj5RgQhS8vIu4Oe2pNf6MzCa0WbDyEiKlGmHxDw==".to_owned(),
        key_id: "receipts-2026-1".to_owned(),
        verify_at: "https://admis.example/verify/9f2b1c0d8e7f6a5b".to_owned(),
    }
}

const SESSION: &str = "Admission sur titres, session 2026";
const DIGEST: &str = "9f2b1c0d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b";

pub fn receipt() -> Receipt {
    let piece = |label: &str, file: &str, size, minute: u32| Piece {
        label: label.to_owned(),
        file: file.to_owned(),
        size,
        sha256: format!("{minute:02x}{}", &DIGEST[2..]),
        deposited_at: at(&format!("2026-03-19T18:{minute:02}:07")),
    };
    Receipt {
        session: SESSION.to_owned(),
        candidate: candidate(),
        closed_at: at("2026-03-20T22:59:59.999"),
        schools: ["IMT Nord Europe", "IMT Mines Alès", "IMT Mines Albi"].map(str::to_owned).to_vec(),
        filiere: "Licence (L3)".to_owned(),
        title: "Licence, mention Physique, chimie".to_owned(),
        pieces: vec![
            piece("Pièce d’identité (recto verso)", "carte-identité.pdf", 1_245_003, 2),
            piece("Certificat de scolarité 2025-2026", "certificat.pdf", 88_412, 5),
            piece("Relevés de notes depuis le baccalauréat", "relevés L1 L2 L3.pdf", 3_904_110, 9),
            piece("Attestations de diplômes", "bac.jpg", 734_220, 14),
            piece(
                "Synoptique détaillé des années L1, L2 et L3 (cours suivis, volumes horaires, coefficients)",
                "synoptique.pdf",
                410_966,
                21,
            ),
            piece("Lettre de motivation", "lettre.pdf", 61_530, 33),
            piece("Curriculum vitæ", "cv_zoe.pdf", 978, 38),
        ],
        digest: DIGEST.to_owned(),
        seal: seal(),
    }
}

pub fn convocation() -> Convocation {
    let exam = |label: &str, from, to, room: &str, panel: &str| Exam {
        label: label.to_owned(),
        begins_at: at(from),
        ends_at: at(to),
        room: Some(room.to_owned()),
        panel: Some(panel.to_owned()),
    };
    Convocation {
        session: SESSION.to_owned(),
        candidate: candidate(),
        school: "IMT Nord Europe".to_owned(),
        venue: Venue::OnSite {
            address: ["Service admissions", "941 rue Charles Bourseul", "59508 DOUAI Cedex"]
                .map(str::to_owned)
                .to_vec(),
        },
        exams: vec![
            exam("Entretien avec le jury", "2026-05-19T09:30:00", "2026-05-19T09:55:00", "B 204", "Jury A"),
            exam("Anglais", "2026-05-19T10:20:00", "2026-05-19T10:35:00", "C 011", "Anglais 2"),
        ],
        bring: vec!["un exemplaire du curriculum vitæ.".to_owned()],
        contact: Contact {
            office: "Service admissions".to_owned(),
            phones: vec!["03 27 71 20 00".to_owned()],
            mail: "admissions@ecole.example".to_owned(),
        },
        issued_at: at("2026-04-09T16:00:00"),
    }
}

pub fn answer_receipt() -> AnswerReceipt {
    AnswerReceipt {
        session: SESSION.to_owned(),
        candidate: candidate(),
        answer: Answer::OuiMais,
        school: Some("IMT Mines Alès".to_owned()),
        period: 2,
        received_at: at("2026-06-09T21:12:44.310"),
        takes_effect_at: at("2026-06-10T23:00:00"),
        gives_up: vec!["IMT Mines Albi".to_owned()],
        actor: Actor::Mandate { name: "Yann Le Goff".to_owned() },
        seal: Some(seal()),
    }
}

const FAMILIES: [&str; 12] = [
    "Abadie",
    "Benhaddou",
    "Châtelain",
    "Dŭng",
    "Étienne",
    "Fournier",
    "Güler",
    "Hoarau",
    "Ibáñez",
    "Nguyễn",
    "Œuvrard",
    "Şahin",
];
const FIRST: [&str; 7] = ["Aïcha", "Bastien", "Chloé", "Dimitri", "Élodie", "Farid", "Hằng"];
const FILIERES: [&str; 3] = ["Licence (L3)", "BUT 3", "Master (M1)"];
const SCHOOLS: [&str; 3] = ["IMT Mines Albi", "IMT Mines Alès", "IMT Nord Europe"];

fn person(i: usize) -> Named {
    let name = |names: &[&str]| names[i % names.len()].to_owned();
    Named { number: format!("{:06}", 5100 + i), family_name: name(&FAMILIES), first_names: name(&FIRST) }
}

fn act(prepared: &str, confirmed: &str) -> Act {
    let signatory = |name: &str, capacity: &str, local| Signatory {
        name: name.to_owned(),
        capacity: capacity.to_owned(),
        at: at(local),
    };
    Act {
        prepared: signatory("Hélène Roussel", "membre du jury", prepared),
        confirmed: signatory("Pierre-Yves Castaing", "président du jury", confirmed),
        digest: DIGEST.to_owned(),
    }
}

pub fn admissibility(rows: usize) -> Minutes {
    let decision = |i: usize| {
        let admissible = !i.is_multiple_of(3);
        let found = Determination {
            school: SCHOOLS[0].to_owned(),
            recevable: false,
            reason: "Parcours sans cohérence avec la formation.".to_owned(),
        };
        Decision {
            candidate: person(i),
            filiere: FILIERES[i % 3].to_owned(),
            outcome: if admissible { Outcome::Admissible } else { Outcome::Rejected },
            schools: if admissible { SCHOOLS[i % 2..].iter().map(|s| (*s).to_owned()).collect() } else { vec![] },
            determinations: if i % 50 == 7 { vec![found] } else { vec![] },
            reason: if admissible {
                String::new()
            } else {
                "Résultats insuffisants dans les matières scientifiques.".to_owned()
            },
        }
    };
    Minutes {
        session: SESSION.to_owned(),
        commission: date(2026, 4, 8),
        decided: Decided::Admissibility { decisions: (0..rows).map(decision).collect() },
        sign_offs: vec![SignOff { act: act("2026-04-08T15:02:10.120", "2026-04-08T15:40:51.007"), signature: None }],
        publications: vec![Publication {
            act: act("2026-04-08T16:10:00", "2026-04-08T16:12:30"),
            visible_at: at("2026-04-09T16:00:00"),
        }],
        corrections: vec![],
        annulments: vec![],
    }
}

pub fn admission(ranked: usize) -> Minutes {
    let table = |cell: usize| Table {
        school: SCHOOLS[cell / 3].to_owned(),
        filiere: FILIERES[cell % 3].to_owned(),
        seats: 5 + (cell as u32 % 3) * 2,
        ranked: (0..if cell == 5 { 0 } else { ranked }).map(|i| person(i * 9 + cell)).collect(),
        tie_breaks: if cell == 1 {
            vec!["Rangs 3 et 4 : même total ; départagés par la note d’entretien.".to_owned()]
        } else {
            vec![]
        },
    };
    let moved = act("2026-06-05T09:00:00", "2026-06-05T09:00:00").confirmed;
    Minutes {
        session: SESSION.to_owned(),
        commission: date(2026, 5, 27),
        decided: Decided::Admission {
            tables: (0..8).map(table).collect(),
            transfers: vec![SeatTransfer {
                school: SCHOOLS[1].to_owned(),
                from_filiere: FILIERES[2].to_owned(),
                to_filiere: FILIERES[0].to_owned(),
                count: 2,
                from_period: 3,
                reason: "Aucun candidat classé en Master.".to_owned(),
                moved,
            }],
            supernumeraries: vec![Supernumerary {
                act: act("2026-06-08T10:00:00", "2026-06-08T10:20:00"),
                candidate: person(13),
                school: SCHOOLS[2].to_owned(),
                filiere: FILIERES[1].to_owned(),
                reason: "Note saisie pour un homonyme.".to_owned(),
            }],
        },
        sign_offs: [("2026-05-27T15:00:00", "2026-05-27T15:30:00"), ("2026-05-29T10:00:00", "2026-05-29T11:00:00")]
            .into_iter()
            .zip(1..)
            .map(|((prepared, confirmed), number)| SignOff { act: act(prepared, confirmed), signature: Some(number) })
            .collect(),
        publications: vec![Publication {
            act: act("2026-05-27T16:00:00", "2026-05-27T16:05:00"),
            visible_at: at("2026-05-28T14:00:00"),
        }],
        corrections: vec![Correction {
            act: act("2026-05-29T10:00:00", "2026-05-29T11:00:00"),
            subject: format!("{} – {}", SCHOOLS[0], FILIERES[1]),
            before: "005101 au rang 2, 005110 au rang 1".to_owned(),
            after: "005101 au rang 1, 005110 au rang 2".to_owned(),
            reason: "Deux lignes interverties à l’import.".to_owned(),
        }],
        annulments: vec![Annulment {
            act: act("2026-05-26T10:50:00", "2026-05-26T11:00:00"),
            candidate: person(800),
            reason: "Candidature à la même formation par une autre voie (§1.3).".to_owned(),
        }],
    }
}
