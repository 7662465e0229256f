//! Requests and graph documents, over the starter bundle.

use std::sync::{Arc, OnceLock};

use remit_engine::{Bound, Program, Verdict, evaluate};
use remit_graph::{Dangling, Document, GraphBuilder};
use remit_lang::source::Sources;
use remit_model::Timestamp;
use remit_pdp::authzen::{
    ActionSearch, Compatibility, EvaluationRequest, EvaluationsRequest, Limits, ResourceSearch, SubjectSearch,
};
use remit_pdp::enrich::Sight;
use remit_pdp::schemas::Schemas;
use remit_pdp::{Rights, enrich, intake};

const POLICY: &str = include_str!("../../../policies/starter/clinic.ibac");
const GRAPH: &str = include_str!("../../../policies/starter/graph.json");

fn program() -> &'static Arc<Program> {
    static PROGRAM: OnceLock<Arc<Program>> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let mut sources = Sources::default();
        sources.add("clinic.ibac", POLICY);
        let (policies, _) = remit_lang::compile(&sources).unwrap_or_else(|errors| panic!("{errors:?}"));
        Arc::new(remit_engine::lower(&policies).expect("within bounds"))
    })
}

fn loaded(document: &[u8]) -> Option<GraphBuilder> {
    let document = Document::new("graph.json", document);
    remit_graph::load(program().schema(), &[document], Dangling::Refuse).ok().map(|(graph, _)| graph)
}

fn bound() -> &'static Bound {
    static BOUND: OnceLock<Bound> = OnceLock::new();
    BOUND.get_or_init(|| {
        let graph = loaded(GRAPH.as_bytes()).expect("the shipped graph");
        Program::bind(Arc::clone(program()), Arc::new(graph.freeze(1)))
    })
}

/// A graph document: loaded or refused; a loaded one is the same every time.
pub fn graph(data: &[u8]) {
    let (once, again) = (loaded(data), loaded(data));
    match (once, again) {
        (Some(once), Some(again)) => assert_eq!(once.freeze(1).digest(), again.freeze(1).digest()),
        (None, None) => {}
        _ => panic!("loaded and refused"),
    }
}

/// A body: refused, or decided; its canonical text is decided alike.
pub fn request(data: &[u8]) {
    let limits = Limits::default();
    let Ok(json) = intake::parse(data, &limits.json) else { return };
    drop(SubjectSearch::parse(&json));
    drop(ResourceSearch::parse(&json));
    drop(ActionSearch::parse(&json));
    drop(EvaluationsRequest::parse(&json, &limits, Compatibility::default()));
    let Ok(request) = EvaluationRequest::parse(&json) else { return };
    let decided = decide(&request);
    let text = json.to_string();
    let json = intake::parse(text.as_bytes(), &limits.json).expect("what is written of JSON is JSON");
    let request = EvaluationRequest::parse(&json).expect("the same question");
    assert_eq!(decided, decide(&request), "{text}");
}

fn decide(request: &EvaluationRequest<'_>) -> Option<(bool, String)> {
    let draft = intake::accept(request, &Rights::all()).ok()?;
    let now = Timestamp::from_unix_seconds(1_800_000_000).expect("in range");
    let (sight, schemas) = (Sight { now, pep: "fuzz", standing: None, outside: None }, Schemas::default());
    let verdict: Verdict = evaluate(bound(), &enrich::resolve_in(&draft, (bound(), &schemas), &sight));
    assert!(!verdict.decision || !verdict.determining.is_empty(), "an allow without a permit");
    Some((verdict.decision, verdict.reason.code().to_owned()))
}
