//! Governance reads: which decisions were made, by time, party, action, outcome and rule.

use std::sync::Arc;

use remit_ledger::{Decision, EntityFilter, PSEUDONYM_MARK, Page, Query, QueryError, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::call::{Call, Reply};
use crate::fault::Fault;
use crate::live::Live;
use crate::pdp::Pdp;

/// Query members of `GET /governance/v1/decisions`, as documented.
pub const PARAMETERS: [&str; 14] = [
    "from",
    "to",
    "subject",
    "actor",
    "action",
    "resource",
    "decision",
    "rule",
    "reason",
    "pep",
    "decision_id",
    "after",
    "order",
    "limit",
];

/// A page of decision records. Records are the canonical bytes of the ledger, untouched.
#[derive(Debug, Serialize)]
struct DecisionsPage<'a> {
    page: PageInfo,
    /// First and last sequence number this page vouches for.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<(u64, u64)>,
    /// The first record that the log still has, when older ones were dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pruned_below: Option<u64>,
    head: Head,
    decisions: Vec<&'a RawValue>,
}

#[derive(Debug, Serialize)]
struct PageInfo {
    next: String,
    count: usize,
}

#[derive(Debug, Serialize)]
struct Head {
    size: u64,
    hash: String,
}

impl Pdp {
    /// Decisions that match every parameter, in pages.
    ///
    /// # Errors
    /// An unknown or malformed parameter, or a ledger that cannot vouch for the answer.
    pub async fn decisions(&self, call: &Call<'_>, parameters: &[(String, String)]) -> Result<Reply, Fault> {
        self.counted(self.decisions_inner(call, parameters).await)
    }

    async fn decisions_inner(
        &self,
        call: &Call<'_>,
        parameters: &[(String, String)],
    ) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.governance, "read decisions")?;
        let mut query = read(parameters, self.limits.governance_page)?;
        let live = self.published.load();
        for filter in [&mut query.subject, &mut query.actor, &mut query.resource].into_iter().flatten() {
            self.as_recorded(filter, &live);
        }
        drop(live);
        let ledger = Arc::clone(&self.ledger);
        // WHY: the ledger reads files; a thread that answers decisions must not wait for them.
        let page = tokio::task::spawn_blocking(move || ledger.decisions(&query))
            .await
            .map_err(|error| Fault::Internal { message: format!("the query was lost: {error}") })?
            .map_err(refused)?;
        let body = render(&page)?;
        Ok(Reply { body, evaluation_id: None })
    }
}

impl Pdp {
    /// A person is asked for by the id; records hold what stands for it in each epoch.
    fn as_recorded(&self, filter: &mut EntityFilter, live: &Live) {
        let (Some(kind), Some(id)) = (&filter.kind, &filter.id) else { return };
        let agent = live.agent.as_deref() == Some(kind.as_str());
        if agent || id.starts_with(PSEUDONYM_MARK) {
            return;
        }
        let mut names = self.pseudonyms.all_of(kind, id);
        if !live.persons.contains(kind) {
            // As a subject it is a person; as anything else it stands as it is.
            names.push(id.clone());
        }
        filter.id = names.pop();
        filter.also = names;
    }
}

fn render(page: &Page) -> Result<Vec<u8>, Fault> {
    let broken =
        |error: serde_json::Error| Fault::Internal { message: format!("a record is not JSON: {error}") };
    let raw = page.records.iter().map(|record| serde_json::from_str(record.json()).map_err(broken));
    let body = DecisionsPage {
        page: PageInfo {
            next: page.next.map(|next| next.to_string()).unwrap_or_default(),
            count: page.records.len(),
        },
        range: page.range,
        pruned_below: (page.first > 0).then_some(page.first),
        head: Head { size: page.head.size, hash: page.head.head.to_string() },
        decisions: raw.collect::<Result<_, _>>()?,
    };
    serde_json::to_vec(&body).map_err(broken)
}

fn refused(error: QueryError) -> Fault {
    match error {
        QueryError::PageSize { .. } | QueryError::Cursor => bad(error.to_string()),
        other => Fault::Unavailable { message: other.to_string() },
    }
}

fn bad(message: String) -> Fault {
    Fault::BadRequest { message, pointer: None }
}

fn read(parameters: &[(String, String)], largest: usize) -> Result<Query, Fault> {
    let mut query = Query { limit: largest.min(100), ..Query::default() };
    let mut seen: Vec<&str> = Vec::new();
    for (name, value) in parameters {
        if seen.contains(&name.as_str()) {
            return Err(bad(format!("the parameter `{name}` is given twice")));
        }
        seen.push(name);
        match name.as_str() {
            "from" => query.from = Some(instant(name, value)?),
            "to" => query.to = Some(instant(name, value)?),
            "subject" => query.subject = Some(entity(value)),
            "actor" => query.actor = Some(entity(value)),
            "resource" => query.resource = Some(entity(value)),
            "action" => query.action = Some(value.clone()),
            "decision" => query.decision = Some(decision(value)?),
            "rule" => query.rule = Some(value.clone()),
            "reason" => query.reason = Some(value.clone()),
            "pep" => query.pep = Some(value.clone()),
            "decision_id" => query.decision_id = Some(value.clone()),
            "after" => query.after = Some(number(name, value)?),
            "order" => query.newest_first = order(value)?,
            "limit" => query.limit = limit(value, largest)?,
            _ => return Err(unknown(name)),
        }
    }
    Ok(query)
}

fn unknown(name: &str) -> Fault {
    let near = remit_lang::diagnostic::nearest(name, PARAMETERS.into_iter());
    let hint = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
    bad(format!("there is no parameter `{name}`{hint}"))
}

/// `type:id`, or only a type.
fn entity(text: &str) -> EntityFilter {
    match text.split_once(':') {
        Some((kind, id)) => EntityFilter::exactly(kind, id),
        None => EntityFilter { kind: Some(text.to_owned()), ..EntityFilter::default() },
    }
}

fn instant(name: &str, text: &str) -> Result<Timestamp, Fault> {
    remit_model::Timestamp::parse(text)
        .map(crate::record::time)
        .ok_or_else(|| bad(format!("`{name}` must be a date or an RFC 3339 time, not `{text}`")))
}

fn decision(text: &str) -> Result<Decision, Fault> {
    match text {
        "allow" => Ok(Decision::Allow),
        "deny" => Ok(Decision::Deny),
        _ => Err(bad(format!("`decision` must be `allow` or `deny`, not `{text}`"))),
    }
}

fn order(text: &str) -> Result<bool, Fault> {
    match text {
        "oldest" => Ok(false),
        "newest" => Ok(true),
        _ => Err(bad(format!("`order` must be `oldest` or `newest`, not `{text}`"))),
    }
}

fn number(name: &str, text: &str) -> Result<u64, Fault> {
    text.parse().map_err(|_| bad(format!("`{name}` must be a whole number, not `{text}`")))
}

fn limit(text: &str, largest: usize) -> Result<usize, Fault> {
    let wanted = usize::try_from(number("limit", text)?).unwrap_or(usize::MAX);
    if (1..=largest).contains(&wanted) {
        return Ok(wanted);
    }
    Err(bad(format!("`limit` must be between 1 and {largest}, not `{text}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Result<Query, Fault> {
        let owned: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        read(&owned, 200)
    }

    #[test]
    fn parameters_are_read() {
        let query =
            query(&[("subject", "user:a:b"), ("decision", "deny"), ("from", "2026-01-01"), ("limit", "7")]);
        let query = query.unwrap();
        assert_eq!(query.subject, Some(EntityFilter::exactly("user", "a:b")));
        assert_eq!((query.decision, query.limit), (Some(Decision::Deny), 7));
    }

    #[test]
    fn every_malformed_parameter_is_named() {
        for (pairs, part) in [
            (&[("decison", "deny")][..], "did you mean `decision`"),
            (&[("decision", "no")][..], "`allow` or `deny`"),
            (&[("from", "yesterday")][..], "RFC 3339"),
            (&[("limit", "0")][..], "between 1 and 200"),
            (&[("limit", "201")][..], "between 1 and 200"),
            (&[("limit", "x")][..], "whole number"),
            (&[("order", "up")][..], "`oldest` or `newest`"),
            (&[("rule", "a"), ("rule", "b")][..], "given twice"),
        ] {
            let Err(Fault::BadRequest { message, .. }) = query(pairs) else {
                panic!("{pairs:?} was accepted")
            };
            assert!(message.contains(part), "{message}");
        }
    }
}
