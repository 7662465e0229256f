//! Checked policy to program; program and query to verdict.
