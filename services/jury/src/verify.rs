//! `jury verify-audit`: recomputes the audit log's hash chain from the first entry.

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use platform::{
    audit::{self, Head},
    config,
};
use sqlx::{Connection as _, PgConnection};

const USAGE: &str = "usage: jury verify-audit (--config FILE | --database URL) [--head ENTRIES:SHA256]

Recomputes the hash chain of the jury's audit log. --head is a head noted earlier (it is logged at every confirmed act
and printed by this command): without it, a tail that was cut off together with the stored head does not show.
Exit status: 0 intact, 1 broken, 2 cannot tell.";

/// The arguments behind `verify-audit`, if that is what was asked.
pub fn asked(mut arguments: impl Iterator<Item = OsString>) -> Option<Vec<OsString>> {
    (arguments.next()? == "verify-audit").then(|| arguments.collect())
}

struct Options {
    url: String,
    noted: Option<Head>,
}

/// Verifies, and prints what was found.
#[must_use]
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let options = match options(arguments) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::from(2);
        }
    };
    runtime.block_on(async {
        let mut conn = match PgConnection::connect(&options.url).await {
            Ok(conn) => conn,
            Err(error) => {
                eprintln!("the database does not answer: {error}");
                return ExitCode::from(2);
            }
        };
        match audit::verify(&mut conn, options.noted.as_ref()).await {
            Err(error) => {
                eprintln!("the audit log cannot be read: {error}");
                ExitCode::from(2)
            }
            Ok(verdict) => {
                println!(
                    "{} entries, head {}:{}",
                    verdict.entries,
                    verdict.head.entries,
                    hex::encode(&verdict.head.hash)
                );
                match verdict.first_broken {
                    None => {
                        println!("intact");
                        ExitCode::SUCCESS
                    }
                    Some(position) => {
                        println!("BROKEN at entry {position}");
                        ExitCode::FAILURE
                    }
                }
            }
        }
    })
}

fn options(arguments: Vec<OsString>) -> Result<Options, String> {
    let mut arguments = arguments.into_iter();
    let (mut url, mut noted) = (None, None);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        let text = value.to_string_lossy();
        match name.to_str() {
            Some("--config") => {
                let (config, _settings) = config::load::<crate::Settings>(&PathBuf::from(&value))
                    .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
                url = Some(config.database.url.expose().to_owned());
            }
            Some("--database") => url = Some(text.into_owned()),
            Some("--head") => {
                let head = text.split_once(':').and_then(|(entries, hash)| {
                    Some(Head { entries: entries.parse().ok()?, hash: hex::decode(hash).ok()? })
                });
                noted = Some(head.ok_or_else(|| format!("{text:?} is no head: ENTRIES:SHA256"))?);
            }
            _ => return Err(USAGE.into()),
        }
    }
    Ok(Options { url: url.ok_or(USAGE)?, noted })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn given(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn only_its_own_name_is_taken() {
        assert_eq!(asked(given("verify-audit --config f").into_iter()), Some(given("--config f")));
        assert_eq!(asked(given("serve --config f").into_iter()), None);
        assert_eq!(asked(given("").into_iter()), None);
    }

    #[test]
    fn arguments_are_read_or_explained() {
        let read = options(given("--database postgres://x --head 3:00ff")).unwrap();
        assert_eq!((read.url.as_str(), read.noted), ("postgres://x", Some(Head { entries: 3, hash: vec![0, 255] })));
        for bad in ["", "--database", "--what x", "--database u --head 3", "--database u --head x:00"] {
            assert!(options(given(bad)).is_err(), "{bad:?}");
        }
    }
}
