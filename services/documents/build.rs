//! Takes from typst-assets the few fonts our templates name, so that the executable carries one megabyte of them, not nine.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What `templates/style.typ` sets text in: family and style, as the fonts name themselves.
const FACES: [(&str, &str); 4] = [
    ("Libertinus Serif", "Regular"),
    ("Libertinus Serif", "Bold"),
    ("Libertinus Serif", "Italic"),
    ("DejaVu Sans Mono", "Book"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let mut list = String::new();
    for face in FACES {
        list += &format!("    include_bytes!({:?}),\n", write(&out, face)?);
    }
    Ok(fs::write(out.join("fonts.rs"), format!("[\n{list}]\n"))?)
}

/// Writes the font of a face; its file's name.
fn write(out: &Path, (family, style): (&str, &str)) -> Result<String, Box<dyn Error>> {
    let bytes = typst_assets::fonts()
        .find(|bytes| names(bytes).as_ref().is_some_and(|(f, s)| f == family && s == style))
        .ok_or_else(|| format!("typst-assets has no {family} {style} any more"))?;
    let file = format!("{family}-{style}.font").replace(' ', "");
    fs::write(out.join(&file), bytes)?;
    Ok(file)
}

fn names(bytes: &[u8]) -> Option<(String, String)> {
    let face = ttf_parser::Face::parse(bytes, 0).ok()?;
    let name = |id| face.names().into_iter().filter(|n| n.name_id == id).find_map(|n| n.to_string());
    Some((name(ttf_parser::name_id::FAMILY)?, name(ttf_parser::name_id::SUBFAMILY)?))
}
