//! The generated parser. `Rule` stays inside `parse`.

use pest::iterators::Pair;
use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "grammar.pest"]
pub(super) struct Grammar;

/// The children that carry meaning: punctuation and words that only mark a place are left out.
pub(super) fn inner(pair: Pair<'_, Rule>) -> impl Iterator<Item = Pair<'_, Rule>> {
    pair.into_inner().filter(|child| !is_mark(child.as_rule()))
}

fn is_mark(rule: Rule) -> bool {
    use Rule::*;
    let bracket =
        matches!(rule, brace_open | brace_close | bracket_open | bracket_close | paren_open | paren_close);
    let punctuation = matches!(rule, colon | of | comma | equals | less | greater | bar | EOI);
    let declares = matches!(
        rule,
        kw_package
            | kw_version
            | kw_approved
            | kw_until
            | kw_use
            | kw_level
            | kw_limit
            | kw_entity
            | kw_from
            | kw_or
            | kw_set
            | kw_action
            | kw_context
            | kw_message
            | kw_token
            | kw_source
            | kw_gives
            | kw_timeout
            | kw_cache
            | kw_intent
            | kw_limits
            | kw_expect
    );
    let begins_clause = matches!(
        rule,
        kw_for
            | kw_as
            | kw_to
            | kw_on
            | kw_when
            | kw_unless
            | kw_that
            | kw_because
            | kw_oblige
            | kw_advise
            | kw_severity
            | kw_via
            | kw_within
            | kw_on_request
            | kw_given
            | kw_bearing
            | kw_answering
            | kw_consenting
            | kw_observing
            | kw_at
            | kw_by
            | kw_obliging
    );
    let of_intent = matches!(
        rule,
        kw_task
            | kw_using
            | kw_hops
            | kw_lasts
            | kw_after
            | kw_most
            | kw_time
            | kw_times
            | kw_of
            | kw_closed
            | kw_literal
            | kw_one
            | kw_record
            | kw_created
            | kw_result
            | kw_text
            | kw_returning
    );
    let joins = matches!(rule, kw_in | kw_is | kw_if | kw_then | kw_else | kw_count | op_matches);
    bracket || punctuation || declares || begins_clause || of_intent || joins
}
