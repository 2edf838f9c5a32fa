//! Countries by ISO 3166-1 alpha-2 code, with their names sorted as each language sorts them (Unicode CLDR).

use crate::i18n::Lang;

const FR: &str = include_str!("../../../i18n/fr/countries.txt");
const EN: &str = include_str!("../../../i18n/en/countries.txt");

/// Code and name of every country.
pub fn all(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    let text = if lang == Lang::Fr { FR } else { EN };
    text.lines().filter_map(|line| line.split_once(' '))
}

/// The name of a country; its code if there is none of that code.
pub fn name(lang: Lang, code: &str) -> &str {
    all(lang).find(|(c, _)| *c == code).map_or(code, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn both_languages_name_the_same_countries_once() {
        let codes = |lang| all(lang).map(|(code, _)| code).collect::<BTreeSet<_>>();
        assert_eq!(codes(Lang::Fr), codes(Lang::En));
        for lang in Lang::ALL {
            assert_eq!(all(lang).count(), codes(lang).len());
            assert!(all(lang).all(|(code, name)| code.len() == 2 && !name.is_empty()));
        }
        assert_eq!((name(Lang::Fr, "DE"), name(Lang::En, "DE"), name(Lang::En, "XX")), ("Allemagne", "Germany", "XX"));
    }
}
