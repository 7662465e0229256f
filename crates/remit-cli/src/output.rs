//! What people and programs read: plain lines on standard output, errors on standard error.

use std::io::{IsTerminal as _, Write as _};

/// Writes a text to standard output. A closed pipe ends the output, not the program.
pub fn line(text: &str) {
    let _closed = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes an error with its causes to standard error.
pub fn error(error: &anyhow::Error) {
    let _closed = writeln!(std::io::stderr().lock(), "remit: {error:#}");
}

/// Writes a note to standard error.
pub fn note(text: &str) {
    let _closed = writeln!(std::io::stderr().lock(), "{text}");
}

/// How far long work has come: on standard error while that is a terminal, and nowhere else.
#[derive(Debug)]
pub struct Progress(Option<indicatif::ProgressBar>);

impl Progress {
    /// Counts things of this name, whose number is not known.
    pub fn begin(what: &'static str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = indicatif::ProgressBar::new_spinner();
        if let Ok(style) = indicatif::ProgressStyle::with_template("{spinner} {human_pos} {msg} ({per_sec})")
        {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self(Some(bar))
    }

    /// So many are done.
    pub fn at(&self, count: u64) {
        // WHY: the bar takes a lock, and work may do hundreds of thousands a second.
        if let Some(bar) = self.0.as_ref().filter(|_| count.is_multiple_of(1_000)) {
            bar.set_position(count);
        }
    }

    /// The work is done; the line goes away.
    pub fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// True when standard output is a terminal that shows colour.
pub fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
