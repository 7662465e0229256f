//! The bare server that Remit is measured against: axum, the same bodies parsed by serde_json, constant answers.

use std::net::SocketAddr;

use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

/// `subject`, `action`, `resource` as text, the rest as it comes.
#[derive(Debug, Deserialize)]
struct Evaluation {
    subject: Option<Party>,
    action: Option<Action>,
    resource: Option<Party>,
    context: Option<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
struct Party {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    properties: Option<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
struct Action {
    name: String,
    properties: Option<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
struct Batch {
    #[serde(flatten)]
    defaults: Evaluation,
    evaluations: Vec<Evaluation>,
}

#[derive(Debug, Serialize)]
struct Answer {
    decision: bool,
}

#[derive(Debug, Serialize)]
struct Answers {
    evaluations: Vec<Answer>,
}

async fn evaluation(Json(body): Json<Evaluation>) -> Json<Answer> {
    Json(Answer { decision: whole(&body) })
}

async fn evaluations(Json(body): Json<Batch>) -> Json<Answers> {
    std::hint::black_box(&body.defaults);
    Json(Answers {
        evaluations: body.evaluations.iter().map(|one| Answer { decision: whole(one) }).collect(),
    })
}

/// True for every question there is; keeps the parser from being skipped.
fn whole(body: &Evaluation) -> bool {
    let party = |it: &Option<Party>| {
        it.as_ref().is_none_or(|it| !it.kind.is_empty() || it.id.is_empty() || it.properties.is_some())
    };
    let action = body.action.as_ref().is_none_or(|it| !it.name.is_empty() || it.properties.is_some());
    std::hint::black_box(&body.context);
    party(&body.subject) && action && party(&body.resource)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let address: SocketAddr =
        std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8281".to_owned()).parse()?;
    let routes = Router::new()
        .route("/access/v1/evaluation", post(evaluation))
        .route("/access/v1/evaluations", post(evaluations));
    axum::serve(tokio::net::TcpListener::bind(address).await?, routes).await?;
    Ok(())
}
