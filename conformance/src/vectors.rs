//! Files of requests with expected answers, compared as the interop runners compare them.

use std::path::Path;

use anyhow::{Context, Result, bail};
use remit_json::{Json, Limits, Object};

use crate::client::{Call, Client, Endpoint, Options, Reply};
use crate::expect;
use crate::report::{Outcome, Report, Row, Table};

/// What a request asks; told from its shape unless it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One question.
    Evaluation,
    /// Many questions.
    Evaluations,
    /// Subject search.
    Subject,
    /// Resource search.
    Resource,
    /// Action search.
    Action,
}

impl Kind {
    /// A batch has `evaluations`; a search leaves out what it looks for.
    fn of(request: &Object<'_>) -> Self {
        let has_id =
            |name: &str| request.get(name).and_then(Json::as_object).is_some_and(|it| it.get("id").is_some());
        if request.get("evaluations").is_some() {
            Self::Evaluations
        } else if !has_id("subject") {
            Self::Subject
        } else if !has_id("resource") {
            Self::Resource
        } else if request.get("action").is_none() {
            Self::Action
        } else {
            Self::Evaluation
        }
    }

    fn endpoint(self) -> Endpoint {
        match self {
            Self::Evaluation => Endpoint::Evaluation,
            Self::Evaluations => Endpoint::Evaluations,
            Self::Subject => Endpoint::Subject,
            Self::Resource => Endpoint::Resource,
            Self::Action => Endpoint::Action,
        }
    }
}

/// Asks every vector of a file; `kind` overrides what the requests look like.
pub async fn run_vectors(file: &Path, base: &str, options: &Options, kind: Option<Kind>) -> Result<Report> {
    let text = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let json = remit_json::parse(&text, &Limits::trusted())
        .with_context(|| format!("`{}` is not a vector file", file.display()))?;
    let vectors = vectors(&json).with_context(|| format!("`{}` is not a vector file", file.display()))?;
    let client = Client::connect(base, options).await?;
    let mut table = Table::new(file.file_name().unwrap_or_default().to_string_lossy());
    for vector in vectors {
        table.rows.push(vector.row(&client, kind).await);
    }
    Ok(Report::new(base, vec![table]))
}

struct Vector<'j> {
    id: String,
    request: &'j Json<'j>,
    expected: &'j Json<'j>,
}

fn vectors<'j>(file: &'j Json<'j>) -> Result<Vec<Vector<'j>>> {
    let groups = file.as_object().context("expected an object")?;
    let mut all = Vec::new();
    for group in groups {
        let entries = group.value.as_array().with_context(|| format!("`{}` is not an array", group.key))?;
        for (index, entry) in entries.iter().enumerate() {
            let id = format!("{}[{index}]", group.key);
            let (Some(request), Some(expected)) = (entry.pointer("/request"), entry.pointer("/expected"))
            else {
                bail!("`{id}` has no `request` or no `expected`");
            };
            all.push(Vector { id, request, expected });
        }
    }
    if all.is_empty() {
        bail!("there are no vectors in it");
    }
    Ok(all)
}

impl Vector<'_> {
    async fn row(&self, client: &Client, kind: Option<Kind>) -> Row {
        let outcome = match self.held(client, kind).await {
            Ok(()) => Outcome::Passed { warnings: Vec::new() },
            Err(reason) => Outcome::Failed { reason: format!("{reason} (asked `{}`)", self.request) },
        };
        Row { id: self.id.clone(), level: None, title: "", outcome }
    }

    async fn held(&self, client: &Client, kind: Option<Kind>) -> Result<(), String> {
        let request = self.request.as_object().ok_or("the request is not an object")?;
        let kind = kind.unwrap_or_else(|| Kind::of(request));
        let reply = client.call(&Call::post(kind.endpoint(), self.request)).await?;
        let (expected, found) = match kind {
            Kind::Evaluation => (self.expected.to_string(), decision(&reply)?),
            Kind::Evaluations => (self.expected.to_string(), evaluations(&reply)?),
            Kind::Subject | Kind::Resource | Kind::Action => {
                let expected = self.expected.as_object().ok_or("the vector expects no results")?;
                (sorted(expected)?, expect::with_body(&reply, sorted)?)
            }
        };
        if expected == found { Ok(()) } else { Err(format!("expected {expected}, found {found}")) }
    }
}

/// Only the decision of a single answer is compared.
fn decision(reply: &Reply) -> Result<String, String> {
    expect::with_body(reply, expect::decision).map(|decision| decision.to_string())
}

/// The whole array as text: a context in an item is a difference.
fn evaluations(reply: &Reply) -> Result<String, String> {
    expect::with_body(reply, |body| {
        body.get("evaluations").map(Json::to_string).ok_or_else(|| "`evaluations` is missing".into())
    })
}

/// Results as text in sorted order: a member more, or `id` before `type`, is a difference.
fn sorted(body: &Object<'_>) -> Result<String, String> {
    let mut texts: Vec<_> = expect::results(body)?.iter().map(Json::to_string).collect();
    texts.sort_unstable();
    Ok(format!("[{}]", texts.join(",")))
}
