//! `Agency`: who acts for the subject, with what, for which purpose, and what has happened so far. A question without
//! it is one that the subject asks itself.

use std::fmt;
use std::sync::Arc;

use remit_model::{DelegationChain, EntityRef, Intent, Name, Transaction, Value};

use crate::bind::Bound;
use crate::query::{Members, Party, member};

/// What a question says about agents, purpose and history. The default is a question that says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Agency<'a> {
    /// The agents that act for the subject, current first. Empty: nobody acts for it. What the PEP asserts about
    /// them is not looked at.
    pub chain: &'a [Party<'a>],
    /// The tool that is asked for; when there is none and the resource is a tool, it is that.
    pub tool: Option<Tool<'a>>,
    /// The intent that came with the request.
    pub goal: Option<Goal<'a>>,
    /// The transaction that the request names.
    pub history: History<'a>,
    /// Whether the subject is known to be a service account and no person.
    pub service: bool,
    /// The claims of the verified token that speaks for the subject, for `token.…`.
    pub claims: Option<Members<'a>>,
    /// Whose token it is: `user`, `agent`, `user+agent`, `workload`, `workload+user`; read as
    /// `token.identity_pattern`, whatever the token itself claims under that name.
    pub pattern: Option<&'a str>,
    /// How surely tokens say who is who, from 1 to 3: first the subject, then the chain. Who is not there has nothing
    /// said of it.
    pub assured: &'a [Option<u8>],
    /// Gives the keyed hash under which a value was reported, when there is a key.
    pub keyed: Option<Keyed<'a>>,
}

/// A tool, and what the PEP says its definition is.
#[derive(Debug, Clone, Copy)]
pub struct Tool<'a> {
    /// The tool.
    pub party: Party<'a>,
    /// The hash of the definition that would be called.
    pub fingerprint: Option<&'a str>,
}

impl<'a> Tool<'a> {
    /// The tool that `tool` of a request's context names, with the fingerprint in `tool_hash`. What names no tool is an
    /// unknown one; a schema without tools has none to name.
    #[must_use]
    pub fn named(bound: &Bound, context: Members<'a>) -> Option<Self> {
        let named = member(context, "tool")?;
        let schema = bound.program().schema();
        let tools = bound.program().cast.tools();
        let first = schema.entity_type(*tools.first()?)?.name.as_str();
        let (kind, id) = match named {
            Value::Entity(entity) => (entity.kind.as_str(), &*entity.id),
            Value::String(id) if tools.len() == 1 => ("", &**id),
            Value::Record(_) => match (named.member("type"), named.member("id")) {
                (Some(Value::String(kind)), Some(Value::String(id))) => (&**kind, &**id),
                _ => ("", ""),
            },
            _ => ("", ""),
        };
        let party = if kind.is_empty() && !id.is_empty() {
            let node = tools.first().and_then(|of| bound.snapshot().node(*of, id));
            Party { type_name: "tool", type_id: schema.type_id(first), id, node, asserted: &[] }
        } else {
            Party::resolve(bound, kind, id)
        };
        let fingerprint = match member(context, "tool_hash") {
            None => None,
            Some(Value::String(hash)) => Some(&**hash),
            Some(_) => Some(""),
        };
        Some(Self { party, fingerprint })
    }
}

/// A stated intent.
#[derive(Debug, Clone, Copy)]
pub struct Goal<'a> {
    /// The intent.
    pub intent: &'a Arc<Intent>,
    /// It came in a verified token.
    pub signed: bool,
}

/// What the request says about a transaction.
#[derive(Debug, Clone, Copy, Default)]
pub enum History<'a> {
    /// It names none.
    #[default]
    None,
    /// It names one that nobody knows.
    Unknown,
    /// The transaction, its parent, and so on to the root. Empty means unknown.
    Known(&'a [Arc<Transaction>]),
}

/// A function from a canonical form to its keyed hash.
#[derive(Clone, Copy)]
pub struct Keyed<'a>(pub &'a (dyn Fn(&str) -> String + Sync));

impl fmt::Debug for Keyed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyed")
    }
}

impl<'a> Agency<'a> {
    /// From the transaction to its root; empty when there is none.
    #[must_use]
    pub fn lineage(&self) -> &'a [Arc<Transaction>] {
        match self.history {
            History::Known(lineage) => lineage,
            History::None | History::Unknown => &[],
        }
    }

    /// The transaction.
    #[must_use]
    pub fn transaction(&self) -> Option<&'a Transaction> {
        self.lineage().first().map(|transaction| &**transaction)
    }

    /// The intent the step belongs to: that of the transaction, else the one that came with the request.
    #[must_use]
    pub fn intent(&self) -> Option<&'a Arc<Intent>> {
        self.transaction().map(|transaction| &transaction.intent).or(self.goal.map(|goal| goal.intent))
    }

    /// Whether the intent of the step came in a verified token, or was narrowed from one that did.
    #[must_use]
    pub fn signed(&self) -> bool {
        let Some(goal) = self.goal.filter(|goal| goal.signed) else { return false };
        let lineage = self.lineage();
        lineage.is_empty() || lineage.iter().any(|transaction| same(&transaction.intent, goal.intent))
    }

    /// The chain as a value of its own, when each member has a valid type name.
    #[must_use]
    pub fn delegation(&self) -> Option<DelegationChain> {
        let mut agents = self.chain.iter().map(entity);
        let current = agents.next()??;
        Some(DelegationChain::new(current, agents.collect::<Option<_>>()?))
    }
}

/// Equal intents, most often one and the same.
pub(crate) fn same(a: &Arc<Intent>, b: &Arc<Intent>) -> bool {
    Arc::ptr_eq(a, b) || a == b
}

/// The party as type and id.
pub(crate) fn entity(party: &Party<'_>) -> Option<EntityRef> {
    Some(EntityRef::new(Name::new(party.type_name).ok()?, party.id))
}
