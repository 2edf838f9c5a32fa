//! Names with what French names have: accents, hyphens, apostrophes, particles.

use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha12Rng;

const FIRST: &[&str] = &[
    "Inès",
    "Léa",
    "Zoé",
    "Chloé",
    "Anaïs",
    "Maëlle",
    "Jean-Baptiste",
    "Loïc",
    "Hugo",
    "Noé",
    "Gaël",
    "Raphaël",
    "Amina",
    "Yanis",
    "Thi Minh",
    "Marie-Ève",
    "Côme",
    "Éloïse",
    "Mamadou",
    "Aïcha",
    "Théo",
    "Nina",
    "Pablo",
    "Séverine",
    "Kenza",
];
const FAMILY: &[&str] = &[
    "Lefèvre",
    "Nguyen",
    "Benali",
    "D'Hérouville",
    "de La Tour",
    "Le Goff",
    "Müller",
    "Çelik",
    "Garcia-Lopez",
    "Traoré",
    "Bœuf",
    "Dubois",
    "Moreau",
    "O'Brien",
    "Saint-Étienne",
    "Faure",
    "Guérin",
    "Ozan",
    "Kaya",
    "Pelletier",
    "Roussel",
    "Tremblay",
    "Ünal",
    "Vasseur",
];
const SYLLABLES: &[&str] =
    &["ba", "cor", "du", "fel", "gri", "lan", "mo", "nar", "pel", "ri", "sau", "tel", "ver", "zan"];

/// A family name and a first name. The family name ends in something of their own, so that homonyms are made on purpose.
pub fn draw(rng: &mut ChaCha12Rng, i: usize) -> (String, String) {
    let pick = |rng: &mut ChaCha12Rng, from: &[&str]| from.choose(rng).copied().unwrap_or("X").to_owned();
    let mut own = String::new();
    let mut rest = i;
    for _ in 0..3 {
        own.push_str(SYLLABLES.get(rest % SYLLABLES.len()).copied().unwrap_or("a"));
        rest /= SYLLABLES.len();
    }
    let mut letters = own.chars();
    let own: String =
        letters.next().map(|c| c.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default();
    let base = pick(rng, FAMILY);
    let family = if rng.random_bool(0.5) { format!("{base}-{own}") } else { format!("{base} {own}") };
    (family, pick(rng, FIRST))
}
