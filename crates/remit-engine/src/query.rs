//! `Query`: the question with its names resolved against one program and one snapshot.

use std::sync::Arc;

use remit_graph::NodeId;
use remit_model::{ActionId, Grant, Seen, Timestamp, TypeId, Value};

use crate::agency::Agency;
use crate::bind::Bound;

/// Named values as they came: properties of a party, of the action, members of the context.
pub type Members<'a> = &'a [(&'a str, Value)];

/// Subject, actor or resource of a question.
#[derive(Debug, Clone, Copy)]
pub struct Party<'a> {
    /// Its type as asked; it need not be declared.
    pub type_name: &'a str,
    /// Its type, when declared.
    pub type_id: Option<TypeId>,
    /// Its id.
    pub id: &'a str,
    /// Its node, when the graph has one.
    pub node: Option<NodeId>,
    /// What the PEP says about it, in the kinds JSON has.
    pub asserted: Members<'a>,
}

impl<'a> Party<'a> {
    /// Finds type and node.
    #[must_use]
    pub fn resolve(bound: &Bound, type_name: &'a str, id: &'a str) -> Self {
        let type_id = bound.program().type_id(type_name);
        let node = type_id.and_then(|of| bound.snapshot().node(of, id));
        Self { type_name, type_id, id, node, asserted: &[] }
    }

    /// The same party with what the PEP asserts about it.
    #[must_use]
    pub fn asserting(mut self, asserted: Members<'a>) -> Self {
        self.asserted = asserted;
        self
    }
}

/// The action asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Its name as asked.
    pub name: &'a str,
    /// Its id, when declared.
    pub id: Option<ActionId>,
}

impl<'a> Asked<'a> {
    /// Finds the action.
    #[must_use]
    pub fn resolve(bound: &Bound, name: &'a str) -> Self {
        Self { name, id: bound.program().action_id(name) }
    }
}

/// What is known of parties beside the graph: consents and signals. Asked when a condition reads them, and as long as
/// one question is decided it must give the same.
pub trait Standing: std::fmt::Debug + Sync {
    /// What this party has agreed to; nothing when that is nothing.
    fn consents(&self, kind: &str, id: &str) -> Option<Arc<Vec<Grant>>>;
    /// What was seen of this party; nothing when that is nothing.
    fn signals(&self, kind: &str, id: &str) -> Option<Arc<Seen>>;
    /// The allowed steps of an agent; nothing when there are none.
    fn steps(&self, _kind: &str, _id: &str) -> Option<Arc<Seen>> {
        None
    }
}

/// What services outside say. Asked when a condition reads it, by index in [`Program::sources`](crate::Program::sources)
/// and member; as long as one question is decided it must give the same. What is not known is unknown.
pub trait Outside: std::fmt::Debug + Sync {
    /// A member of the answer of a source, in the kinds JSON has.
    fn said(&self, source: u16, member: &str) -> Option<&Value>;
}

/// May the subject do this to the resource, now?
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Who everybody acts for.
    pub subject: Party<'a>,
    /// The current agent; `None` when the subject acts itself. [`Query::through`] sets it with the chain it is of.
    pub actor: Option<Party<'a>>,
    /// What is to be done.
    pub action: Asked<'a>,
    /// What it is done to.
    pub resource: Party<'a>,
    /// `action.properties`
    pub action_properties: Members<'a>,
    /// Top-level members of the request context; `message` is the member of that name, as its sender says.
    pub context: Members<'a>,
    /// What was found out about the message ([`MessageFact`](remit_model::MessageFact)); what is absent is unknown.
    pub message: Members<'a>,
    /// The instant at which the question is decided.
    pub now: Timestamp,
    /// Who asks.
    pub pep: &'a str,
    /// What the request carries that this release does not decide: always a deny.
    pub unsupported: Option<&'static str>,
    /// What is known of parties beside the graph; without it consents and signals are unknown.
    pub standing: Option<&'a dyn Standing>,
    /// What services outside say; without it all of that is unknown.
    pub outside: Option<&'a dyn Outside>,
    /// Agents, purpose and history; `None` when the question says nothing about any of them.
    pub agency: Option<&'a Agency<'a>>,
}

impl<'a> Query<'a> {
    /// A question without properties or context, asked by nobody in particular.
    #[must_use]
    pub fn new(
        bound: &Bound,
        subject: (&'a str, &'a str),
        action: &'a str,
        resource: (&'a str, &'a str),
        now: Timestamp,
    ) -> Self {
        Self {
            subject: Party::resolve(bound, subject.0, subject.1),
            actor: None,
            action: Asked::resolve(bound, action),
            resource: Party::resolve(bound, resource.0, resource.1),
            action_properties: &[],
            context: &[],
            message: &[],
            now,
            pep: "",
            unsupported: None,
            standing: None,
            outside: None,
            agency: None,
        }
    }

    /// The same question, asked with these agents, this purpose and this history.
    #[must_use]
    pub fn through(mut self, agency: &'a Agency<'a>) -> Self {
        self.actor = agency.chain.first().copied();
        self.agency = Some(agency);
        self
    }
}

pub(crate) fn member<'a>(members: Members<'a>, name: &str) -> Option<&'a Value> {
    members.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}
