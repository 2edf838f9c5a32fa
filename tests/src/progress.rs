//! Where the campaign stands: bars on a terminal, plain lines otherwise.

use std::{
    io::IsTerminal,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// Shows one act after the other.
#[derive(Debug)]
pub struct Progress {
    terminal: bool,
    began: Instant,
    act: Mutex<Option<(ProgressBar, String, Instant)>>,
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress {
    /// Looks where standard error goes.
    #[must_use]
    pub fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), began: Instant::now(), act: Mutex::new(None) }
    }

    /// Begins an act of `steps` steps; the one before is over.
    pub fn act(&self, name: impl Into<String>, steps: usize) {
        let name = name.into();
        self.end();
        let bar = if self.terminal { ProgressBar::new(steps as u64) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} {msg:<48} {bar:32} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.set_message(name.clone());
        bar.enable_steady_tick(Duration::from_millis(200));
        *self.act.lock().unwrap_or_else(PoisonError::into_inner) = Some((bar, name, Instant::now()));
    }

    /// One step more.
    pub fn step(&self) {
        if let Some((bar, ..)) = &*self.act.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.inc(1);
        }
    }

    /// The act is over.
    pub fn end(&self) {
        if let Some((bar, name, began)) = self.act.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
            eprintln!("{:>7.1} s  {name} ({:.1} s)", self.began.elapsed().as_secs_f64(), began.elapsed().as_secs_f64());
        }
    }
}
