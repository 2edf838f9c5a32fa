//! The frame around each step: where it stands among the others, and why nothing can be changed any more.

use contracts::intake::{DossierState, MissingReply, MissingThing};
use maud::{Markup, html};
use notice::{Depositor, Session};

use super::{Mine, START};
use crate::{
    i18n::Tr,
    pages::public::calendar,
    ui::{self, Tone},
    web::Visit,
};

/// A step of the dossier, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Who the candidate is.
    Identity,
    /// What they studied.
    Studies,
    /// Their title.
    Title,
    /// The order of schools.
    Order,
    /// The pieces.
    Pieces,
    /// The fiche d'appréciation, or what stands for it.
    Fiche,
    /// The fee.
    Fee,
    /// Looking at all of it, and the clôture.
    Review,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Identity, Self::Studies, Self::Title, Self::Order, Self::Pieces, Self::Fiche, Self::Fee, Self::Review];

    /// Its address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Identity => "/candidat/dossier/identite",
            Self::Studies => "/candidat/dossier/etudes",
            Self::Title => "/candidat/dossier/titre",
            Self::Order => "/candidat/dossier/ordre",
            Self::Pieces => "/candidat/dossier/pieces",
            Self::Fiche => "/candidat/dossier/fiche",
            Self::Fee => "/candidat/dossier/frais",
            Self::Review => "/candidat/dossier/verification",
        }
    }

    /// What it is called.
    pub fn name(self, t: Tr) -> String {
        match self {
            Self::Identity => t.get("step-identity"),
            Self::Studies => t.get("step-studies"),
            Self::Title => t.get("step-title"),
            Self::Order => t.get("step-order"),
            Self::Pieces => t.get("step-pieces"),
            Self::Fiche => t.get("step-fiche"),
            Self::Fee => t.get("step-fee"),
            Self::Review => t.get("step-review"),
        }
    }

    /// The one after it; the last stays.
    pub fn next(self) -> Self {
        Self::ALL.into_iter().find(|s| *s > self).unwrap_or(Self::Review)
    }

    /// The step at which a missing thing is made good (R12).
    pub fn of(thing: &MissingThing, session: &Session) -> Self {
        let by_referee = |id: &String| session.piece(id).is_some_and(|p| p.by == Depositor::Referee);
        match thing.what.as_str() {
            "studies" => Self::Studies,
            "title" => Self::Title,
            "order" => Self::Order,
            "piece" if thing.any_of.iter().any(by_referee) => Self::Fiche,
            "piece" => Self::Pieces,
            "fee" | "attestation" => Self::Fee,
            _ => Self::Identity,
        }
    }
}

/// A missing thing in the reader's language.
pub fn missing(visit: &Visit, thing: &MissingThing) -> String {
    let t = visit.t;
    let pieces: Vec<&str> = thing.any_of.iter().map(|id| visit.piece_name(id)).collect();
    match thing.what.as_str() {
        "studies" => t.get("missing-studies"),
        "title" => t.get("missing-title"),
        "order" => t.get("missing-order"),
        "fee" => t.get("missing-fee"),
        "attestation" => t.get("missing-attestation"),
        "piece" => pieces.join(&format!(" {} ", t.get("missing-or"))),
        _ => thing.label.clone(),
    }
}

/// The steps as a list with their state; nothing is said of the last, which is not a thing to fill in.
pub fn overview(visit: &Visit, reply: &MissingReply) -> Markup {
    let t = visit.t;
    let session = &visit.app.session;
    html! {
        ol class="steps" {
            @for step in Step::ALL {
                @let lacks = reply.things.iter().filter(|thing| Step::of(thing, session) == step).count();
                li {
                    a href=(step.path()) { (step.name(t)) }
                    @if step == Step::Review {
                        @if reply.things.is_empty() { (ui::badge(Tone::Good, &t.get("step-ready"))) }
                    } @else if lacks == 0 {
                        (ui::badge(Tone::Good, &t.get("step-done")))
                    } @else {
                        (ui::badge(Tone::Warn, &t.with("step-lacks", [("n", lacks.into())])))
                    }
                }
            }
        }
    }
}

/// A step's page: the others around it, and a plain word when nothing can be changed.
pub fn page(visit: &Visit, mine: &Mine, step: Step, scripts: &[&str], body: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        nav aria-label=(t.get("dossier-steps")) { ul class="step-nav" {
            li { a href=(START) { (t.get("dossier-all-steps")) } }
            @for s in Step::ALL { li { a href=(s.path()) aria-current=[(s == step).then_some("step")] { (s.name(t)) } } }
        } }
        (frozen(visit, mine))
        (body)
    };
    ui::page(visit, &step.name(t), scripts, body)
}

/// Until when everything can be changed; or that it cannot any more, and why (R12, R13).
pub fn frozen(visit: &Visit, mine: &Mine) -> Markup {
    let t = visit.t;
    let closes = t.instant(mine.closes, &visit.app.session.zone);
    let d = &mine.dossier;
    match d.state() {
        DossierState::Closed => {
            let at = visit.exact(d.receipt.as_ref().and_then(|r| r.closed_at));
            html! {
                (ui::alert(Tone::Info, &t.get("frozen-closed"), html! {
                    p { (t.with("frozen-closed-text", [("at", at.into())])) }
                    p { a href="/candidat/dossier/verification" { (t.get("frozen-receipt")) } }
                }))
                @if let Some(at) = d.annulled_at {
                    (ui::alert(Tone::Bad, &t.get("frozen-annulled"), html! { p { (t.with("frozen-annulled-text", [("at", visit.instant(at).into())])) } }))
                }
            }
        }
        DossierState::Abandoned => {
            let at = visit.instant(d.ended_at);
            ui::alert(
                Tone::Warn,
                &t.get("frozen-abandoned"),
                html! { p { (t.with("frozen-abandoned-text", [("at", at.into())])) } },
            )
        }
        _ if mine.editable(visit.now) => html! {
            p class="hint" { (t.with("dossier-until", [("at", closes.into())])) " " (calendar::left(visit, mine.closes)) }
        },
        _ => ui::alert(
            Tone::Warn,
            &t.get("frozen-not-closed"),
            html! { p { (t.with("frozen-not-closed-text", [("at", closes.into())])) } },
        ),
    }
}

/// The buttons under a step's form.
pub fn go_on(visit: &Visit, step: Step) -> Markup {
    html! {
        div class="actions" {
            (ui::button(&visit.t.get("save-and-go-on")))
            a href=(step.next().path()) { (visit.t.get("go-on-without")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_thing_leads_to_its_step() {
        let (session, _) = Session::parse(crate::pages::SAMPLE_SESSION).unwrap();
        let of = |what: &str, any_of: &[&str]| {
            let any_of = any_of.iter().map(|id| (*id).to_owned()).collect();
            Step::of(&MissingThing { what: what.into(), any_of, ..MissingThing::default() }, &session)
        };
        assert_eq!(of("studies", &[]), Step::Studies);
        assert_eq!(of("piece", &["identity"]), Step::Pieces);
        assert_eq!(of("piece", &["fiche_appreciation", "fiche_poursuite_etudes"]), Step::Fiche);
        assert_eq!(of("attestation", &["crous_attestation"]), Step::Fee);
        assert_eq!(Step::Fee.next(), Step::Review);
        assert_eq!(Step::Review.next(), Step::Review);
    }
}
