//! Writes one of each document, in both languages, into the directory given, and says how long each took:
//! `cargo run -p documents --example samples -- DIR`.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;
use std::{env, fs};

use documents::{DocumentError, Documents, Language};

fn main() -> Result<(), Box<dyn Error>> {
    write_all().inspect_err(|error| {
        if let Some(DocumentError::Typesetting(faults)) = error.downcast_ref() {
            faults.iter().for_each(|fault| eprintln!("{}: {}", fault.place, fault.message));
        }
    })
}

fn write_all() -> Result<(), Box<dyn Error>> {
    let directory = env::args_os().nth(1).map(PathBuf::from).ok_or("a directory to write to is missing")?;
    fs::create_dir_all(&directory)?;
    let documents = Documents::new();
    for (language, code) in [(Language::French, "fr"), (Language::English, "en")] {
        let write = |name: &str, make: &dyn Fn() -> Result<Vec<u8>, DocumentError>| -> Result<(), Box<dyn Error>> {
            let begun = Instant::now();
            let pdf = make()?;
            println!("{name}-{code}: {} bytes in {:?}", pdf.len(), begun.elapsed());
            Ok(fs::write(directory.join(format!("{name}-{code}.pdf")), pdf)?)
        };
        write("receipt", &|| documents.receipt(&samples::receipt(), language))?;
        write("convocation", &|| documents.convocation(&samples::convocation(), language))?;
        write("answer", &|| documents.answer_receipt(&samples::answer_receipt(), language))?;
        write("admissibility", &|| documents.minutes(&samples::admissibility(300), language))?;
        write("admission", &|| documents.minutes(&samples::admission(24), language))?;
    }
    Ok(())
}
