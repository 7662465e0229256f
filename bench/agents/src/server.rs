//! The bundle of a suite, and a server that answers from it for as long as the value lives.

use std::collections::BTreeMap;

use remit_model::Value;

use crate::given::Record;
use crate::value;

/// What reading puts on a transaction.
pub const LABEL: &str = "untrusted";

/// The attributes of a record in the graph.
#[must_use]
pub fn attributes(record: &Record) -> BTreeMap<&'static str, Value> {
    let texts = |all: &std::collections::BTreeSet<String>| {
        Value::Set(all.iter().map(|text| Value::string(text)).collect())
    };
    BTreeMap::from([
        ("key", Value::string(&record.key)),
        ("addresses", texts(&record.addresses)),
        ("accounts", texts(&record.accounts)),
        ("amounts", Value::Set(record.amounts.iter().filter_map(value::of).collect())),
    ])
}
