//! `expect` lines: the question first, then what must come out, on further lines when one is too short. Ids stand in
//! quotes: they are data, unlike the groups a rule names.

use super::{WIDTH, column, expr, word};
use crate::ast::{Entity, Expect, Expr, Sighting, StepTaken};
use crate::source::Spanned;

/// Further lines begin under the decision.
const INDENT: &str = "       ";

pub(super) fn expect(expect: &Expect, out: &mut String) {
    out.push_str(if expect.permit.node { "expect permit" } else { "expect deny  " });
    asked(word::entity_quoted(&expect.subject.0), &expect.subject.1, out);
    asked(word::name(&expect.action.0.node), &expect.action.1, out);
    asked(word::entity_quoted(&expect.resource.0), &expect.resource.1, out);
    for clause in clauses(expect) {
        if column(out) + 1 + clause.chars().count() > WIDTH {
            out.push('\n');
            out.push_str(INDENT);
        } else {
            out.push(' ');
        }
        out.push_str(&clause);
    }
}

fn asked(text: String, properties: &[(Spanned<String>, Expr)], out: &mut String) {
    out.push(' ');
    out.push_str(&text);
    if !properties.is_empty() {
        out.push(' ');
        out.push_str(&expr::properties(properties));
    }
}

fn clauses(expect: &Expect) -> Vec<String> {
    let given = (!expect.given.is_empty()).then(|| format!("given {}", expr::properties(&expect.given)));
    let bearing =
        (!expect.bearing.is_empty()).then(|| format!("bearing {}", expr::properties(&expect.bearing)));
    let by = (!expect.by.is_empty()).then(|| format!("by {}", word::names(&expect.by, str::to_owned)));
    let obliging = expect.obliging.as_ref().map(|kinds| match kinds.as_slice() {
        [] => "obliging none".to_owned(),
        kinds => format!("obliging {}", word::names(kinds, obliged)),
    });
    let all = [
        given,
        bearing,
        (!expect.answering.is_empty()).then(|| format!("answering {}", expr::properties(&expect.answering))),
        expect.at.as_ref().map(|time| format!("at {}", time.node)),
        expect.actor.as_ref().map(|actor: &Entity| format!("as {}", word::entity_quoted(actor))),
        (!expect.through.is_empty())
            .then(|| format!("via {}", word::list(expect.through.iter().map(word::entity_quoted)))),
        expect.within.as_ref().map(|intent| format!("within {}", intent.node)),
        (!expect.after.is_empty()).then(|| format!("after [{}]", word::list(expect.after.iter().map(step)))),
        (!expect.consenting.is_empty()).then(|| {
            let grants = expect.consenting.iter().map(|grant| expr::properties(grant));
            format!("consenting [{}]", word::list(grants))
        }),
        (!expect.observing.is_empty())
            .then(|| format!("observing [{}]", word::list(expect.observing.iter().map(sighting)))),
        by,
        expect.because.as_ref().map(|code| format!("because {}", word::quoted(&code.node))),
        obliging,
    ];
    all.into_iter().flatten().collect()
}

fn sighting(seen: &Sighting) -> String {
    let mut out = format!("{} {}", word::entity_quoted(&seen.party), word::name(&seen.kind.node));
    if !seen.properties.is_empty() {
        out.push_str(&format!(" {}", expr::properties(&seen.properties)));
    }
    out
}

fn step(step: &StepTaken) -> String {
    let mut out = word::name(&step.action.0.node);
    let with = |properties: &[(Spanned<String>, Expr)], out: &mut String| {
        if !properties.is_empty() {
            out.push_str(&format!(" {}", expr::properties(properties)));
        }
    };
    with(&step.action.1, &mut out);
    out.push_str(&format!(" {}", word::entity_quoted(&step.resource.0)));
    with(&step.resource.1, &mut out);
    if !step.returning.is_empty() {
        out.push_str(&format!(" returning {}", expr::properties(&step.returning)));
    }
    out
}

/// `none` without quotes says that there are no obligations.
fn obliged(kind: &str) -> String {
    if kind == "none" { word::quoted(kind) } else { word::duty_kind(kind) }
}
