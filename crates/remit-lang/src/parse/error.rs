//! What the generated parser says about a failure, in the author's words.

use std::collections::BTreeSet;

use pest::error::{Error, ErrorVariant, InputLocation};

use super::grammar::Rule;
use super::reader::Reader;
use crate::diagnostic::{Diagnostic, nearest};
use crate::scan::{self, Kind, Token};
use crate::words;

/// More expectations than this are a note rather than the message.
const MAX_NAMED: usize = 3;

/// The diagnostic of a parse failure in `text`.
pub(super) fn unexpected(reader: &Reader, text: &str, failure: &Error<Rule>) -> Diagnostic {
    let ErrorVariant::ParsingError { positives, .. } = &failure.variant else {
        return Diagnostic::error("parse/too-deep", "this is nested too deep to be read")
            .with_label(reader.range(0, text.len().min(1)), "");
    };
    let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = failure.location;
    let around = Around::of(text, at);
    let previous = around.previous_word(text);
    let mut expected: BTreeSet<String> =
        positives.iter().filter_map(|rule| describe(*rule, previous, positives)).collect();
    if expected.contains("an operator") {
        expected.remove("`in`");
    }
    let after = if previous.is_empty() { String::new() } else { format!(" after `{}`", shorten(previous)) };
    let found = around.found_word(text);
    let message = match expected.len() {
        1..=MAX_NAMED => format!("expected {}{after}", or_list(&expected)),
        _ if found.is_empty() => format!("the item ends too early{after}"),
        _ => format!("unexpected `{}`{after}", shorten(found)),
    };
    let label = match found {
        "" => "the item ends here".to_owned(),
        _ if expected.len() > MAX_NAMED || expected.is_empty() => "not expected here".to_owned(),
        _ => format!("found `{}`", shorten(found)),
    };
    let (start, end) = around.place(text, at);
    let mut error =
        Diagnostic::error("parse/unexpected", message).with_label(reader.range(start, end), label);
    if let Some(help) = hint(text, &around, positives) {
        error = error.with_help(help);
    }
    if expected.len() > MAX_NAMED {
        error = error.with_note(format!("possible here: {}", or_list(&expected)));
    }
    error
}

/// The tokens round a place.
struct Around {
    previous: Option<Token>,
    found: Option<Token>,
    next: Option<Token>,
}

impl Around {
    fn of(text: &str, at: usize) -> Self {
        let mut around = Self { previous: None, found: None, next: None };
        for token in scan::tokens(text).filter(|token| !token.is_comment()) {
            if token.end <= at {
                // Symbols that touch are one operator, such as `==`.
                let joined = around.previous.filter(|before| {
                    before.end == token.start && before.kind == Kind::Symbol && token.text(text) == "="
                });
                let start = joined.map_or(token.start, |before| before.start);
                around.previous = Some(Token { start, ..token });
            } else if around.found.is_none() {
                around.found = Some(token);
            } else {
                around.next = Some(token);
                break;
            }
        }
        around
    }

    fn previous_word<'t>(&self, text: &'t str) -> &'t str {
        self.previous.map_or("", |token| token.text(text))
    }

    fn found_word<'t>(&self, text: &'t str) -> &'t str {
        self.found.map_or("", |token| token.text(text))
    }

    fn next_word<'t>(&self, text: &'t str) -> &'t str {
        self.next.map_or("", |token| token.text(text))
    }

    /// The found token, from where the parser stopped; at the end of the item, the end of its last token.
    fn place(&self, text: &str, at: usize) -> (usize, usize) {
        match (self.found, self.previous) {
            (Some(found), _) => (found.start.max(at), found.end),
            (None, Some(previous)) => (previous.end, previous.end),
            (None, None) => (text.len(), text.len()),
        }
    }
}

/// What a grammar rule is to the author; `None` for what would not help.
fn describe(rule: Rule, previous: &str, positives: &[Rule]) -> Option<String> {
    use Rule::*;
    let said = match rule {
        expr | operand | kw_not | if_expr | quantifier | paren | set | count | boolean | number | ip => {
            let condition = matches!(previous, "when" | "unless" | "that" | "if" | "and" | "or" | "not");
            if condition { "a condition" } else { "a value" }
        }
        op_or | op_and | op_equal | op_not_equal | op_less | op_less_or_equal | op_greater
        | op_greater_or_equal | op_has | op_has_any | op_has_all | op_starts_with | op_ends_with
        | op_contains | op_add | op_subtract | op_multiply | op_matches | presence | is_type | matches
        | kw_is | reach => "an operator",
        for_clause | as_clause | to_clause | on_clause | when_clause | unless_clause | that_clause
        | because_clause | oblige_clause | advise_clause | severity_clause | via_clause | within_clause
        | on_request_clause => "a clause",
        given | bearing | at | by | because | obliging | acting | through | inside | having | consenting
        | observing | answering => "a clause",
        source_gives | source_sends | source_timeout | source_cache => "a part of a source such as `gives`",
        task_after | task_bound | task_origin | task_closed => "a clause",
        task | using | hops | lasts => "a part of an intent such as `task`",
        origin | origin_literal | origin_one_of | origin_record | origin_created | origin_result
        | origin_text | kw_literal | kw_one | kw_record | kw_created | kw_result | kw_text => {
            "an origin such as `literal`"
        }
        argument | kw_action if !previous.is_empty() => "an argument such as `action.amount`",
        amount | limit_name | kw_limits => "a number or a limit such as `limits.most`",
        step_taken => "a step such as `read invoice:\"i1\"`",
        link | any_number => "an agent, `any` or `any*`",
        links => "`[`",
        selector | member_of => "a type, an entity or `any`",
        entity_ref => "an entity such as `user:alice`",
        name | free_name | word | free_word | grade_word | dotted | free_dotted => "a name",
        hyphened | duty_name | duty => "the kind of a duty",
        property => "a property such as `name: value`",
        properties | brace_open | fields => "`{`",
        attribute | field => "`name: type`",
        type_expr | type_names | set_type => "a type",
        sources => "`from`",
        string => "a text in double quotes",
        raw_string => "a pattern such as `r\"^a\"`",
        time => "a date or time",
        plain_id => "an id",
        decision => "`permit` or `deny`",
        brace_close => "`}`",
        bracket_open | filter => "`[`",
        bracket_close => "`]`",
        paren_open => "`(`",
        paren_close => "`)`",
        colon => "`:`",
        of => "`:` and an id",
        comma => "`,`",
        equals => "`=`",
        less => "`<`",
        greater => "`>`",
        bar => "`|`",
        optional => "`?`",
        kw_any | kw_all | kw_none | kw_membership | kw_count | kw_if | EOI => return None,
        _ => return keyword(rule, positives),
    };
    Some(said.to_owned())
}

/// A keyword is named, unless it is one of many clauses that could begin here.
fn keyword(rule: Rule, positives: &[Rule]) -> Option<String> {
    use Rule::*;
    let of_rule = positives.contains(&kw_when)
        && matches!(
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
        );
    let of_task =
        positives.contains(&kw_closed) && matches!(rule, kw_after | kw_at | kw_when | kw_unless | kw_closed);
    let of_intent = positives.contains(&kw_lasts) && matches!(rule, kw_task | kw_using | kw_hops | kw_lasts);
    let of_source =
        positives.contains(&kw_gives) && matches!(rule, kw_gives | kw_from | kw_timeout | kw_cache);
    let of_expect = positives.contains(&kw_given)
        && matches!(
            rule,
            kw_given
                | kw_bearing
                | kw_answering
                | kw_consenting
                | kw_observing
                | kw_at
                | kw_by
                | kw_because
                | kw_obliging
                | kw_as
                | kw_via
                | kw_within
                | kw_after
        );
    if of_source {
        return Some("a part of a source such as `gives`".to_owned());
    }
    if of_intent {
        return Some("a part of an intent such as `task`".to_owned());
    }
    if of_rule || of_expect || of_task {
        return Some("a clause".to_owned());
    }
    Some(format!("`{}`", format!("{rule:?}").strip_prefix("kw_")?))
}

fn or_list(expected: &BTreeSet<String>) -> String {
    let all: Vec<&str> = expected.iter().map(String::as_str).collect();
    match all.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// At most forty characters of the author's text.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    }
}

/// What the author most likely meant.
fn hint(text: &str, around: &Around, positives: &[Rule]) -> Option<String> {
    let (found, previous) = (around.found_word(text), around.previous_word(text));
    let touching = around.found.zip(around.next).is_some_and(|(found, next)| found.end == next.start);
    let help = match found {
        "=" if positives.contains(&Rule::op_equal) => "`==` compares",
        "&" | "|" => "conditions are joined with `and` and `or`",
        "!" => "`not` negates, `!=` compares",
        "/" | "%" => "numbers are added, subtracted and multiplied, never divided",
        "'" => "a text stands in double quotes",
        ";" => "nothing ends with `;`: remove it",
        "not" if previous == "is" => "write `is missing`, or `not (… is …)`",
        "not" if around.next_word(text) == "in" => "write `not (… in …)`",
        "-" if touching && is_word(previous) => "a name with a hyphen stands in double quotes",
        "(" if is_word(previous) && words::is_free(previous) => {
            "only `count(…)` and functions such as `transaction.done(…)` are written with parentheses"
        }
        "from" if positives.contains(&Rule::op_and) => {
            "where a value comes from stands in a `when` of its own: `when action.to from literal`"
        }
        _ if matches!(previous, "*" | "+") && positives.contains(&Rule::op_multiply) => {
            return Some(format!(
                "a `{previous}` directly after a name repeats the relation: put a blank before it to calculate"
            ));
        }
        _ if words::ITEMS.contains(&found) && !expects_name(positives) => {
            "each item begins on a line of its own"
        }
        _ if words::CLAUSES.contains(&found) && can_be_quoted(positives) => {
            return Some(format!("`{found}` begins a clause; as a name it stands in double quotes"));
        }
        _ => return misspelt(text, around, positives),
    };
    Some(help.to_owned())
}

fn is_word(text: &str) -> bool {
    words::is_word(text)
}

fn expects_name(positives: &[Rule]) -> bool {
    use Rule::{free_name, free_word, name, selector, word};
    positives.iter().any(|rule| matches!(rule, name | free_name | word | free_word | selector))
}

fn can_be_quoted(positives: &[Rule]) -> bool {
    positives.iter().any(|rule| matches!(rule, Rule::free_name | Rule::selector | Rule::string))
}

/// A word near to one that could stand here.
fn misspelt(text: &str, around: &Around, positives: &[Rule]) -> Option<String> {
    let found = around.found.filter(|token| token.kind == Kind::Word)?.text(text);
    let rule_clause = positives.contains(&Rule::kw_when);
    let expect_clause = positives.contains(&Rule::kw_given);
    let operator = positives.contains(&Rule::op_and);
    let clauses = if rule_clause { words::CLAUSES } else { &[] };
    let expects = if expect_clause {
        &["given", "bearing", "at", "by", "because", "obliging", "as", "via", "within", "after"][..]
    } else {
        &[]
    };
    let parts = if positives.contains(&Rule::kw_lasts) { words::INTENT_PARTS } else { &[] };
    let of_source = if positives.contains(&Rule::kw_gives) { words::SOURCE_PARTS } else { &[] };
    let tasks = if positives.contains(&Rule::kw_closed) { words::TASK_CLAUSES } else { &[] };
    let origins = if positives.iter().any(|rule| matches!(rule, Rule::origin | Rule::kw_created)) {
        &["literal", "one", "record", "created", "result", "text"][..]
    } else {
        &[]
    };
    let operators = if operator {
        &["and", "or", "in", "has", "is", "matches", "contains", "starts", "ends"][..]
    } else {
        &[]
    };
    let decisions = if positives.contains(&Rule::decision) { &["permit", "deny"][..] } else { &[] };
    let all = clauses.iter().chain(expects).chain(operators).chain(decisions);
    let all = all.chain(parts).chain(tasks).chain(origins).chain(of_source).copied();
    nearest(found, all).map(|near| format!("did you mean `{near}`?"))
}
