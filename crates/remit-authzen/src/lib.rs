//! AuthZEN 1.0 messages exactly as on the wire; knows no policy.
