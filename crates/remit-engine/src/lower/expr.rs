//! One checked expression to nodes, children before parents.

use std::sync::Arc;

use regex::RegexBuilder;
use remit_lang::checked::{Expr, ExprKind, Policies, RuleId};
use remit_model::{EntityRef, MessageFact, Name, Ty, TypeId, Value};

use super::pools::Pools;
use super::{LowerError, purpose, words};
use crate::limits::{MAX_DEPTH, MAX_PATTERN_BYTES};
use crate::program::{Constant, Field, Follow, Ix, Node, Shape, Source};

/// The program under construction and the rule being read.
pub(super) struct Lowering<'p> {
    policies: &'p Policies,
    pub pools: Pools,
    rule: Option<RuleId>,
    depth: usize,
}

impl<'p> Lowering<'p> {
    pub(super) fn new(policies: &'p Policies) -> Self {
        Self { policies, pools: Pools::default(), rule: None, depth: 0 }
    }

    /// Names the rule that errors speak of.
    pub(super) fn enter(&mut self, rule: &RuleId) {
        self.rule = Some(rule.clone());
        self.depth = 0;
    }

    fn rule_name(&self) -> String {
        self.rule.as_ref().map(RuleId::to_string).unwrap_or_default()
    }

    /// Lowers an expression with everything below it.
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<Ix, LowerError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(LowerError::TooDeep { rule: self.rule_name(), limit: MAX_DEPTH, at: expr.span });
        }
        let node = self.node(expr)?;
        self.depth -= 1;
        let reads = matches!(
            node,
            Node::Field(_)
                | Node::Member(..)
                | Node::Attribute(..)
                | Node::PartyAttribute(..)
                | Node::Follow(_)
                | Node::EdgeProperty(_)
                | Node::Party(_)
                | Node::Word(_)
        );
        let path = reads.then(|| words::path(expr, self.policies)).flatten().map(Arc::from);
        self.pools.node(node, shape(&expr.ty), expr.span, path)
    }

    fn node(&mut self, expr: &Expr) -> Result<Node, LowerError> {
        Ok(match &expr.kind {
            ExprKind::Literal(value) => self.literal(value)?,
            ExprKind::Limit(id) => {
                let value = self.policies.limits.get(usize::from(id.0)).ok_or(LowerError::Capacity)?;
                self.literal(&value.value)?
            }
            ExprKind::Party(who) => Node::Party(*who),
            ExprKind::Now => Node::Now,
            ExprKind::Pep => Node::Pep,
            ExprKind::ActionName => Node::ActionName,
            ExprKind::ActionProperty(name) => self.field(Source::Action, name, &expr.ty)?,
            ExprKind::Context(name) => self.field(Source::Context, name, &expr.ty)?,
            ExprKind::Message(name) => {
                let computed = MessageFact::named(name.as_str()).is_some();
                self.field(if computed { Source::Computed } else { Source::Message }, name, &expr.ty)?
            }
            ExprKind::Member(base, name) => Node::Member(self.expr(base)?, self.name(name)?),
            ExprKind::Variable(depth) => Node::Variable(*depth),
            ExprKind::Attribute(base, attr) => match &base.kind {
                ExprKind::Party(who) => Node::PartyAttribute(*who, *attr),
                _ => Node::Attribute(self.expr(base)?, *attr),
            },
            ExprKind::Follow { base, relation, reach, inverse, filter } => {
                let party = if let ExprKind::Party(who) = base.kind { Some(who) } else { None };
                let base = self.expr(base)?;
                let filter = filter.as_ref().map(|filter| self.expr(filter)).transpose()?;
                let (relation, reach, inverse) = (*relation, *reach, *inverse);
                Node::Follow(self.pools.follow(Follow { base, relation, reach, inverse, filter, party })?)
            }
            ExprKind::EdgeProperty(name) => Node::EdgeProperty(self.name(name)?),
            ExprKind::Present(of, wanted) => Node::Present(self.expr(of)?, *wanted),
            ExprKind::Is(of, kind) => Node::Is(self.expr(of)?, *kind),
            ExprKind::Matches(of, pattern) => {
                let of = self.expr(of)?;
                Node::Matches(of, self.pattern(pattern, expr)?)
            }
            ExprKind::Text(test, a, b) => Node::Text(*test, self.expr(a)?, self.expr(b)?),
            ExprKind::Arithmetic(op, a, b) => Node::Arithmetic(*op, self.expr(a)?, self.expr(b)?),
            ExprKind::Compare(op, a, b) => Node::Compare(*op, self.expr(a)?, self.expr(b)?),
            ExprKind::Count(of) => Node::Count(self.expr(of)?),
            ExprKind::Outside(source, name) => self.field(Source::Outside(source.0), name, &expr.ty)?,
            ExprKind::Token(name) => self.field(Source::Token, name, &expr.ty)?,
            ExprKind::Chain(_)
            | ExprKind::ChainMatches(_)
            | ExprKind::Transaction(_)
            | ExprKind::Intent(_)
            | ExprKind::AnyToken
            | ExprKind::Consent(..)
            | ExprKind::Signal(..)
            | ExprKind::Task { .. } => {
                let word = purpose::word(self, expr)?;
                Node::Word(self.pools.word(word)?)
            }
            _ => self.logic(expr)?,
        })
    }

    fn logic(&mut self, expr: &Expr) -> Result<Node, LowerError> {
        Ok(match &expr.kind {
            ExprKind::Not(of) => Node::Not(self.expr(of)?),
            ExprKind::And(parts) => Node::And(self.run(parts)?),
            ExprKind::Or(parts) => Node::Or(self.run(parts)?),
            ExprKind::Set(parts) => Node::Set(self.run(parts)?),
            ExprKind::If(test, then, other) => {
                Node::If(self.expr(test)?, self.expr(then)?, self.expr(other)?)
            }
            ExprKind::Contains { set, item } => {
                Node::Contains { set: self.expr(set)?, item: self.expr(item)? }
            }
            ExprKind::HasAny(a, b) => Node::HasAny(self.expr(a)?, self.expr(b)?),
            ExprKind::HasAll(a, b) => Node::HasAll(self.expr(a)?, self.expr(b)?),
            ExprKind::MemberOf(a, b) => Node::MemberOf(self.expr(a)?, self.expr(b)?),
            ExprKind::Within(a, b) => Node::Within(self.expr(a)?, self.expr(b)?),
            ExprKind::AnyOf { depth, set, body } => {
                Node::AnyOf { depth: *depth, set: self.expr(set)?, body: self.expr(body)? }
            }
            ExprKind::AllOf { depth, set, body } => {
                Node::AllOf { depth: *depth, set: self.expr(set)?, body: self.expr(body)? }
            }
            _ => return Err(LowerError::Capacity),
        })
    }

    fn run(&mut self, parts: &[Expr]) -> Result<crate::program::Run, LowerError> {
        let items = parts.iter().map(|part| self.expr(part)).collect::<Result<Vec<_>, _>>()?;
        self.pools.list(&items)
    }

    fn literal(&mut self, value: &Value) -> Result<Node, LowerError> {
        if let Value::Entity(entity) = value
            && self.policies.schema.type_id(entity.kind.as_str()).is_some()
        {
            return Ok(Node::Entity(self.constant(entity, None)?));
        }
        Ok(Node::Const(self.pools.constant(value.clone())?))
    }

    /// The entity's place in the table of constants.
    pub(super) fn constant(&mut self, entity: &EntityRef, of: Option<TypeId>) -> Result<u32, LowerError> {
        let of =
            of.or_else(|| self.policies.schema.type_id(entity.kind.as_str())).ok_or(LowerError::Capacity)?;
        self.pools.entities.intern(Constant { of, entity: entity.clone() })
    }

    fn field(&mut self, source: Source, name: &Name, ty: &Ty) -> Result<Node, LowerError> {
        let field = Field { source, name: Arc::from(name.as_str()), ty: ty.clone() };
        Ok(Node::Field(self.pools.fields.intern(field)?))
    }

    fn name(&mut self, name: &Name) -> Result<u32, LowerError> {
        self.pools.names.intern(Arc::from(name.as_str()))
    }

    fn pattern(&mut self, pattern: &str, expr: &Expr) -> Result<u32, LowerError> {
        let rule = self.rule_name();
        let at = expr.span;
        self.pools.pattern(pattern, || {
            let compiled = RegexBuilder::new(pattern).size_limit(MAX_PATTERN_BYTES).build();
            compiled.map_err(|_| LowerError::Pattern { rule, pattern: pattern.to_owned(), at })
        })
    }
}

fn shape(ty: &Ty) -> Shape {
    match ty {
        Ty::Bool => Shape::Bool,
        Ty::Entity(_) => Shape::Entity,
        Ty::Set(_) => Shape::Set,
        Ty::Any => Shape::Any,
        Ty::Int | Ty::Decimal | Ty::String | Ty::Time | Ty::Duration | Ty::Ip | Ty::Level(_) => Shape::Scalar,
    }
}
