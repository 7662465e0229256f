//! Decision records, chained and durable; the only crate that sees sled.
