//! What held and what did not: rows, tables, and how a reader sees them.

use std::fmt;

use serde::Serialize;

/// The levels of the certification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Level {
    /// One question, by ids.
    #[serde(rename = "Basic Core")]
    BasicCore,
    /// One question, by properties.
    #[serde(rename = "Basic Properties")]
    BasicProperties,
    /// Many questions.
    #[serde(rename = "Batch Core")]
    BatchCore,
    /// Many questions, by properties.
    #[serde(rename = "Batch Properties")]
    BatchProperties,
    /// The three searches.
    #[serde(rename = "Search Core")]
    SearchCore,
    /// The three searches, by properties.
    #[serde(rename = "Search Properties")]
    SearchProperties,
    /// The metadata document.
    Discovery,
}

impl Level {
    /// Every level, in the order of the report.
    pub const ALL: [Self; 7] = [
        Self::BasicCore,
        Self::BasicProperties,
        Self::BatchCore,
        Self::BatchProperties,
        Self::SearchCore,
        Self::SearchProperties,
        Self::Discovery,
    ];
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BasicCore => "Basic Core",
            Self::BasicProperties => "Basic Properties",
            Self::BatchCore => "Batch Core",
            Self::BatchProperties => "Batch Properties",
            Self::SearchCore => "Search Core",
            Self::SearchProperties => "Search Properties",
            Self::Discovery => "Discovery",
        })
    }
}

/// How one test ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    /// It held; warnings name recommendations that were not followed.
    Passed {
        /// What the specification would rather see.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<String>,
    },
    /// It did not hold.
    Failed {
        /// What was wrong with the answer.
        reason: String,
    },
    /// It could not be asked with these options.
    Skipped {
        /// What was missing.
        reason: String,
    },
}

/// One test and how it ended.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Number of the scenario, name of the module, or place in a vector file.
    pub id: String,
    /// The level it counts for; vector files have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// What was asked.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub title: &'static str,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Rows of one source.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// Where the tests come from.
    pub title: String,
    /// The tests, in the order they were run.
    pub rows: Vec<Row>,
}

/// Everything that was asked of one decision point.
#[derive(Debug, Clone, Serialize)]
#[must_use]
pub struct Report {
    /// The decision point.
    pub base: String,
    /// How many tests held.
    pub passed: usize,
    /// How many did not.
    pub failed: usize,
    /// How many could not be asked.
    pub skipped: usize,
    /// The tests.
    pub tables: Vec<Table>,
}

impl Table {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), rows: Vec::new() }
    }
}

impl Report {
    pub(crate) fn new(base: &str, tables: Vec<Table>) -> Self {
        let count = |is: fn(&Outcome) -> bool| {
            tables.iter().flat_map(|table| &table.rows).filter(|row| is(&row.outcome)).count()
        };
        Self {
            base: base.into(),
            passed: count(|outcome| matches!(outcome, Outcome::Passed { .. })),
            failed: count(|outcome| matches!(outcome, Outcome::Failed { .. })),
            skipped: count(|outcome| matches!(outcome, Outcome::Skipped { .. })),
            tables,
        }
    }

    /// Every row of every table.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.tables.iter().flat_map(|table| &table.rows)
    }

    /// Ids of the tests that did not hold.
    pub fn failures(&self) -> Vec<&str> {
        let failed = |row: &&Row| matches!(row.outcome, Outcome::Failed { .. });
        self.rows().filter(failed).map(|row| row.id.as_str()).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in self.tables.iter().filter(|table| !table.rows.is_empty()) {
            writeln!(f, "{}", table.title)?;
            let levels = Level::ALL.map(Some);
            for level in levels.into_iter().chain([None]) {
                write_level(f, level, &table.rows)?;
            }
            writeln!(f)?;
        }
        if self.skipped > 0 {
            writeln!(f, "{} skipped", self.skipped)?;
        }
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

fn write_level(f: &mut fmt::Formatter<'_>, level: Option<Level>, rows: &[Row]) -> fmt::Result {
    let rows: Vec<_> = rows.iter().filter(|row| row.level == level).collect();
    if let (Some(level), false) = (level, rows.is_empty()) {
        let held = rows.iter().filter(|row| !matches!(row.outcome, Outcome::Failed { .. })).count();
        writeln!(f, "  {level}: {held} of {}", rows.len())?;
    }
    rows.into_iter().try_for_each(|row| write!(f, "{row}"))
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, details) = match &self.outcome {
            Outcome::Passed { warnings } if warnings.is_empty() => ("pass", Vec::new()),
            Outcome::Passed { warnings } => ("warn", warnings.iter().collect()),
            Outcome::Failed { reason } => ("FAIL", vec![reason]),
            Outcome::Skipped { reason } => ("skip", vec![reason]),
        };
        writeln!(f, "    {word}  {:<7} {}", self.id, self.title)?;
        details.into_iter().try_for_each(|detail| writeln!(f, "          {detail}"))
    }
}
