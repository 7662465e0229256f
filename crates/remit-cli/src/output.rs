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

/// True when standard output is a terminal that shows colour.
pub fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
