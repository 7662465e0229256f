//! `source`: a service outside, what it gives, what it is sent.

use pest::iterators::Pair;

use super::grammar::{Rule, inner};
use super::reader::Reader;
use crate::ast::{Expr, Source, SourcePart, SourcePartKind};

impl Reader {
    /// `source = { kw_source ~ free_word ~ string ~ brace_open ~ source_part* ~ brace_close }`
    pub(super) fn source(&self, pair: Pair<'_, Rule>) -> Option<Source> {
        let mut parts = inner(pair);
        let name = self.name(&parts.next()?)?;
        let url = self.string(&parts.next()?)?;
        let parts = parts.map(|part| self.source_part(part)).collect::<Option<_>>()?;
        Some(Source { name, url, parts })
    }

    fn source_part(&self, pair: Pair<'_, Rule>) -> Option<SourcePart> {
        let (span, rule) = (self.span(&pair), pair.as_rule());
        let mut parts = inner(pair);
        let kind = match rule {
            Rule::source_gives => {
                SourcePartKind::Gives(parts.map(|field| self.field(field)).collect::<Option<_>>()?)
            }
            Rule::source_sends => {
                SourcePartKind::Sends(parts.map(|one| self.alone(one)).collect::<Option<_>>()?)
            }
            Rule::source_timeout => SourcePartKind::Timeout(self.amount_of(&parts.next()?)?),
            _ => SourcePartKind::Cache(self.amount_of(&parts.next()?)?),
        };
        Some(SourcePart { span, trivia: Vec::new(), kind, trailing: None })
    }

    fn amount_of(&self, pair: &Pair<'_, Rule>) -> Option<Expr> {
        Some(Expr { span: self.span(pair), kind: self.number(pair)? })
    }
}
