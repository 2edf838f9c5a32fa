//! The integration played again from the tables, the orders and what the people did: a second reading of R29 to R32.

use std::collections::BTreeMap;

use contracts::integration::{Answer, EliminationReason};

use crate::{
    matching::Market,
    play::{Stage, Story},
};

/// What one period must have brought.
#[derive(Debug, Default, Clone)]
pub struct Expected {
    /// School proposed or held, per candidate.
    pub placed: BTreeMap<String, String>,
    /// Who is eliminated at the close, and why.
    pub eliminated: BTreeMap<String, EliminationReason>,
}

#[derive(Debug, Clone)]
struct Player {
    filiere: String,
    /// Schools still open that are better than the one held, best first.
    open: Vec<String>,
    held: Option<String>,
    /// OUI DÉFINITIF.
    settled: bool,
    out: bool,
}

/// Plays all periods.
pub fn replay(stage: &Stage<'_>, story: &Story) -> Vec<Expected> {
    let mut players: BTreeMap<String, Player> = BTreeMap::new();
    for who in stage.cast {
        let id = who.id.to_string();
        let on_table = |school: &String| {
            story.tables.get(&(school.clone(), who.filiere.clone())).is_some_and(|table| table.contains(&id))
        };
        let open: Vec<String> = story.orders.get(&id).into_iter().flatten().filter(|s| on_table(s)).cloned().collect();
        if !open.is_empty() {
            players.insert(id, Player { filiere: who.filiere.clone(), open, held: None, settled: false, out: false });
        }
    }
    let last = story.periods.len();
    let mut all = Vec::new();
    for (n, period) in story.periods.iter().enumerate() {
        // The annulment of this campaign falls between the second close and the third opening.
        if n == 2 {
            for id in &story.annulled {
                if let Some(player) = players.get_mut(id) {
                    player.out = true;
                }
            }
        }
        let before: BTreeMap<String, Option<String>> =
            players.iter().map(|(id, p)| (id.clone(), p.held.clone())).collect();
        let mut expected = Expected { placed: open_period(stage, story, n, &players), ..Expected::default() };
        for (id, player) in players.iter_mut().filter(|(_, p)| !p.out) {
            let placed = expected.placed.get(id).cloned();
            let new = placed.is_some() && placed != before.get(id).cloned().flatten();
            let answer = period.answers.get(id).map(|a| a.answer);
            let close = Close {
                placed,
                new,
                answer,
                seen: period.seen.contains(id),
                resigned: period.resigned.contains(id),
                last: n + 1 == last,
            };
            if let Some(reason) = player.close(&close) {
                expected.eliminated.insert(id.clone(), reason);
            }
        }
        all.push(expected);
    }
    all
}

fn open_period(
    stage: &Stage<'_>,
    story: &Story,
    n: usize,
    players: &BTreeMap<String, Player>,
) -> BTreeMap<String, String> {
    let seats = story.seats.get(n).or(story.seats.last()).cloned().unwrap_or_default();
    let mut placed = BTreeMap::new();
    for filiere in &stage.session().filieres {
        let mut market = Market::default();
        for school in &stage.session().schools {
            let cell = (school.id.clone(), filiere.id.clone());
            market.seats.insert(school.id.clone(), seats.get(&cell).copied().unwrap_or(0) as usize);
            market.tables.insert(school.id.clone(), story.tables.get(&cell).cloned().unwrap_or_default());
        }
        for (id, player) in players.iter().filter(|(_, p)| !p.out && p.filiere == filiere.id) {
            let better = if player.settled { &[] } else { player.open.as_slice() };
            market.wishes.insert(id.clone(), better.iter().chain(&player.held).cloned().collect());
        }
        placed.extend(market.solve());
    }
    placed
}

struct Close {
    placed: Option<String>,
    new: bool,
    answer: Option<Answer>,
    seen: bool,
    resigned: bool,
    last: bool,
}

impl Player {
    /// What the close of a period makes of the player (R30, R31).
    fn close(&mut self, close: &Close) -> Option<EliminationReason> {
        if close.resigned || (close.last && close.answer == Some(Answer::NonMais)) {
            self.out = true;
            return None;
        }
        if self.settled {
            return None;
        }
        if !close.seen {
            self.out = true;
            return Some(EliminationReason::NoLogin);
        }
        let school = close.placed.clone()?;
        if close.new && close.answer.is_none() {
            self.out = true;
            return Some(EliminationReason::NoAnswer);
        }
        let better: Vec<String> = self.open.iter().take_while(|s| **s != school).cloned().collect();
        match close.answer {
            Some(Answer::OuiDefinitif) => {
                self.settled = true;
                (self.open, self.held) = (Vec::new(), Some(school));
            }
            Some(Answer::NonMais) => (self.open, self.held) = (better, None),
            // OUI MAIS, or a held seat that was only looked at.
            _ => (self.open, self.held) = (better, Some(school)),
        }
        None
    }
}
