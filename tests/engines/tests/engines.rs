//! The engines start, keep what they stored through a kill, and vanish with their directory.

use engines::{Nats, Ports, Postgres};

#[test]
fn postgres_keeps_committed_rows_through_a_kill() -> Result<(), Box<dyn std::error::Error>> {
    let postgres = Postgres::start()?;
    postgres.create_database("kept")?;
    postgres.sql("kept", "create table t (n int); insert into t select generate_series(1, 1000)")?;
    postgres.kill_and_restart()?;
    assert_eq!(postgres.sql("kept", "select count(*) from t")?, "1000");
    Ok(())
}

#[test]
fn a_broken_statement_is_an_error_with_the_servers_words() -> Result<(), Box<dyn std::error::Error>> {
    let error =
        Postgres::shared()?.sql("postgres", "select nothing_like_it").err().map(|e| e.to_string()).unwrap_or_default();
    assert!(error.contains("nothing_like_it"), "{error}");
    Ok(())
}

#[test]
fn nats_comes_back_after_a_kill_and_syncs_always() -> Result<(), Box<dyn std::error::Error>> {
    use std::io::{Read, Write};
    let nats = Nats::start(&[])?;
    nats.kill_and_restart()?;
    let address = nats.monitoring().ok_or("no monitoring address")?.replace("http://", "");
    let mut stream = std::net::TcpStream::connect(&address)?;
    stream.write_all(b"GET /jsz?config=1 HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    assert!(answer.contains("\"sync_always\": true"), "{answer}");
    Ok(())
}

#[test]
fn two_blocks_of_ports_never_overlap() -> Result<(), Box<dyn std::error::Error>> {
    let (mut a, mut b) = (Ports::reserve()?, Ports::reserve()?);
    let taken: std::collections::BTreeSet<u16> = (0..20).flat_map(|_| [a.take(), b.take()]).collect();
    assert_eq!(taken.len(), 40);
    Ok(())
}
