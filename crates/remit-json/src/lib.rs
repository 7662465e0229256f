//! Strict JSON with exact numbers and the place of every value.
