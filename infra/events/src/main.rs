//! `events DIR`: writes the contract for subscribers. `events --release FILE`: writes down the messages as they are released,
//! against which later ones are measured.

use std::{fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--release", file] => fs::write(file, contracts::DESCRIPTORS).map_err(Into::into),
        [dir] => write(Path::new(dir)),
        _ => {
            eprintln!("usage: events DIR | events --release FILE");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("events: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
    for (name, text) in events::files()? {
        let file = dir.join(name);
        fs::create_dir_all(file.parent().unwrap_or(dir))?;
        fs::write(file, text)?;
    }
    Ok(())
}
