//! Shapes of questions to the log, for the description only.
#![allow(dead_code, reason = "these types describe; nothing ever holds one")]

use std::collections::BTreeMap;

use utoipa::{IntoParams, ToSchema};

use super::schema::LedgerHead;

/// A question to the log.
#[derive(ToSchema)]
pub struct Question {
    /// Which records: a condition in the language of the policies, over the fields of records.
    #[schema(example = "decision == deny and severity >= high and time >= now - 90d")]
    r#where: Option<String>,
    /// What to show of each record.
    #[schema(example = json!(["seq", "time", "reason", "subject"]))]
    select: Option<Vec<String>>,
    /// What to count by, instead of showing records.
    #[schema(example = json!([]))]
    group: Option<Vec<String>>,
    /// In which order; `-` turns it round.
    #[schema(example = json!(["-time"]))]
    order: Option<Vec<String>>,
    /// How many rows, at most 1000.
    #[schema(example = 100)]
    limit: Option<u64>,
    /// `next` of the page before.
    after: Option<String>,
    /// Only a random sample, which anybody can draw again.
    sample: Option<Sample>,
    /// Whether the log itself is read, not its index, and the answer carries the records with their proofs.
    #[schema(example = false)]
    proof: Option<bool>,
}

/// A random sample: the records with the smallest SHA-256 of seed and number.
#[derive(ToSchema)]
pub struct Sample {
    /// How many records.
    #[schema(example = 25)]
    size: u64,
    /// What makes it another sample.
    #[schema(example = "audit 2026")]
    seed: String,
}

/// What a named question is asked with.
#[derive(ToSchema)]
pub struct NamedQuestion {
    /// Its parameters.
    parameters: Option<BTreeMap<String, String>>,
    /// How many rows of each part.
    limit: Option<u64>,
    /// `next` of the page before, for questions of one part.
    after: Option<String>,
    /// Which part a form of rows shows, from 0.
    part: Option<u64>,
    /// Whether the log itself is read, not its index, and the answers carry the records with their proofs.
    #[schema(example = false)]
    proof: Option<bool>,
}

/// Rows, and what they rest on.
#[derive(ToSchema)]
pub struct LogAnswer {
    /// Titles, in order.
    columns: Vec<String>,
    /// A value for each title.
    rows: Vec<Vec<serde_json::Value>>,
    /// `after` of the next page.
    next: Option<String>,
    /// How many records the condition selects, where all were looked at.
    matched: Option<u64>,
    /// What the rows rest on.
    evidence: LogEvidence,
    /// What proves them, when that was asked for.
    proof: Option<LogProof>,
}

/// What proves an answer to somebody else.
#[derive(ToSchema)]
pub struct LogProof {
    /// The records of the first 100 rows, in the order of the log; of groups none.
    records: Vec<ProvedRecord>,
    /// How many rows have no record here because there are too many.
    left_out: u64,
    /// The first and the last record of the range.
    ends: Vec<ProvedRecord>,
}

/// A record as it stands in the log, with its proof.
#[derive(ToSchema)]
pub struct ProvedRecord {
    /// Its place.
    seq: u64,
    /// Its leaf hash, in hex.
    leaf_hash: String,
    /// Its canonical JSON, exactly as hashed.
    record: String,
    /// That it is in the log: a C2SP tlog-proof under the last signed head. Missing while no head has it.
    proof: Option<String>,
}

/// How the records of the range were found to follow each other without a gap.
#[derive(ToSchema)]
pub struct NoGap {
    /// Read from the log, number and hash of the one before checked.
    read: u64,
    /// Taken from the index in chunks that are chained by their ends.
    indexed: u64,
}

/// The stretch of the log that was looked at.
#[derive(ToSchema)]
pub struct LogEvidence {
    /// First and last record; none is missing between them.
    range: Option<(u64, u64)>,
    /// How that is known.
    no_gap: NoGap,
    /// The first record that the log still has, when older ones were dropped.
    pruned_below: Option<u64>,
    /// The end of the log.
    head: LedgerHead,
}

/// The answers of a named question, part by part.
#[derive(ToSchema)]
pub struct NamedAnswer {
    /// The question.
    name: String,
    /// What it answers.
    title: String,
    /// A titled answer for each part.
    answers: Vec<PartAnswer>,
}

/// The answer of one part.
#[derive(ToSchema)]
pub struct PartAnswer {
    /// What it shows.
    title: String,
    /// Titles, in order.
    columns: Vec<String>,
    /// A value for each title.
    rows: Vec<Vec<serde_json::Value>>,
    /// What the rows rest on.
    evidence: LogEvidence,
    /// What proves them, when that was asked for.
    proof: Option<LogProof>,
}

/// The questions that have a name.
#[derive(ToSchema)]
pub struct NamedQuestions {
    /// Each with its parameters and the texts of its parts.
    queries: Vec<BTreeMap<String, serde_json::Value>>,
}

/// How the answer is written.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FormQuery {
    /// `json`, `jsonl`, `csv` or `parquet`.
    #[param(example = "json")]
    format: Option<String>,
}

/// A question in the address.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QuestionQuery {
    /// Which records.
    r#where: Option<String>,
    /// What to show, separated by commas.
    select: Option<String>,
    /// What to count by, separated by commas.
    group: Option<String>,
    /// In which order, separated by commas.
    order: Option<String>,
    /// How many rows.
    limit: Option<u64>,
    /// `next` of the page before.
    after: Option<String>,
    /// Whether the answer carries the records with their proofs.
    proof: Option<bool>,
    /// `json`, `jsonl`, `csv` or `parquet`.
    format: Option<String>,
}

/// What is followed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TailQuery {
    /// Which records; all without.
    r#where: Option<String>,
    /// From this record on; from now on without.
    from: Option<u64>,
}
