//! What is read: the candidate's view, the school's (no order in it, R14), the jury's, the other services'.

mod candidate;
mod contacts;
mod fiche_request;
mod jury;
mod piece;
mod school;

pub use candidate::{get_dossier, missing};
pub use contacts::{contact_of, find_by_name, look_alikes, names_of, search_names};
pub use fiche_request::fiche_request;
pub use jury::{list_dossiers, read_dossier};
pub use piece::{Content, get_piece};
pub use school::{dossier_for_school, dossiers_to_verify};

use platform::refusal::Refusal;

/// One page: what lies after `after`, at most `size`.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Number of the last line of the page before.
    pub after: u64,
    /// Lines.
    pub size: u32,
}

impl Page {
    /// A page as asked for on the wire; a size of 0 means `usual`.
    ///
    /// # Errors
    /// A token that no page gave, or more than `most`.
    pub fn parse(size: u32, token: &str, usual: u32, most: u32) -> Result<Self, Refusal> {
        if size > most {
            return Err(Refusal::invalid("PAGE_TOO_LARGE").field("page_size", format!("up to {most}")));
        }
        let after = if token.is_empty() { Ok(0) } else { token.parse() };
        let after = after.map_err(|_| Refusal::invalid("PAGE_TOKEN_INVALID").field("page_token", "not one of ours"))?;
        Ok(Self { after, size: if size == 0 { usual } else { size } })
    }

    /// One more line than the page, to learn whether another follows.
    fn wanted(self) -> (u64, i64) {
        (self.after, i64::from(self.size) + 1)
    }

    /// Cuts off the line too many, and says the next page's token.
    fn cut<T>(self, mut lines: Vec<T>, number: impl Fn(&T) -> u64) -> (Vec<T>, String) {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = lines.len() > size;
        lines.truncate(size);
        let token = lines.last().filter(|_| more).map(|l| number(l).to_string()).unwrap_or_default();
        (lines, token)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Page;

    #[test]
    fn pages_follow_each_other_and_end() {
        let all: Vec<u64> = (1..=7).collect();
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let page = Page::parse(3, &token, 50, 200).unwrap();
            let (after, wanted) = page.wanted();
            let lines = all.iter().copied().filter(|n| *n > after).take(usize::try_from(wanted).unwrap()).collect();
            let (lines, next) = page.cut(lines, |n| *n);
            assert!(lines.len() <= 3);
            seen.extend(lines);
            if next.is_empty() {
                break;
            }
            token = next;
        }
        assert_eq!(seen, all);
        assert!(Page::parse(201, "", 50, 200).is_err());
        assert!(Page::parse(0, "x", 50, 200).is_err());
        assert_eq!(Page::parse(0, "", 50, 200).unwrap().size, 50);
    }
}
