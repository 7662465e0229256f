//! Expressions, one arm per kind, nothing skipped and nothing remembered.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use remit_lang::checked::{Arithmetic, Comparison, Expr, ExprKind, Party, Policies, Reach, TextTest};
use remit_model::{EntityRef, Schema, Ty, Value};

use super::compare::{equal, has, has_all, has_any, order, same};
use super::convert::convert;
use super::known::{Known, Many};
use super::touched::Touched;
use super::truth::Truth;
use super::walk::{Reached, Step};
use super::world::{Ask, Asked, World};

/// One question against one world.
pub(super) struct Reader<'a> {
    pub(super) policies: &'a Policies,
    pub(super) world: &'a World,
    pub(super) placeholders: &'a BTreeSet<EntityRef>,
    pub(super) ask: &'a Ask,
    pub(super) touched: Cell<Touched>,
    /// Compiled once per oracle, for compiling takes longer than all the rest.
    pub(super) patterns: &'a RefCell<BTreeMap<Arc<str>, Option<regex::Regex>>>,
}

/// Variables of enclosing quantifiers and the edge under test.
#[derive(Clone, Default)]
pub(super) struct Scope<'s> {
    variables: Vec<Option<Value>>,
    edge: Option<&'s BTreeMap<String, Value>>,
    /// A step for each earlier task that a condition reads.
    steps: Vec<Arc<remit_model::Step>>,
}

impl<'s> Scope<'s> {
    pub(super) fn empty() -> Self {
        Self::default()
    }

    pub(super) fn on_edge(&self, edge: Option<&'s BTreeMap<String, Value>>) -> Scope<'s> {
        Self { variables: self.variables.clone(), edge, steps: self.steps.clone() }
    }

    /// With these earlier steps.
    pub(super) fn after(steps: Vec<Arc<remit_model::Step>>) -> Self {
        Self { steps, ..Self::default() }
    }

    fn with(&self, depth: u16, value: Value) -> Self {
        let mut inner = self.clone();
        inner.variables.resize(usize::from(depth), None);
        inner.variables.push(Some(value));
        inner
    }
}

impl Reader<'_> {
    pub(super) fn schema(&self) -> &Schema {
        &self.policies.schema
    }

    pub(super) fn party(&self, party: Party) -> &Asked {
        match party {
            Party::Subject => &self.ask.subject,
            Party::Actor => self.ask.actor.as_ref().unwrap_or(&self.ask.subject),
            Party::Resource => &self.ask.resource,
        }
    }

    fn touch(&self, what: Touched) {
        self.touched.set(self.touched.get().and(what));
    }

    /// An expression where a bool is expected.
    pub(super) fn truth(&self, expr: &Expr, scope: &Scope<'_>) -> Truth {
        self.eval(expr, scope).as_truth()
    }

    /// What the expression is known to be.
    pub(super) fn eval(&self, expr: &Expr, scope: &Scope<'_>) -> Known {
        match &expr.kind {
            ExprKind::Literal(value) => Known::of(value.clone()),
            ExprKind::Limit(id) => {
                Known::maybe(self.policies.limits.get(usize::from(id.0)).map(|limit| limit.value.clone()))
            }
            ExprKind::Party(party) => Known::One(Value::Entity(self.party(*party).entity.clone())),
            ExprKind::Now => Known::One(Value::Time(self.ask.now)),
            ExprKind::Pep => Known::One(Value::string(&self.ask.pep)),
            ExprKind::ActionName => Known::One(Value::string(&self.ask.action)),
            ExprKind::ActionProperty(name) => self.action_property(name.as_str()),
            ExprKind::Context(name) => self.context(name.as_str(), &expr.ty),
            ExprKind::Message(name) => self.message(name.as_str(), &expr.ty),
            ExprKind::Member(base, name) => member(&self.eval(base, scope), name.as_str()),
            ExprKind::Variable(depth) => {
                Known::maybe(scope.variables.get(usize::from(*depth)).cloned().flatten())
            }
            ExprKind::Attribute(base, attr) => {
                let party = as_party(base);
                match self.eval(base, scope) {
                    Known::One(Value::Entity(entity)) => self.property(&entity, *attr, party),
                    Known::Unknown | Known::One(_) => Known::Unknown,
                    Known::Many(set) => {
                        let complete = set.complete;
                        unite(
                            complete,
                            set.items.iter().map(|item| match item {
                                Value::Entity(entity) => self.property(entity, *attr, None),
                                _ => Known::Unknown,
                            }),
                        )
                    }
                }
            }
            ExprKind::Follow { base, relation, reach, inverse, filter } => {
                self.touch(Touched { closure: *reach != Reach::One, ..Touched::default() });
                let step = Step { relation: *relation, inverse: *inverse, filter: filter.as_deref() };
                let start = reached(self.eval(base, scope));
                let ends = self.follow(&start, as_party(base), step, *reach, scope);
                if matches!(expr.ty, Ty::Set(_)) { set_of(ends) } else { only(ends) }
            }
            ExprKind::EdgeProperty(name) => {
                Known::maybe(scope.edge.and_then(|edge| edge.get(name.as_str())).cloned())
            }
            ExprKind::Not(inner) => {
                self.touch(Touched { negation: true, ..Touched::default() });
                Known::truth(self.truth(inner, scope).negated())
            }
            ExprKind::And(all) => {
                Known::truth(all.iter().fold(Truth::True, |so_far, one| so_far.and(self.truth(one, scope))))
            }
            ExprKind::Or(all) => {
                Known::truth(all.iter().fold(Truth::False, |so_far, one| so_far.or(self.truth(one, scope))))
            }
            ExprKind::If(condition, yes, no) => self.branch(condition, yes, no, scope),
            ExprKind::Compare(how, a, b) => {
                let (a, b) = (self.eval(a, scope), self.eval(b, scope));
                Known::truth(self.compare(*how, &a, &b))
            }
            ExprKind::Contains { set, item } => {
                let set = self.set(set, scope);
                Known::truth(match self.eval(item, scope) {
                    Known::One(item) => has(self.schema(), &set, &item),
                    Known::Unknown | Known::Many(_) => Truth::Unknown,
                })
            }
            ExprKind::HasAny(set, wanted) => {
                Known::truth(has_any(self.schema(), &self.set(set, scope), &self.set(wanted, scope)))
            }
            ExprKind::HasAll(set, wanted) => {
                Known::truth(has_all(self.schema(), &self.set(set, scope), &self.set(wanted, scope)))
            }
            ExprKind::MemberOf(entity, group) => {
                let party = as_party(entity);
                Known::truth(match (self.eval(entity, scope), self.eval(group, scope)) {
                    (Known::One(Value::Entity(entity)), Known::One(Value::Entity(group))) => {
                        self.member_of(&entity, party, &group)
                    }
                    _ => Truth::Unknown,
                })
            }
            ExprKind::Within(address, network) => {
                let ip = |known: Known| known.as_one().and_then(|v| convert(self.schema(), v, &Ty::Ip));
                Known::truth(match (ip(self.eval(address, scope)), ip(self.eval(network, scope))) {
                    (Some(Value::Ip(address)), Some(Value::Ip(network))) => {
                        Truth::of(network.contains(&address))
                    }
                    _ => Truth::Unknown,
                })
            }
            ExprKind::Is(base, ty) => Known::truth(match self.eval(base, scope) {
                Known::One(Value::Entity(entity)) => Truth::of(self.type_of(&entity) == Some(*ty)),
                _ => Truth::Unknown,
            }),
            ExprKind::Present(base, wanted) => {
                let present = match self.eval(base, scope) {
                    Known::Unknown => false,
                    Known::One(_) => true,
                    Known::Many(set) => set.complete || !set.items.is_empty(),
                };
                Known::One(Value::Bool(present == *wanted))
            }
            ExprKind::Text(test, a, b) => {
                let (a, b) = (self.eval(a, scope), self.eval(b, scope));
                Known::truth(match (a.as_one(), b.as_one()) {
                    (Some(Value::String(a)), Some(Value::String(b))) => Truth::of(match test {
                        TextTest::StartsWith => a.starts_with(&**b),
                        TextTest::EndsWith => a.ends_with(&**b),
                        TextTest::Contains => a.contains(&**b),
                    }),
                    _ => Truth::Unknown,
                })
            }
            ExprKind::Matches(text, pattern) => {
                let text = self.eval(text, scope);
                let Some(Value::String(text)) = text.as_one() else { return Known::Unknown };
                let mut patterns = self.patterns.borrow_mut();
                let compiled = || regex::Regex::new(pattern).ok();
                let pattern = patterns.entry(Arc::clone(pattern)).or_insert_with(compiled);
                Known::truth(pattern.as_ref().map(|pattern| pattern.is_match(text)).into())
            }
            ExprKind::Arithmetic(how, a, b) => {
                let (a, b) = (self.eval(a, scope), self.eval(b, scope));
                Known::maybe(a.as_one().zip(b.as_one()).and_then(|(a, b)| arithmetic(*how, a, b)))
            }
            ExprKind::Set(items) => {
                self.touch(Touched { set: true, ..Touched::default() });
                unite(true, items.iter().map(|item| self.eval(item, scope)))
            }
            ExprKind::AnyOf { depth, set, body } => {
                let set = self.set(set, scope);
                let rest = if set.complete { Truth::False } else { Truth::Unknown };
                let bodies = set.items.iter().map(|item| self.truth(body, &scope.with(*depth, item.clone())));
                Known::truth(bodies.fold(rest, Truth::or))
            }
            ExprKind::AllOf { depth, set, body } => {
                let set = self.set(set, scope);
                let rest = if set.complete { Truth::True } else { Truth::Unknown };
                let bodies = set.items.iter().map(|item| self.truth(body, &scope.with(*depth, item.clone())));
                Known::truth(bodies.fold(rest, Truth::and))
            }
            ExprKind::Chain(part) => self.chain_part(*part, &expr.ty),
            ExprKind::ChainMatches(links) => {
                let agents: Vec<EntityRef> = self.agents().into_iter().rev().collect();
                Known::truth(self.chain_matches(links, &agents))
            }
            ExprKind::Transaction(part) => self.transaction_part(part).unwrap_or(Known::Unknown),
            ExprKind::Intent(part) => self.intent_part(*part).unwrap_or(Known::Unknown),
            ExprKind::Token(name) => self.claim(name.as_str(), &expr.ty).map_or(Known::Unknown, Known::of),
            // Nobody is asked here.
            ExprKind::Outside(..) => Known::Unknown,
            ExprKind::AnyToken => self.any_token(),
            ExprKind::Task { task, part } => {
                let step = scope.steps.iter().find(|step| step.task == *task);
                step.and_then(|step| self.step_part(step, part, &expr.ty)).unwrap_or(Known::Unknown)
            }
            ExprKind::Consent(category, purpose) => {
                let (category, purpose) = (self.eval(category, scope), self.eval(purpose, scope));
                Known::truth(self.agreed(&category, &purpose).into())
            }
            ExprKind::Signal(whose, fact) => {
                let parts = fact.parts().into_iter().map(|part| self.eval(part, scope)).collect::<Vec<_>>();
                Known::maybe(self.shown(*whose, fact, &parts))
            }
            ExprKind::Count(set) => {
                let set = self.set(set, scope);
                let count = i64::try_from(set.items.len()).ok().filter(|_| set.complete);
                Known::maybe(count.map(|count| Value::Number(count.into())))
            }
        }
    }

    /// An expression where a set is expected.
    fn set(&self, expr: &Expr, scope: &Scope<'_>) -> Many {
        self.touch(Touched { set: true, ..Touched::default() });
        self.eval(expr, scope).into_many()
    }

    fn action_property(&self, name: &str) -> Known {
        let declared = self.schema().action_id(&self.ask.action).and_then(|id| self.schema().action(id));
        let field = declared.and_then(|action| action.properties.iter().find(|p| p.name.as_str() == name));
        let given = self.ask.action_properties.iter().find(|(given, _)| given == name);
        Known::maybe(
            field.zip(given).and_then(|(field, (_, value))| convert(self.schema(), value, &field.ty)),
        )
    }

    fn context(&self, name: &str, ty: &Ty) -> Known {
        let given = self.ask.context.iter().find(|(given, _)| given == name);
        Known::maybe(given.and_then(|(_, value)| convert(self.schema(), value, ty)))
    }

    fn message(&self, name: &str, ty: &Ty) -> Known {
        let message = self.ask.context.iter().find(|(given, _)| given == "message");
        let value = message.and_then(|(_, message)| message.member(name));
        Known::maybe(value.and_then(|value| convert(self.schema(), value, ty)))
    }

    fn branch(&self, condition: &Expr, yes: &Expr, no: &Expr, scope: &Scope<'_>) -> Known {
        match self.truth(condition, scope) {
            Truth::True => self.eval(yes, scope),
            Truth::False => self.eval(no, scope),
            Truth::Unknown => match (self.eval(yes, scope), self.eval(no, scope)) {
                (Known::One(Value::Bool(yes)), Known::One(Value::Bool(no))) if yes == no => {
                    Known::One(Value::Bool(yes))
                }
                _ => Known::Unknown,
            },
        }
    }

    fn compare(&self, how: Comparison, a: &Known, b: &Known) -> Truth {
        let schema = self.schema();
        let ordered = |accepted: &[Ordering]| {
            let order = a.as_one().zip(b.as_one()).and_then(|(a, b)| order(schema, a, b));
            Truth::from(order.map(|order| accepted.contains(&order)))
        };
        match how {
            Comparison::Equal => same(schema, a, b),
            Comparison::NotEqual => same(schema, a, b).negated(),
            Comparison::Less => ordered(&[Ordering::Less]),
            Comparison::LessOrEqual => ordered(&[Ordering::Less, Ordering::Equal]),
            Comparison::Greater => ordered(&[Ordering::Greater]),
            Comparison::GreaterOrEqual => ordered(&[Ordering::Greater, Ordering::Equal]),
        }
    }

    /// `a == b` of two values, for selectors.
    pub(super) fn equal(&self, a: &Value, b: &Value) -> Truth {
        equal(self.schema(), a, b)
    }
}

/// Attributes of a party are looked up in the request too, but only where the policy names the party.
fn as_party(base: &Expr) -> Option<Party> {
    if let ExprKind::Party(party) = base.kind { Some(party) } else { None }
}

/// A member of a record; over a set it maps and unites.
fn member(base: &Known, name: &str) -> Known {
    match base {
        Known::Unknown => Known::Unknown,
        Known::One(value) => Known::maybe(value.member(name).cloned()),
        Known::Many(set) => {
            unite(set.complete, set.items.iter().map(|item| Known::maybe(item.member(name).cloned())))
        }
    }
}

fn unite(complete: bool, parts: impl Iterator<Item = Known>) -> Known {
    let mut all = Many { items: Vec::new(), complete };
    for part in parts {
        match part {
            Known::Unknown => all.complete = false,
            Known::One(value) => all.add(value),
            Known::Many(set) => all.unite(set),
        }
    }
    Known::Many(all)
}

fn reached(known: Known) -> Reached {
    match known {
        Known::One(Value::Entity(entity)) => Reached::of(vec![entity], true),
        Known::Many(set) => {
            let all = set.items.len();
            let items: Vec<EntityRef> = set
                .items
                .into_iter()
                .filter_map(|item| if let Value::Entity(entity) = item { Some(entity) } else { None })
                .collect();
            let complete = set.complete && items.len() == all;
            Reached::of(items, complete)
        }
        Known::Unknown | Known::One(_) => Reached::of(Vec::new(), false),
    }
}

fn set_of(ends: Reached) -> Known {
    Known::Many(Many { items: ends.items.into_iter().map(Value::Entity).collect(), complete: ends.complete })
}

/// The one end of a to-one relation: certain only when it is known that there is no other.
fn only(ends: Reached) -> Known {
    match ends.items.as_slice() {
        [end] if ends.complete => Known::One(Value::Entity(end.clone())),
        _ => Known::Unknown,
    }
}

fn arithmetic(how: Arithmetic, a: &Value, b: &Value) -> Option<Value> {
    use remit_model::Duration;
    let add = |a: Duration, b: Duration| a.nanos().checked_add(b.nanos()).map(Duration::from_nanos);
    let subtract = |a: Duration, b: Duration| a.nanos().checked_sub(b.nanos()).map(Duration::from_nanos);
    match (how, a, b) {
        (Arithmetic::Add, Value::Number(a), Value::Number(b)) => a.checked_add(*b).map(Value::Number),
        (Arithmetic::Subtract, Value::Number(a), Value::Number(b)) => a.checked_sub(*b).map(Value::Number),
        (Arithmetic::Multiply, Value::Number(a), Value::Number(b)) => a.checked_mul(*b).map(Value::Number),
        (Arithmetic::Add, Value::Time(at), Value::Duration(by))
        | (Arithmetic::Add, Value::Duration(by), Value::Time(at)) => at.checked_add(*by).map(Value::Time),
        (Arithmetic::Subtract, Value::Time(at), Value::Duration(by)) => at.checked_sub(*by).map(Value::Time),
        (Arithmetic::Subtract, Value::Time(a), Value::Time(b)) => Some(Value::Duration(a.since(*b))),
        (Arithmetic::Add, Value::Duration(a), Value::Duration(b)) => add(*a, *b).map(Value::Duration),
        (Arithmetic::Subtract, Value::Duration(a), Value::Duration(b)) => {
            subtract(*a, *b).map(Value::Duration)
        }
        _ => None,
    }
}
