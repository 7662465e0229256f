//! The three searches, in pages; one ledger record a page.

use remit_authzen::{
    Action, ActionResult, ActionSearch, EntityResult, Page, PageAnswer, ResourceSearch, SearchResponse,
    SubjectSearch,
};
use remit_engine::{self as engine, Asked, Query};
use remit_json::Object;
use remit_ledger::{Entity, SearchKind};
use remit_model::Reason;
use serde::Serialize;
use std::sync::OnceLock;

use crate::acting::Acting;
use crate::batch::bytes;
use crate::call::{Call, Reply, Rights};
use crate::denial::Denial;
use crate::enrich::{self, Sight};
use crate::fault::Fault;
use crate::intake::{self, Side, Values};
use crate::live::Live;
use crate::message::Message;
use crate::page::Binding;
use crate::pdp::{Pdp, new_id};
use crate::record::{Frame, Searched};
use crate::said::{self, Said};
use crate::standing::View;
use crate::tenant;

/// A search with its values converted; the searched side has no id and nothing asserted.
struct Sought<'j> {
    kind: SearchKind,
    subject: Side<'j>,
    action: (&'j str, Values<'j>),
    resource: Side<'j>,
    context: Values<'j>,
    message: OnceLock<Values<'static>>,
    context_hash: Option<String>,
    unsupported: Option<&'static str>,
    /// What it says about agents, purpose and history.
    said: Option<Said<'j>>,
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
            SearchKind::Resource => {
                of_resource(&ResourceSearch::parse(&json).map_err(refused)?, &call.pep.rights)?
            }
            SearchKind::Action => of_action(&ActionSearch::parse(&json).map_err(refused)?, &call.pep.rights)?,
        };
        self.answer_search(call, &sought).await
    }

    async fn answer_search(&self, call: &Call<'_>, sought: &Sought<'_>) -> Result<Reply, Fault> {
        let now = self.now()?;
        let live = self.published.load_full();
        let frame = self.frame(call, &live, now);
        tenant::admit(call.pep, &live, sought.known())?;
        let (acting, denied) = match self.acts(&frame, sought).await? {
            Ok(acting) => (acting, None),
            Err(denial) => (None, Some(denial.reason)),
        };
        let lineage = acting.as_ref().map(|acting| acting.lineage(&self.state)).unwrap_or_default();
        // WHY: what a walk finds depends on what has happened; when that changes, it begins anew.
        let state: String = lineage.iter().map(|it| format!(" {}", it.version)).collect();
        let text = format!("{}{state}", sought.query_text);
        let walk = self.walk(call, sought, &text, &live)?;
        let view = View::of(&self.state);
        // WHY: a search decides thousands of questions; what rests on a source is not found by it.
        let sight = Sight { now, pep: &call.pep.name, standing: Some(&view), outside: None };
        let plain = query(sought, &live, &sight);
        let found = |query: &Query<'_>| found(sought, &live, query);
        let found = match (&acting, denied) {
            (_, Some(_)) => Found::nothing(sought.kind),
            (None, None) => found(&plain),
            (Some(acting), None) => {
                acting.through(&live.bound, &sought.context, &lineage, |agency| found(&plain.through(agency)))
            }
        };
        let found = found.within(call.pep.tenant.as_deref(), &live);
        let (body, results) = match &found {
            Found::Actions(all) => self.cut(all, &walk)?,
            Found::Entities(all) => self.cut(all, &walk)?,
        };
        let evaluation_id = new_id();
        let page = searched(sought, results, denied);
        let record = frame.search(evaluation_id.clone(), page, acting.as_ref(), &lineage);
        // INVARIANT: no answer leaves before the ledger has accepted its record.
        let _receipt = self.ledger.append(record).await.map_err(|error| self.unrecorded(&error))?;
        self.counts.searches.up();
        Ok(Reply { body, evaluation_id: Some(evaluation_id) })
    }

    /// Who acts, when the search or the connection says anything of it.
    async fn acts(
        &self,
        frame: &Frame<'_>,
        sought: &Sought<'_>,
    ) -> Result<Result<Option<Acting>, Denial>, Fault> {
        let nothing = frame.call.pep.proved_workload().map(|_| Said::default());
        let said = sought.said.as_ref().or(nothing.as_ref()).filter(|_| sought.unsupported.is_none());
        let Some(said) = said else { return Ok(Ok(None)) };
        let subject = (sought.subject.kind, sought.subject.id);
        let acting = Acting::of(said, subject, frame, &self.verifier).await?;
        Ok(acting.map(|acting| Some(acting.comparing(self.outcome_key.as_ref()))))
    }

    /// Where in the results this page begins and how long it is.
    fn walk<'a>(
        &self,
        call: &'a Call<'_>,
        sought: &Sought<'_>,
        query: &'a str,
        live: &Live,
    ) -> Result<Walk<'a>, Fault> {
        let wanted = sought.page.limit;
        let limit = wanted.filter(|limit| *limit > 0).unwrap_or(self.limits.page).min(self.limits.page);
        let binding = Binding {
            kind: word(sought.kind),
            pep: &call.pep.name,
            query,
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

impl<'j> Sought<'j> {
    /// The sides that the search names.
    fn known(&self) -> impl Iterator<Item = (&'j str, &'j str)> {
        let side = |side: &Side<'j>, open: bool| (!open).then_some((side.kind, side.id));
        let subject = side(&self.subject, self.kind == SearchKind::Subject);
        let resource = side(&self.resource, self.kind == SearchKind::Resource);
        subject.into_iter().chain(resource)
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
    let plain =
        sought(SearchKind::Subject, parties, (None, search.context), search.page, search.query_text());
    Sought { unsupported: intake::about_agents(search.context), ..plain }
}

fn of_resource<'j>(search: &ResourceSearch<'j>, rights: &Rights) -> Result<Sought<'j>, Fault> {
    let parties = (Side::of(&search.subject), Some(&search.action), open(search.resource_type));
    let told = (search.subject.properties, search.context);
    let said = search.context.map_or(Ok(None), |context| said::of(context, rights))?;
    let plain = sought(SearchKind::Resource, parties, told, search.page, search.query_text());
    Ok(Sought { said, ..plain })
}

fn of_action<'j>(search: &ActionSearch<'j>, rights: &Rights) -> Result<Sought<'j>, Fault> {
    let parties = (Side::of(&search.subject), None, Side::of(&search.resource));
    let told = (search.subject.properties, search.context);
    let said = search.context.map_or(Ok(None), |context| said::of(context, rights))?;
    let plain = sought(SearchKind::Action, parties, told, search.page, search.query_text());
    Ok(Sought { said, ..plain })
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
        message: OnceLock::new(),
        context_hash: intake::context_hash(context),
        unsupported: intake::unsupported(properties),
        said: None,
        page,
        query_text,
    }
}

fn query<'a>(sought: &'a Sought<'a>, live: &Live, sight: &Sight<'a>) -> Query<'a> {
    let Sight { now, pep, standing, outside } = *sight;
    Query {
        subject: enrich::party(&sought.subject, &live.bound),
        actor: None,
        action: Asked::resolve(&live.bound, sought.action.0),
        resource: enrich::party(&sought.resource, &live.bound),
        action_properties: &sought.action.1,
        context: &sought.context,
        message: sought.message.get_or_init(|| {
            let message = Message::of(&sought.context, &sought.action.1, None);
            message.facts(live.bound.program().message_facts(), &live.schemas)
        }),
        now,
        pep,
        unsupported: sought.unsupported,
        standing,
        outside,
        agency: None,
    }
}

/// Everything that evaluation would allow.
enum Found {
    /// Subjects or resources, by id.
    Entities(Vec<EntityResult>),
    /// Declared actions, by name.
    Actions(Vec<ActionResult>),
}

impl Found {
    fn nothing(of: SearchKind) -> Self {
        match of {
            SearchKind::Action => Self::Actions(Vec::new()),
            SearchKind::Subject | SearchKind::Resource => Self::Entities(Vec::new()),
        }
    }

    /// What a caller of this tenant may learn of.
    fn within(self, tenant: Option<&str>, live: &Live) -> Self {
        match (self, tenant) {
            (Self::Entities(mut all), Some(tenant)) => {
                all.retain(|one| tenant::is_of(tenant, live, &one.kind, &one.id));
                Self::Entities(all)
            }
            (all, _) => all,
        }
    }
}

fn found(sought: &Sought<'_>, live: &Live, query: &Query<'_>) -> Found {
    match sought.kind {
        SearchKind::Action => Found::Actions(actions(live, query)),
        SearchKind::Subject | SearchKind::Resource => Found::Entities(entities(sought.kind, live, query)),
    }
}

fn entities(searched_for: SearchKind, live: &Live, query: &Query<'_>) -> Vec<EntityResult> {
    let searched = if searched_for == SearchKind::Subject { &query.subject } else { &query.resource };
    // SPEC: an undeclared type is not an error, it has nobody.
    let Some(of) = searched.type_id else { return Vec::new() };
    let outcome = match searched_for {
        SearchKind::Subject => engine::search::subjects(&live.bound, query, of),
        SearchKind::Resource | SearchKind::Action => engine::search::resources(&live.bound, query, of),
    };
    let graph = live.bound.snapshot();
    let kind = searched.type_name;
    outcome
        .found
        .iter()
        .map(|node| EntityResult { kind: kind.to_owned(), id: graph.id_of(*node).to_owned() })
        .collect()
}

fn actions(live: &Live, query: &Query<'_>) -> Vec<ActionResult> {
    let schema = live.bound.program().schema();
    let names = engine::search::actions(&live.bound, query).into_iter().filter_map(|id| schema.action(id));
    names.map(|action| ActionResult { name: action.name.to_string() }).collect()
}

fn searched(sought: &Sought<'_>, results: u32, denied: Option<Reason>) -> Searched {
    let entity = |side: &Side<'_>, open: bool| {
        if open { Entity::any(side.kind) } else { Entity::new(side.kind, side.id) }
    };
    let reason = match (sought.unsupported, denied, results) {
        (Some(_), _, _) => Reason::NotSupportedYet,
        (None, Some(denied), _) => denied,
        (None, None, 0) => Reason::NoPermitApplies,
        (None, None, _) => Reason::Permitted,
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
