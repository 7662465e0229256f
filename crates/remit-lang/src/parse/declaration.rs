//! Items that declare: package, use, level, limit, entity, action, context.

use pest::iterators::Pair;

use super::grammar::{Rule, inner};
use super::reader::Reader;
use crate::ast::{Attribute, Field, ItemKind, Package, TypeExpr};
use crate::source::Spanned;

impl Reader {
    /// `package = { kw_package ~ dotted ~ version? ~ approved_by? ~ approved_on? ~ until? }`
    pub(super) fn package(&self, pair: Pair<'_, Rule>) -> Option<ItemKind> {
        let mut parts = inner(pair);
        let name = self.name(&parts.next()?)?;
        let mut package = Package { name, version: None, approved_by: None, approved_on: None, until: None };
        for part in parts {
            let rule = part.as_rule();
            let value = inner(part).find(|child| matches!(child.as_rule(), Rule::string | Rule::time))?;
            match rule {
                Rule::version => package.version = Some(self.string(&value)?),
                Rule::approved_by => package.approved_by = Some(self.string(&value)?),
                Rule::approved_on => package.approved_on = Some(self.time(&value)?),
                _ => package.until = Some(self.time(&value)?),
            }
        }
        Some(ItemKind::Package(package))
    }

    /// `level = { kw_level ~ name ~ brace_open ~ name ~ (less ~ name)* ~ brace_close }`
    pub(super) fn level(&self, pair: Pair<'_, Rule>) -> Option<ItemKind> {
        let mut parts = inner(pair);
        Some(ItemKind::Level { name: self.name(&parts.next()?)?, members: self.names(parts)? })
    }

    /// `limit = { kw_limit ~ word ~ equals ~ expr }`
    pub(super) fn limit(&self, pair: Pair<'_, Rule>) -> Option<ItemKind> {
        let mut parts = inner(pair);
        Some(ItemKind::Limit { name: self.name(&parts.next()?)?, value: self.condition(parts.next()?)? })
    }

    /// `entity = { kw_entity ~ name ~ brace_open ~ (attribute ~ comma?)* ~ brace_close }`
    pub(super) fn entity_item(&self, pair: Pair<'_, Rule>) -> Option<ItemKind> {
        let mut parts = inner(pair);
        let name = self.name(&parts.next()?)?;
        let attributes = parts.map(|part| self.attribute(part)).collect::<Option<_>>()?;
        Some(ItemKind::Entity { name, attributes })
    }

    /// `attribute = { (kw_membership ~ &name)? ~ name ~ colon ~ type_expr ~ (fields | sources)* }`
    fn attribute(&self, pair: Pair<'_, Rule>) -> Option<Attribute> {
        let mut parts = inner(pair).peekable();
        let membership = parts.next_if(|part| part.as_rule() == Rule::kw_membership).is_some();
        let name = self.name(&parts.next()?)?;
        let mut attribute = Attribute {
            doc: Vec::new(),
            membership,
            name,
            ty: self.type_expr(parts.next()?)?,
            sources: Vec::new(),
            edge_properties: Vec::new(),
            trivia: Vec::new(),
            trailing: None,
        };
        for part in parts {
            match part.as_rule() {
                Rule::sources => attribute.sources.extend(self.names(inner(part))?),
                _ => attribute.edge_properties.extend(self.fields(part)?),
            }
        }
        Some(attribute)
    }

    /// `fields = { brace_open ~ (field ~ comma?)* ~ brace_close }`
    pub(super) fn fields(&self, pair: Pair<'_, Rule>) -> Option<Vec<Field>> {
        inner(pair).map(|field| self.field(field)).collect()
    }

    /// `field = { name ~ colon ~ type_expr }`
    pub(super) fn field(&self, pair: Pair<'_, Rule>) -> Option<Field> {
        let mut parts = inner(pair);
        let name = self.name(&parts.next()?)?;
        Some(Field { name, ty: self.type_expr(parts.next()?)?, trivia: Vec::new(), trailing: None })
    }

    /// `type_expr = { (set_type | type_names) ~ optional? }`
    fn type_expr(&self, pair: Pair<'_, Rule>) -> Option<TypeExpr> {
        let span = self.span(&pair);
        let mut parts = inner(pair);
        let first = parts.next()?;
        let set = first.as_rule() == Rule::set_type;
        let names = if set { inner(first).next()? } else { first };
        let optional = parts.next().is_some();
        Some(TypeExpr { span, set, names: self.names(inner(names))?, optional })
    }

    /// `action = { kw_action ~ free_name ~ (comma ~ free_name)* ~ action_on? ~ fields? }`
    pub(super) fn action(&self, pair: Pair<'_, Rule>) -> Option<ItemKind> {
        let mut names: Vec<Spanned<String>> = Vec::new();
        let (mut on, mut properties) = (Vec::new(), Vec::new());
        for part in inner(pair) {
            match part.as_rule() {
                Rule::action_on => on = self.names(inner(part))?,
                Rule::fields => properties = self.fields(part)?,
                _ => names.push(self.name(&part)?),
            }
        }
        Some(ItemKind::Action { names, on, properties })
    }
}
