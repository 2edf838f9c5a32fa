//! `broker`: accounts, consumers and subscribers of the broker.

fn main() -> std::process::ExitCode {
    broker::cli::main()
}
