//! The three searches, in pages; one ledger record a page.

use remit_authzen::{
    Action, ActionResult, ActionSearch, EntityResult, Page, PageAnswer, ResourceSearch, SearchResponse,
    SubjectSearch,
};
use remit_engine::{self as engine, Asked, Query};
use remit_json::Object;
use remit_ledger::{Entity, SearchKind};
use remit_model::{Reason, Timestamp};
use serde::Serialize;

use crate::batch::bytes;
use crate::call::{Call, Reply};
use crate::enrich;
use crate::fault::Fault;
use crate::intake::{self, Side, Values};
use crate::live::Live;
use crate::page::Binding;
use crate::pdp::{Pdp, new_id};
use crate::record::Searched;

/// A search with its values converted; the searched side has no id and nothing asserted.
struct Sought<'j> {
    kind: SearchKind,
    subject: Side<'j>,
    action: (&'j str, Values<'j>),
    resource: Side<'j>,
    context: Values<'j>,
    context_hash: Option<String>,
    unsupported: Option<&'static str>,
    page: Page<'j>,
    /// What a page token is bound to.
    query_text: String,
}

impl Pdp {
    /// Which subjects may do this? (AuthZEN 1.0 §8.4)
    ///
    /// # Errors
    /// As [`Pdp::evaluation`]; also a page token that does not belong to this walk.
    pub async fn search_subject(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.counted(self.search(call, body, SearchKind::Subject).await)
    }

    /// On which resources may this be done? (AuthZEN 1.0 §8.5)
    ///
    /// # Errors
    /// As [`Pdp::search_subject`].
    pub async fn search_resource(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.counted(self.search(call, body, SearchKind::Resource).await)
    }

    /// What may the subject do here? (AuthZEN 1.0 §8.6)
    ///
    /// # Errors
    /// As [`Pdp::search_subject`].
    pub async fn search_action(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.counted(self.search(call, body, SearchKind::Action).await)
    }

    async fn search(&self, call: &Call<'_>, body: &[u8], kind: SearchKind) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.search, "search")?;
        let json = intake::parse(body, &self.json_limits)?;
        let refused = |error| intake::refused(&error);
        let sought = match kind {
            SearchKind::Subject => of_subject(&SubjectSearch::parse(&json).map_err(refused)?),
            SearchKind::Resource => of_resource(&ResourceSearch::parse(&json).map_err(refused)?),
            SearchKind::Action => of_action(&ActionSearch::parse(&json).map_err(refused)?),
        };
        self.answer_search(call, &sought).await
    }

    async fn answer_search(&self, call: &Call<'_>, sought: &Sought<'_>) -> Result<Reply, Fault> {
        let now = self.now()?;
        let live = self.published.load_full();
        let walk = self.walk(call, sought, &live)?;
        let (body, results) = match sought.kind {
            SearchKind::Action => self.cut(&actions(sought, &live, now, call), &walk)?,
            SearchKind::Subject | SearchKind::Resource => {
                self.cut(&entities(sought, &live, now, call), &walk)?
            }
        };
        let frame = self.frame(call, &live, now);
        let evaluation_id = new_id();
        let record = frame.search(evaluation_id.clone(), searched(sought, results));
        // INVARIANT: no answer leaves before the ledger has accepted its record.
        let _receipt = self.ledger.append(record).await.map_err(|error| self.unrecorded(&error))?;
        self.counts.searches.up();
        Ok(Reply { body, evaluation_id: Some(evaluation_id) })
    }

    /// Where in the results this page begins and how long it is.
    fn walk<'a>(&self, call: &'a Call<'_>, sought: &'a Sought<'_>, live: &Live) -> Result<Walk<'a>, Fault> {
        let wanted = sought.page.limit;
        let limit = wanted.filter(|limit| *limit > 0).unwrap_or(self.limits.page).min(self.limits.page);
        let binding = Binding {
            kind: word(sought.kind),
            pep: &call.pep.name,
            query: &sought.query_text,
            limit,
            policy_revision: live.revisions.policy.revision,
            graph_revision: live.revisions.graph.revision,
        };
        let Some(token) = sought.page.token else {
            // WHY: a limit of 0 asks for the total only; its token goes on with the server's own page size.
            let size = if wanted == Some(0) { 0 } else { limit };
            return Ok(Walk { binding, start: 0, size, paged: wanted.is_some() });
        };
        let refused = |message: &str| Fault::BadRequest {
            message: message.to_owned(),
            pointer: Some("/page/token".to_owned()),
        };
        let opened = self.pager.open(token, &binding);
        let (start, first_limit) = opened.ok_or_else(|| {
            refused("the page token does not belong to this search, or policies or graph have changed: begin anew")
        })?;
        if wanted == Some(0) {
            return Err(refused("a walk cannot go on in pages of 0"));
        }
        // SPEC: §8.2: other paging parameters stay as they were; an absent limit is accepted.
        if wanted.is_some() && limit != first_limit {
            return Err(refused("the page token belongs to a walk with another limit"));
        }
        Ok(Walk { binding: Binding { limit: first_limit, ..binding }, start, size: first_limit, paged: true })
    }

    /// One page of results as bytes, and how many it holds.
    fn cut<R: Serialize + Clone>(&self, all: &[R], walk: &Walk<'_>) -> Result<(Vec<u8>, u32), Fault> {
        let start = usize::try_from(walk.start).unwrap_or(usize::MAX).min(all.len());
        let limit = usize::try_from(walk.size).unwrap_or(usize::MAX);
        let end = start.saturating_add(limit).min(all.len());
        let results = all.get(start..end).unwrap_or_default().to_vec();
        let count = results.len();
        let more = end < all.len();
        let mut answer = SearchResponse::new(results);
        if walk.paged || more {
            let mut page = if more {
                PageAnswer::more(self.pager.seal(end as u64, &walk.binding))
            } else {
                PageAnswer::last()
            };
            page.count = Some(count as u64);
            page.total = Some(all.len() as u64);
            answer = answer.with_page(page);
        }
        Ok((bytes(&answer)?, u32::try_from(count).unwrap_or(u32::MAX)))
    }
}

struct Walk<'a> {
    binding: Binding<'a>,
    start: u64,
    size: u64,
    paged: bool,
}

fn word(kind: SearchKind) -> &'static str {
    match kind {
        SearchKind::Subject => "subject",
        SearchKind::Resource => "resource",
        SearchKind::Action => "action",
    }
}

fn of_subject<'j>(search: &SubjectSearch<'j>) -> Sought<'j> {
    let subject = open(search.subject_type);
    let parties = (subject, Some(&search.action), Side::of(&search.resource));
    sought(SearchKind::Subject, parties, (None, search.context), search.page, search.query_text())
}

fn of_resource<'j>(search: &ResourceSearch<'j>) -> Sought<'j> {
    let parties = (Side::of(&search.subject), Some(&search.action), open(search.resource_type));
    let told = (search.subject.properties, search.context);
    sought(SearchKind::Resource, parties, told, search.page, search.query_text())
}

fn of_action<'j>(search: &ActionSearch<'j>) -> Sought<'j> {
    let parties = (Side::of(&search.subject), None, Side::of(&search.resource));
    let told = (search.subject.properties, search.context);
    sought(SearchKind::Action, parties, told, search.page, search.query_text())
}

fn open(kind: &str) -> Side<'_> {
    Side { kind, id: "", asserted: Vec::new() }
}

fn sought<'j>(
    kind: SearchKind,
    (subject, action, resource): (Side<'j>, Option<&Action<'j>>, Side<'j>),
    (properties, context): (Option<&'j Object<'j>>, Option<&'j Object<'j>>),
    page: Page<'j>,
    query_text: String,
) -> Sought<'j> {
    Sought {
        kind,
        subject,
        action: action.map(intake::action).unwrap_or_default(),
        resource,
        context: intake::values(context),
        context_hash: intake::context_hash(context),
        unsupported: intake::unsupported(properties, context),
        page,
        query_text,
    }
}

fn query<'a>(sought: &'a Sought<'a>, live: &Live, now: Timestamp, pep: &'a str) -> Query<'a> {
    Query {
        subject: enrich::party(&sought.subject, &live.bound),
        actor: None,
        action: Asked::resolve(&live.bound, sought.action.0),
        resource: enrich::party(&sought.resource, &live.bound),
        action_properties: &sought.action.1,
        context: &sought.context,
        now,
        pep,
        unsupported: sought.unsupported,
        agency: None,
    }
}

/// Every subject or resource that evaluation would allow, by id.
fn entities(sought: &Sought<'_>, live: &Live, now: Timestamp, call: &Call<'_>) -> Vec<EntityResult> {
    let query = query(sought, live, now, &call.pep.name);
    let searched = if sought.kind == SearchKind::Subject { &query.subject } else { &query.resource };
    // SPEC: an undeclared type is not an error, it has nobody.
    let Some(of) = searched.type_id else { return Vec::new() };
    let outcome = match sought.kind {
        SearchKind::Subject => engine::search::subjects(&live.bound, &query, of),
        SearchKind::Resource | SearchKind::Action => engine::search::resources(&live.bound, &query, of),
    };
    let graph = live.bound.snapshot();
    let kind = searched.type_name;
    outcome
        .found
        .iter()
        .map(|node| EntityResult { kind: kind.to_owned(), id: graph.id_of(*node).to_owned() })
        .collect()
}

/// Every declared action that evaluation would allow, by name.
fn actions(sought: &Sought<'_>, live: &Live, now: Timestamp, call: &Call<'_>) -> Vec<ActionResult> {
    let query = query(sought, live, now, &call.pep.name);
    let schema = live.bound.program().schema();
    let names = engine::search::actions(&live.bound, &query).into_iter().filter_map(|id| schema.action(id));
    names.map(|action| ActionResult { name: action.name.to_string() }).collect()
}

fn searched(sought: &Sought<'_>, results: u32) -> Searched {
    let entity = |side: &Side<'_>, open: bool| {
        if open { Entity::any(side.kind) } else { Entity::new(side.kind, side.id) }
    };
    let reason = match (sought.unsupported, results) {
        (Some(_), _) => Reason::NotSupportedYet,
        (None, 0) => Reason::NoPermitApplies,
        (None, _) => Reason::Permitted,
    };
    Searched {
        query: sought.kind,
        results,
        subject: entity(&sought.subject, sought.kind == SearchKind::Subject),
        action: (sought.kind != SearchKind::Action).then(|| sought.action.0.to_owned()),
        resource: entity(&sought.resource, sought.kind == SearchKind::Resource),
        context_hash: sought.context_hash.clone(),
        reason,
    }
}
