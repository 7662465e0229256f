//! AuthZEN 1.0 conformance runner for any decision point.
