//! The session itself, its schools, and whom they recruit by themselves.

use jiff::tz::TimeZone;

use super::{
    Names,
    reader::{At, Node, Report, all},
};
use crate::{
    account,
    schools::{Account, LocalRecruitment, School},
    session::Label,
};

/// `[session]`.
pub(super) struct Head {
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) zone: Option<(TimeZone, String)>,
    pub(super) currency: Option<String>,
    pub(super) sites: Option<Vec<String>>,
    pub(super) source: Option<String>,
}

pub(super) fn head(root: &Node<'_>, report: &Report<'_>) -> Option<Head> {
    let node = root.node("session")?;
    let zone = node.text("zone").and_then(|z| {
        z.check(report, |name| match TimeZone::get(name) {
            Ok(zone) => Ok((zone, name.clone())),
            Err(_) => Err(format!("`{name}` is not a time zone of the IANA database, e.g. `Europe/Paris`")),
        })
    });
    let currency = node.text("currency").and_then(|c| {
        c.check(report, |code| {
            let shaped = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
            shaped
                .then(|| code.clone())
                .ok_or_else(|| format!("`{code}` is not a currency code of ISO 4217, e.g. `EUR`"))
        })
    });
    let id = super::Declared::new("session").declare(report, node.text("id"));
    Some(Head {
        id,
        title: node.text("title").map(|t| t.value),
        zone: zone.map(|z| z.value),
        currency: currency.map(|c| c.value),
        sites: node.texts("sites").and_then(|s| all(s.into_iter().map(|s| web(report, s)))),
        source: node.source(),
    })
}

/// A text in both languages.
pub(super) fn label(node: &Node<'_>, key: &'static str) -> Option<Label> {
    let node = node.node(key)?;
    let (fr, en) = (node.text("fr"), node.text("en"));
    Some(Label { fr: fr?.value, en: en?.value })
}

fn web(report: &Report<'_>, at: At<String>) -> Option<String> {
    let address = at.check(report, |address| {
        let shaped =
            ["https://", "http://"].iter().any(|s| address.strip_prefix(s).is_some_and(|rest| rest.contains('.')))
                && !address.contains(char::is_whitespace);
        shaped.then(|| address.clone()).ok_or_else(|| format!("`{address}` is not a web address"))
    })?;
    Some(address.value)
}

fn mail(report: &Report<'_>, at: At<String>) -> Option<String> {
    let address = at.check(report, |address| {
        let shaped = address.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty() && domain.contains('.') && !domain.contains('@') && !domain.starts_with('.')
        }) && !address.contains(char::is_whitespace);
        shaped.then(|| address.clone()).ok_or_else(|| format!("`{address}` is not a mail address"))
    })?;
    Some(address.value)
}

fn plain(texts: Vec<At<String>>) -> Vec<String> {
    texts.into_iter().map(|t| t.value).collect()
}

/// `[[schools]]`.
pub(super) fn schools(root: &Node<'_>, report: &Report<'_>, names: &mut Names) -> Option<Vec<School>> {
    let nodes = root.some_nodes("schools");
    let empty = nodes.is_empty();
    let schools = all(nodes.iter().map(|node| {
        let id = node.text("id").and_then(|id| {
            // An id is a token of event subjects.
            id.check(report, |id| {
                let shaped = !id.contains(|c: char| c.is_ascii_uppercase() || c == '_');
                shaped
                    .then(|| id.clone())
                    .ok_or_else(|| format!("`{id}` is not a school's id: lower case letters, digits and `-`"))
            })
        });
        let id = names.schools.declare(report, id);
        let (name, office) = (node.text("name"), node.text("office"));
        let (address, phone, fax) = (node.texts("address"), node.texts("phone"), node.optional_text("fax"));
        let mail = node.text("mail").and_then(|m| mail(report, m));
        let web = node.text("web").and_then(|w| web(report, w));
        let account = node.node("account").and_then(|n| account(&n, report));
        let source = node.source();
        Some(School {
            id: id?,
            name: name?.value,
            office: office?.value,
            address: plain(address?),
            phone: plain(phone?),
            fax: fax?.map(|f| f.value),
            mail: mail?,
            web: web?,
            account: account?,
            source: source?,
        })
    }))?;
    if empty { None } else { Some(schools) }
}

fn account(node: &Node<'_>, report: &Report<'_>) -> Option<Account> {
    let iban = node.text("iban").and_then(|i| i.check(report, |i| account::iban(i)));
    let bic = node.text("bic").and_then(|b| b.check(report, |b| account::bic(b)));
    let (holder, source) = (node.text("holder"), node.source());
    Some(Account { iban: iban?.value, bic: bic?.value, holder: holder?.value, source: source? })
}

/// `[[local_recruitment]]`, which may be absent.
pub(super) fn local_recruitment(root: &Node<'_>, report: &Report<'_>, names: &Names) -> Option<Vec<LocalRecruitment>> {
    let mut ids = super::Declared::new("local recruitment");
    all(root.nodes("local_recruitment").iter().map(|node| {
        let id = ids.declare(report, node.text("id"));
        let school = match node.optional_text("school") {
            Some(Some(school)) => names.schools.known(report, school).map(Some),
            other => other.map(|_| None),
        };
        let (public, contact, source) = (label(node, "public"), node.text("contact"), node.source());
        Some(LocalRecruitment { id: id?, school: school?, public: public?, contact: contact?.value, source: source? })
    }))
}
