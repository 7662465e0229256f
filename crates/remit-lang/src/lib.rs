//! Policy text to checked policy; the only crate that sees pest.
