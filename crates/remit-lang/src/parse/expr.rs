//! Expressions: a flat row of operands and operators becomes a tree of bounded depth.

use std::sync::LazyLock;

use pest::iterators::Pair;
use pest::pratt_parser::{Assoc, Op, PrattParser};

use super::grammar::{Rule, inner};
use super::reader::Reader;
use crate::ast::{Entity, Expr, ExprKind, Link, Operator};
use crate::checked::Reach;
use crate::diagnostic::Diagnostic;
use crate::limits::{MAX_DEPTH, MAX_NESTING};
use crate::source::{Span, Spanned};

/// Loosest first.
static PRECEDENCE: LazyLock<PrattParser<Rule>> = LazyLock::new(|| {
    let infix = |rule| Op::infix(rule, Assoc::Left);
    let comparisons = [
        Rule::op_not_equal,
        Rule::op_less,
        Rule::op_less_or_equal,
        Rule::op_greater,
        Rule::op_greater_or_equal,
        Rule::kw_in,
        Rule::op_has,
        Rule::op_has_any,
        Rule::op_has_all,
        Rule::op_starts_with,
        Rule::op_ends_with,
        Rule::op_contains,
    ];
    PrattParser::new()
        .op(infix(Rule::op_or))
        .op(infix(Rule::op_and))
        .op(Op::prefix(Rule::kw_not))
        .op(comparisons.into_iter().fold(infix(Rule::op_equal), |all, rule| all | infix(rule)))
        .op(Op::postfix(Rule::presence) | Op::postfix(Rule::is_type) | Op::postfix(Rule::matches))
        .op(infix(Rule::op_add) | infix(Rule::op_subtract))
        .op(infix(Rule::op_multiply))
});

/// An expression with the depth of its tree.
pub(super) struct Built {
    expr: Expr,
    depth: u32,
    /// A place where the tree was cut because it became too deep.
    deep: Option<Span>,
}

impl Built {
    fn leaf(span: Span, kind: ExprKind) -> Self {
        Self { expr: Expr { span, kind }, depth: 1, deep: None }
    }

    /// Puts a node on top of its parts. A tree that would be too deep is cut to a leaf, and the place remembered.
    fn node<const N: usize>(
        span: Span,
        parts: [Self; N],
        kind: impl FnOnce([Box<Expr>; N]) -> ExprKind,
    ) -> Self {
        let depth = parts.iter().map(|part| part.depth).max().unwrap_or(0) + 1;
        let deep = parts.iter().find_map(|part| part.deep);
        if depth > MAX_DEPTH {
            let cut = Expr { span, kind: ExprKind::Bool(false) };
            return Self { expr: cut, depth: 1, deep: deep.or(Some(span)) };
        }
        Self { expr: Expr { span, kind: kind(parts.map(|part| Box::new(part.expr))) }, depth, deep }
    }
}

/// Expressions in a row.
struct Row {
    members: Vec<Expr>,
    depth: u32,
    deep: Option<Span>,
}

impl Reader {
    /// A whole expression: `expr`, refused when its tree is too deep.
    pub(super) fn condition(&self, pair: Pair<'_, Rule>) -> Option<Expr> {
        let built = self.expr(pair)?;
        self.sound(built)
    }

    /// A value without operators: `operand`.
    pub(super) fn alone(&self, pair: Pair<'_, Rule>) -> Option<Expr> {
        let built = self.operand(pair)?;
        self.sound(built)
    }

    /// The expression, unless it was cut.
    fn sound(&self, built: Built) -> Option<Expr> {
        let Some(deep) = built.deep else { return Some(built.expr) };
        let message = format!("more than {MAX_DEPTH} operators and steps hang on one another");
        let error = Diagnostic::error("parse/too-deep", message)
            .with_label(deep, "too much for one condition")
            .with_help("write several `when` clauses, or compare with a set: `x in [\"a\", \"b\"]`");
        self.report(error);
        None
    }

    /// `expr = { kw_not* ~ operand ~ test* ~ (infix ~ kw_not* ~ operand ~ test*)* }`
    fn expr(&self, pair: Pair<'_, Rule>) -> Option<Built> {
        let mut nots = pair.clone().into_inner().filter(|child| child.as_rule() == Rule::kw_not);
        if let Some(not) = nots.nth(MAX_NESTING) {
            let message = format!("more than {MAX_NESTING} `not`s stand in one condition");
            self.report(
                Diagnostic::error("parse/too-deep", message).with_label(self.span(&not), "one too many"),
            );
            return None;
        }
        PRECEDENCE
            .map_primary(|operand| self.operand(operand))
            .map_prefix(|not, operand: Option<Built>| {
                let operand = operand?;
                let span = to(self.span(&not), operand.expr.span);
                Some(Built::node(span, [operand], |[operand]| ExprKind::Not(operand)))
            })
            .map_postfix(|operand: Option<Built>, test| self.test(operand?, test))
            .map_infix(|left: Option<Built>, operator, right: Option<Built>| {
                let (left, right, operator) = (left?, right?, binary(operator.as_rule())?);
                let span = to(left.expr.span, right.expr.span);
                Some(Built::node(span, [left, right], |[left, right]| {
                    ExprKind::Binary(operator, left, right)
                }))
            })
            .parse(pair.into_inner())
    }

    /// `presence`, `is_type`, `matches`
    fn test(&self, operand: Built, test: Pair<'_, Rule>) -> Option<Built> {
        let span = to(operand.expr.span, self.span(&test));
        let rule = test.as_rule();
        let argument = inner(test).next()?;
        if argument.as_rule() == Rule::links {
            let links: Vec<Link> = inner(argument).map(|link| self.link(link)).collect::<Option<_>>()?;
            return Some(Built::node(span, [operand], |[operand]| ExprKind::MatchesLinks(operand, links)));
        }
        let name = match rule {
            Rule::is_type => Some(self.name(&argument)?),
            Rule::matches => Some(self.raw_string(&argument)?),
            _ => None,
        };
        let present = argument.as_rule() == Rule::kw_present;
        Some(Built::node(span, [operand], |[operand]| match (name, rule) {
            (Some(name), Rule::is_type) => ExprKind::Is(operand, name),
            (Some(pattern), _) => ExprKind::Matches(operand, pattern),
            (None, _) => ExprKind::Presence(operand, present),
        }))
    }

    /// `link = { any_number | selector }`
    fn link(&self, pair: Pair<'_, Rule>) -> Option<Link> {
        let form = inner(pair).next()?;
        match form.as_rule() {
            Rule::selector => self.selector(form).map(Link::One),
            _ => Some(Link::AnyNumber(self.span(&form))),
        }
    }

    /// `operand = ${ primary ~ step* }`
    fn operand(&self, pair: Pair<'_, Rule>) -> Option<Built> {
        let mut parts = pair.into_inner();
        let mut built = self.primary(parts.next()?)?;
        for step in parts {
            built = self.step(built, step)?;
        }
        Some(built)
    }

    /// `step = ${ "." ~ inverse? ~ name ~ (arguments | reach? ~ filter?) }`
    fn step(&self, base: Built, pair: Pair<'_, Rule>) -> Option<Built> {
        let span = to(base.expr.span, self.span(&pair));
        let (mut inverse, mut name, mut reach, mut filter) = (false, None, Reach::One, None);
        for part in inner(pair) {
            match part.as_rule() {
                Rule::inverse => inverse = true,
                Rule::name => name = Some(self.name(&part)?),
                Rule::reach if part.as_str() == "*" => reach = Reach::ZeroOrMore,
                Rule::reach => reach = Reach::OneOrMore,
                Rule::arguments => return self.call(span, base, inverse, name?, part),
                _ => filter = Some(self.expr(inner(part).next()?)?),
            }
        }
        let name = name?;
        Some(match filter {
            None => Built::node(span, [base], |[base]| ExprKind::Step {
                base,
                name,
                inverse,
                reach,
                filter: None,
            }),
            Some(filter) => Built::node(span, [base, filter], |[base, filter]| ExprKind::Step {
                base,
                name,
                inverse,
                reach,
                filter: Some(filter),
            }),
        })
    }

    /// `arguments = !{ paren_open ~ (expr ~ (comma ~ expr)* ~ comma?)? ~ paren_close }`
    fn call(
        &self,
        span: Span,
        base: Built,
        inverse: bool,
        name: Spanned<String>,
        pair: Pair<'_, Rule>,
    ) -> Option<Built> {
        if inverse {
            let message = format!("`{}` is a relation after `^`, and no relation is called", name.node);
            self.report(
                Diagnostic::error("parse/unexpected", message).with_label(self.span(&pair), "not here"),
            );
            return None;
        }
        let arguments = self.row(inner(pair))?;
        let kind = |base| ExprKind::Call { base, name, arguments: arguments.members };
        let (depth, deep) = (arguments.depth.max(base.depth) + 1, base.deep.or(arguments.deep));
        Some(Built { expr: Expr { span, kind: kind(Box::new(base.expr)) }, depth, deep })
    }

    /// Expressions that stand in a row, with the depth of the deepest.
    fn row<'i>(&self, parts: impl Iterator<Item = Pair<'i, Rule>>) -> Option<Row> {
        let members: Vec<Built> = parts.map(|member| self.expr(member)).collect::<Option<_>>()?;
        let depth = members.iter().map(|member| member.depth).max().unwrap_or(0);
        let deep = members.iter().find_map(|member| member.deep);
        Some(Row { members: members.into_iter().map(|member| member.expr).collect(), depth, deep })
    }

    /// `[a, b]` as an expression of its own.
    pub(super) fn members(&self, pair: Pair<'_, Rule>) -> Option<Expr> {
        let built = self.compound(self.span(&pair), pair)?;
        self.sound(built)
    }

    fn primary(&self, pair: Pair<'_, Rule>) -> Option<Built> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::if_expr | Rule::quantifier | Rule::count | Rule::paren | Rule::set => {
                return self.compound(span, pair);
            }
            Rule::boolean => ExprKind::Bool(pair.as_str() == "true"),
            Rule::ip => ExprKind::Ip(self.string(&inner(pair).next()?)?.node),
            Rule::entity_ref => ExprKind::Entity(self.entity(pair)?),
            Rule::time => ExprKind::Time(self.time(&pair)?.node),
            Rule::number => self.number(&pair)?,
            Rule::string => ExprKind::String(self.string(&pair)?.node),
            _ => ExprKind::Name(self.name(&pair)?.node),
        };
        Some(Built::leaf(span, kind))
    }

    /// `if_expr`, `quantifier`, `count`, `paren`, `set`
    fn compound(&self, span: Span, pair: Pair<'_, Rule>) -> Option<Built> {
        let rule = pair.as_rule();
        let mut parts = inner(pair);
        match rule {
            Rule::if_expr => {
                let parts = [self.expr(parts.next()?)?, self.expr(parts.next()?)?, self.expr(parts.next()?)?];
                Some(Built::node(span, parts, |[test, then, other]| ExprKind::If(test, then, other)))
            }
            Rule::quantifier => {
                let any = parts.next()?.as_rule() == Rule::kw_any;
                let variable = self.name(&parts.next()?)?;
                let parts = [self.expr(parts.next()?)?, self.expr(parts.next()?)?];
                Some(Built::node(span, parts, |[set, body]| ExprKind::Quantifier {
                    any,
                    variable,
                    set,
                    body,
                }))
            }
            Rule::count => {
                let set = self.expr(parts.next()?)?;
                Some(Built::node(span, [set], |[set]| ExprKind::Count(set)))
            }
            Rule::set => {
                let Row { members, depth, deep } = self.row(parts)?;
                Some(Built { expr: Expr { span, kind: ExprKind::Set(members) }, depth: depth + 1, deep })
            }
            _ => self.expr(parts.next()?),
        }
    }

    /// `entity_ref = ${ free_name ~ ":" ~ (string | plain_id) }`
    pub(super) fn entity(&self, pair: Pair<'_, Rule>) -> Option<Entity> {
        let span = self.span(&pair);
        let mut parts = inner(pair);
        let kind = self.name(&parts.next()?)?;
        let id = parts.next()?;
        let id = if id.as_rule() == Rule::string { self.string(&id)? } else { self.word(&id) };
        Some(Entity { span, kind, id })
    }
}

fn to(start: Span, end: Span) -> Span {
    Span { file: start.file, start: start.start, end: end.end }
}

fn binary(rule: Rule) -> Option<Operator> {
    Some(match rule {
        Rule::op_or => Operator::Or,
        Rule::op_and => Operator::And,
        Rule::op_equal => Operator::Equal,
        Rule::op_not_equal => Operator::NotEqual,
        Rule::op_less => Operator::Less,
        Rule::op_less_or_equal => Operator::LessOrEqual,
        Rule::op_greater => Operator::Greater,
        Rule::op_greater_or_equal => Operator::GreaterOrEqual,
        Rule::kw_in => Operator::In,
        Rule::op_has => Operator::Has,
        Rule::op_has_any => Operator::HasAny,
        Rule::op_has_all => Operator::HasAll,
        Rule::op_starts_with => Operator::StartsWith,
        Rule::op_ends_with => Operator::EndsWith,
        Rule::op_contains => Operator::Contains,
        Rule::op_add => Operator::Add,
        Rule::op_subtract => Operator::Subtract,
        Rule::op_multiply => Operator::Multiply,
        _ => return None,
    })
}
