//! Sources outside: services that policies read, asked before a question is decided. What does not answer in time and
//! form says nothing, and what rules read of it is unknown.

mod breaker;
mod cache;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use remit_engine::{Bound, OutsidePlan, Program, Query, sent};
use remit_identity::{AddressRule, Fetch, FetchError, FetchRequest};
use remit_model::{Schema, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use crate::bundle::hex;
use crate::counts::Counts;
use crate::{intake, limits, message};
use breaker::Breaker;
use cache::Cache;

/// How a source may be asked, as whoever runs the decision point says.
#[derive(Clone, Default)]
pub struct Access {
    /// Where it is asked, instead of where the policy says.
    pub url: Option<String>,
    /// Hosts that the policy's own URL may have.
    pub hosts: Vec<String>,
    /// Headers of every call.
    pub headers: Vec<(String, String)>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// Whether addresses may be asked that are not public.
    pub private_addresses: bool,
}

/// Shows where to, never with what.
impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("url", &self.url).field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// What became of asking a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It answered.
    Answered,
    /// It had answered the same question a short while before.
    Cached,
    /// Not in time.
    Late,
    /// With another status than 200.
    Refused,
    /// No connection, or it broke.
    Unreachable,
    /// With what is no JSON object, or too much of it.
    Malformed,
    /// It failed so often that it was not asked.
    Open,
    /// Too many questions wait for it already.
    Busy,
    /// The configuration does not let it be asked.
    NotAllowed,
}

/// What a source said for one question; kept beside its record, so that it can be decided again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The source.
    pub source: String,
    /// SHA-256 of its declaration: name, place, paths.
    pub declared: String,
    /// SHA-256 of where it was asked and what it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// The members of its answer that rules read, as they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<(String, Value)>,
}

/// What the sources of a program have said, as a question sees it; remembers which it would have to know.
#[derive(Debug)]
pub(crate) struct Heard<'a> {
    /// By index of the source.
    told: Vec<Option<&'a Told>>,
    wanted: AtomicU64,
}

impl<'a> Heard<'a> {
    /// What was told to this program or to one that declares the source alike.
    pub(crate) fn of(program: &Program, told: &'a [Told]) -> Self {
        let of = |plan: &OutsidePlan| {
            let declared = (!told.is_empty()).then(|| declared(plan))?;
            told.iter().find(|one| one.source == plan.name.as_str() && one.declared == declared)
        };
        Self { told: program.sources().iter().map(of).collect(), wanted: AtomicU64::new(0) }
    }

    /// What is to be asked before the question can be decided, in the order of the program.
    pub(crate) fn asks(&self, bound: &Bound, query: &Query<'_>) -> Vec<Ask> {
        let wanted = self.wanted.load(Ordering::Relaxed);
        if wanted == 0 {
            return Vec::new();
        }
        let of = |at: u16, plan: &OutsidePlan| Ask {
            name: plan.name.to_string(),
            url: Arc::clone(&plan.url),
            declared: declared(plan),
            timeout: spell(plan.timeout),
            cache: plan.cache.map(spell),
            gives: plan.gives.iter().map(ToString::to_string).collect(),
            body: body(&sent(bound, query, at), bound.program().schema()),
        };
        let all = (0_u16..).zip(bound.program().sources());
        all.filter(|(at, _)| wanted & (1 << (at & 63)) != 0).map(|(at, plan)| of(at, plan)).collect()
    }
}

impl remit_engine::Outside for Heard<'_> {
    fn said(&self, source: u16, member: &str) -> Option<&Value> {
        let Some(told) = self.told.get(usize::from(source)).copied().flatten() else {
            self.wanted.fetch_or(1 << (source & 63), Ordering::Relaxed);
            return None;
        };
        told.values.iter().find(|(name, _)| name == member).map(|(_, value)| value)
    }
}

/// A source that is to be asked, and with what.
#[derive(Debug)]
pub(crate) struct Ask {
    name: String,
    url: Arc<str>,
    declared: String,
    timeout: Duration,
    cache: Option<Duration>,
    gives: Vec<String>,
    body: Vec<u8>,
}

impl Ask {
    /// What is told of it when nothing came of it.
    fn lost(&self) -> Told {
        let (source, declared) = (self.name.clone(), self.declared.clone());
        Told { source, declared, sent: None, outcome: Outcome::Unreachable, values: Vec::new() }
    }
}

/// Asks sources: who may be asked, who failed, what was answered a short while before.
pub(crate) struct Gatherer {
    access: BTreeMap<String, Access>,
    fetch: Arc<dyn Fetch>,
    breakers: Mutex<HashMap<String, Arc<Breaker>>>,
    cache: Cache,
}

/// A source that is no longer asked, as of now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opened(pub(crate) String);

impl Gatherer {
    pub(crate) fn new(access: BTreeMap<String, Access>, fetch: Arc<dyn Fetch>) -> Self {
        Self { access, fetch, breakers: Mutex::default(), cache: Cache::default() }
    }

    /// Tells of sources that policies read and nobody may ask.
    pub(crate) fn warn(&self, program: &Program) {
        for plan in program.sources() {
            if self.place(plan.name.as_str(), &plan.url).is_none() {
                tracing::warn!(
                    source = %plan.name,
                    url = %plan.url,
                    "the configuration lets nobody ask this source: what rules read of it is unknown"
                );
            }
        }
    }

    /// Asks all of these at once and adds what they said; each is asked once, whatever becomes of it. Gives those that are
    /// no longer asked from now on.
    pub(crate) async fn hear(
        self: &Arc<Self>,
        mut asks: Vec<Ask>,
        told: &mut Vec<Told>,
        counts: &Counts,
    ) -> Vec<Opened> {
        let (before, mut opened) = (told.len(), Vec::new());
        let mut take = |(one, open): (Told, Option<Opened>)| {
            counts.asked(one.outcome);
            opened.extend(open);
            told.push(one);
        };
        let last = asks.pop();
        let mut others = JoinSet::new();
        for ask in asks {
            let (gatherer, lost) = (Arc::clone(self), ask.lost());
            // INVARIANT: each is heard, also when a defect ends its task; else it would be asked for ever.
            others.spawn(async move {
                let asked = tokio::spawn(async move { gatherer.ask(ask).await });
                asked.await.unwrap_or((lost, None))
            });
        }
        if let Some(last) = last {
            take(self.ask(last).await);
        }
        while let Some(asked) = others.join_next().await {
            asked.into_iter().for_each(&mut take);
        }
        if let Some(new) = told.get_mut(before..) {
            new.sort_by(|a, b| a.source.cmp(&b.source));
        }
        opened
    }

    async fn ask(&self, ask: Ask) -> (Told, Option<Opened>) {
        let told = |outcome, sent, values| Told {
            source: ask.name.clone(),
            declared: ask.declared.clone(),
            sent,
            outcome,
            values,
        };
        let Some((access, url)) = self.place(&ask.name, &ask.url) else {
            return (told(Outcome::NotAllowed, None, Vec::new()), None);
        };
        let key = Sha256::new()
            .chain_update(url.as_bytes())
            .chain_update([0])
            .chain_update(ask.declared.as_bytes())
            .chain_update(&ask.body)
            .finalize();
        let sent = Some(hex(&key));
        if let Some(values) = ask.cache.and_then(|_| self.cache.get(&key.into(), Instant::now())) {
            return (told(Outcome::Cached, sent, values.to_vec()), None);
        }
        let breaker = self.breaker(&ask.name);
        let trial = match breaker.begin(Instant::now()) {
            Ok(trial) => trial,
            Err(outcome) => return (told(outcome, sent, Vec::new()), None),
        };
        match self.fetched(&ask, access, url).await {
            Ok(values) => {
                trial.succeeded();
                if let Some(age) = ask.cache {
                    self.cache.put(key.into(), values.as_slice().into(), Instant::now(), age);
                }
                (told(Outcome::Answered, sent, values), None)
            }
            Err(outcome) => {
                let opened = trial.failed(Instant::now()).then(|| Opened(ask.name.clone()));
                (told(outcome, sent, Vec::new()), opened)
            }
        }
    }

    async fn fetched(&self, ask: &Ask, access: &Access, url: &str) -> Result<Vec<(String, Value)>, Outcome> {
        let request = FetchRequest {
            url,
            form: None,
            json: Some(&ask.body),
            headers: &access.headers,
            authorization: access.authorization.as_deref(),
            max_bytes: limits::SOURCE_ANSWER_BYTES,
            deadline_ms: u64::try_from(ask.timeout.as_millis()).unwrap_or(u64::MAX),
            addresses: if access.private_addresses { AddressRule::Any } else { AddressRule::Public },
        };
        let reply = self.fetch.fetch(request).await.map_err(|error| {
            tracing::debug!(source = ask.name, %error, "a source gave no answer");
            match error {
                FetchError::Late(_) => Outcome::Late,
                FetchError::Status(_) => Outcome::Refused,
                FetchError::TooLong(_) => Outcome::Malformed,
                FetchError::Address | FetchError::Connection(_) => Outcome::Unreachable,
            }
        })?;
        if !reply.is_json() {
            return Err(Outcome::Malformed);
        }
        read(&reply.body, &ask.gives).ok_or(Outcome::Malformed)
    }

    /// By what right and where a source is asked.
    fn place<'a>(&'a self, name: &str, url: &'a str) -> Option<(&'a Access, &'a str)> {
        let access = self.access.get(name)?;
        match &access.url {
            Some(url) => Some((access, url)),
            None => {
                let host = host(url)?;
                let listed = access.hosts.iter().any(|known| known.eq_ignore_ascii_case(host));
                listed.then_some((access, url))
            }
        }
    }

    fn breaker(&self, name: &str) -> Arc<Breaker> {
        let mut all = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(name.to_owned()).or_default())
    }
}

/// The members of an answer that are read, those that are null left out; nothing when it is no JSON object.
fn read(body: &[u8], gives: &[String]) -> Option<Vec<(String, Value)>> {
    let json = remit_json::parse(body, &remit_json::Limits::default()).ok()?;
    let members = json.as_object()?;
    let given = gives.iter().filter_map(|name| Some((name.clone(), intake::value(members.get(name)?)?)));
    Some(given.collect())
}

fn declared(plan: &OutsidePlan) -> String {
    hex(&Sha256::digest(plan.fingerprint().as_bytes()))
}

fn spell(of: remit_model::Duration) -> Duration {
    Duration::from_nanos(u64::try_from(of.nanos()).unwrap_or(0))
}

/// What is sent: an object with each path and its value, `null` where it has none.
fn body(sent: &[(Arc<str>, Option<Value>)], schema: &Schema) -> Vec<u8> {
    let member = |(path, value): &(Arc<str>, Option<Value>)| {
        let value = value.as_ref().map_or(serde_json::Value::Null, |value| plain(value, schema));
        (path.to_string(), value)
    };
    let object: serde_json::Map<String, serde_json::Value> = sent.iter().map(member).collect();
    serde_json::Value::Object(object).to_string().into_bytes()
}

/// A value as services read it: entities by type and id, members of levels by name.
fn plain(value: &Value, schema: &Schema) -> serde_json::Value {
    match value {
        Value::Entity(entity) => serde_json::json!({ "type": entity.kind.as_str(), "id": &*entity.id }),
        Value::Level(of, rank) => {
            let level = schema.level(*of).and_then(|level| level.members.get(usize::from(*rank)));
            level.map_or(serde_json::Value::Null, |name| name.as_str().into())
        }
        Value::Set(items) => items.iter().map(|item| plain(item, schema)).collect(),
        Value::Record(members) => {
            members.iter().map(|(name, value)| (name.to_string(), plain(value, schema))).collect()
        }
        other => message::plain(other),
    }
}

/// The host of a URL, without its port.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    match authority.strip_prefix('[') {
        Some(inside) => inside.split_once(']').map(|(host, _)| host),
        None => authority.split(':').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_read_is_taken_from_an_answer_and_only_from_an_object() {
        let gives = ["score".to_owned(), "verdict".to_owned(), "gone".to_owned()];
        let values = read(br#"{"score":0.25,"verdict":null,"more":[1]}"#, &gives).unwrap();
        assert_eq!(values.len(), 1);
        assert_eq!(values[0].0, "score");
        for other in ["[]", "0.5", "", "{\"score\":1,\"score\":0}", "{"] {
            assert!(read(other.as_bytes(), &gives).is_none(), "{other}");
        }
    }

    #[test]
    fn the_place_is_the_configured_one_or_one_of_a_listed_host() {
        let access = |url: Option<&str>, hosts: &[&str]| {
            let access = Access {
                url: url.map(str::to_owned),
                hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
                ..Access::default()
            };
            let all = BTreeMap::from([("shield".to_owned(), access)]);
            Gatherer::new(all, Arc::new(remit_identity::Offline))
        };
        let stated = "https://Shield.example:8443/v1/check";
        let place = |of: &Gatherer, name: &str| of.place(name, stated).map(|(_, url)| url.to_owned());
        assert_eq!(place(&access(None, &["shield.example"]), "shield").as_deref(), Some(stated));
        assert_eq!(place(&access(None, &["example", "hield.example"]), "shield"), None);
        assert_eq!(place(&access(None, &["shield.example"]), "other"), None);
        let own = "https://inside.example/check";
        assert_eq!(place(&access(Some(own), &[]), "shield").as_deref(), Some(own));
        assert_eq!(host("http://[::1]:80/x"), Some("::1"));
    }
}
