//! What is wrong with expressions.

use crate::check::names::did_you_mean;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::check) enum ExprError {
    #[error("no value is named `{name}`")]
    UnknownName { name: String, at: Span, nearest: Option<String>, as_text: bool },
    #[error("`{member}` is a member of level `{level}`, which is of package `{owner}` and not used here")]
    MemberNotUsed { member: String, level: String, owner: String, at: Span },
    #[error("`{member}` is a member of {levels}")]
    AmbiguousMember { member: String, levels: String, at: Span },
    #[error("`{text}` is not a member of level `{level}`")]
    NotAMember { text: String, level: String, at: Span, nearest: Option<String> },
    #[error("`{text}` is not {what}")]
    BadLiteral { text: String, what: &'static str, at: Span },
    #[error("`{text}` cannot be held exactly")]
    NumberNotExact { text: String, at: Span },
    #[error("`{what}` is not decided by this release")]
    NotSupportedYet { what: String, at: Span },
    #[error("`{root}` is not a value by itself")]
    BareRoot { root: String, member: &'static str, at: Span },
    #[error("{} has no member `{name}`", said(root))]
    UnknownMember { root: &'static str, name: String, called: bool, nearest: Option<String>, at: Span },
    #[error("`{root}` has no function `{name}`")]
    UnknownFunction { root: &'static str, name: String, value: bool, nearest: Option<String>, at: Span },
    #[error("this has no functions")]
    NoFunctions { at: Span },
    #[error("`{function}` takes {wants}")]
    Arguments { function: String, wants: &'static str, at: Span },
    #[error("this is not {what}")]
    NotABareName { what: &'static str, at: Span },
    #[error("values of type {of} have no sum")]
    NoSum { of: String, at: Span },
    #[error("`{task}` is read, and nothing says that it is done before")]
    TaskNotBefore { task: String, at: Span },
    #[error("only the chain matches a list of agents")]
    NotAChain { at: Span },
    #[error(
        "the assurance of a chain is a member of the level `assurance`, and none of the kind is declared"
    )]
    NoAssuranceLevel { at: Span },
    #[error("`{root}` has no meaning in the value of a limit")]
    NoQuestion { root: String, at: Span },
    #[error("{of} has no attribute `{name}`")]
    UnknownAttribute { of: String, name: String, at: Span, nearest: Option<String> },
    #[error("attribute `{name}` is missing in {lacking}, and {root} can be one")]
    LackingAttribute { name: String, lacking: String, root: String, narrow: &'static str, at: Span },
    #[error("attribute `{name}` is {one} in `{one_type}` and {other} in `{other_type}`")]
    AttributeDiffers {
        name: String,
        one: String,
        one_type: String,
        other: String,
        other_type: String,
        at: Span,
    },
    #[error("no action that is meant here has a property `{name}`")]
    UnknownProperty { name: String, at: Span, nearest: Option<String> },
    #[error("property `{name}` is missing in {lacking}, which is meant here too")]
    LackingProperty { name: String, lacking: String, at: Span },
    #[error("property `{name}` has different types in the actions that are meant here")]
    PropertyDiffers { name: String, at: Span },
    #[error("a value of type {of} has no member `{name}`")]
    NoMembers { of: String, name: String, at: Span },
    #[error("`{name}` is a property, not a relation that can be followed")]
    NotARelation { name: String, form: &'static str, at: Span },
    #[error("no relation `{name}` leads to {to}")]
    NoInverse { name: String, to: String, at: Span, nearest: Option<String> },
    #[error("`{name}` is already a name here")]
    Shadowed { name: String, at: Span },
    #[error("quantifiers are nested more than {limit} deep")]
    TooManyVariables { limit: usize, at: Span },
    #[error("the expression is nested too deep")]
    TooDeep { at: Span },
    #[error("a condition is true or false, and this is {found}")]
    NotACondition { found: String, at: Span },
    #[error("{left} and {right} are never equal")]
    Impossible { left: String, right: String, left_at: Span, right_at: Span, help: Option<String> },
    #[error("values of type {of} have no order")]
    NoOrder { of: String, at: Span },
    #[error("{found} is not a set")]
    NotASet { found: String, at: Span, help: Option<&'static str> },
    #[error("{found} is not a text")]
    NotAText { found: String, at: Span, help: Option<&'static str> },
    #[error("{found} is not an entity")]
    NotAnEntity { found: String, at: Span },
    #[error("{member} can never be a member of {group}")]
    NeverMember { member: String, group: String, at: Span },
    #[error("{found} can never be `{name}`")]
    NeverIs { found: String, name: String, at: Span },
    #[error("{left} and {right} cannot be joined by `{operator}`")]
    BadOperands { operator: &'static str, left: String, right: String, at: Span },
    #[error("the branches are {then} and {other}")]
    BranchesDiffer { then: String, other: String, at: Span },
    #[error("a set holds values of one type, and here are {one} and {other}")]
    MixedSet { one: String, other: String, at: Span },
    #[error("a record stands only as the value of a property")]
    Record { at: Span },
    #[error("the pattern is not valid: {reason}")]
    BadPattern { reason: String, at: Span },
}

impl From<ExprError> for Diagnostic {
    fn from(error: ExprError) -> Self {
        let message = error.to_string();
        let refuse = |code, at, label: &str| Diagnostic::error(code, &*message).with_label(at, label);
        match error {
            ExprError::UnknownName { .. }
            | ExprError::MemberNotUsed { .. }
            | ExprError::AmbiguousMember { .. }
            | ExprError::NotAMember { .. }
            | ExprError::BadLiteral { .. }
            | ExprError::NumberNotExact { .. }
            | ExprError::NotSupportedYet { .. }
            | ExprError::BareRoot { .. }
            | ExprError::NoQuestion { .. }
            | ExprError::UnknownMember { .. }
            | ExprError::UnknownFunction { .. }
            | ExprError::NoFunctions { .. }
            | ExprError::Arguments { .. }
            | ExprError::NotABareName { .. }
            | ExprError::NoSum { .. }
            | ExprError::TaskNotBefore { .. }
            | ExprError::NotAChain { .. }
            | ExprError::NoAssuranceLevel { .. }
            | ExprError::Shadowed { .. } => named(error, refuse),
            ExprError::UnknownAttribute { .. }
            | ExprError::LackingAttribute { .. }
            | ExprError::AttributeDiffers { .. }
            | ExprError::UnknownProperty { .. }
            | ExprError::LackingProperty { .. }
            | ExprError::PropertyDiffers { .. }
            | ExprError::NoMembers { .. }
            | ExprError::NotARelation { .. }
            | ExprError::NoInverse { .. } => navigated(error, refuse),
            _ => operated(error, refuse),
        }
    }
}

/// A root in backticks, a kind of thing in words.
fn said(root: &str) -> String {
    if root.contains(' ') { root.to_owned() } else { format!("`{root}`") }
}

/// Errors of names and literals.
fn named(error: ExprError, refuse: impl Fn(&'static str, Span, &str) -> Diagnostic) -> Diagnostic {
    use ExprError as E;
    match error {
        E::UnknownName { name, at, nearest, as_text } => {
            let diagnostic = did_you_mean(refuse("check/unknown-name", at, "unknown name"), nearest);
            if as_text { diagnostic.with_help(format!("for a text write `{name:?}`")) } else { diagnostic }
        }
        E::MemberNotUsed { owner, at, .. } => refuse("check/package-not-used", at, "of another package")
            .with_help(format!("write `use {owner}` below the package line")),
        E::AmbiguousMember { at, .. } => refuse("check/ambiguous-member", at, "of which level?")
            .with_help("compare it with a value whose level is declared"),
        E::NotAMember { at, nearest, .. } => {
            did_you_mean(refuse("check/not-a-member", at, "not a member"), nearest)
        }
        E::BadLiteral { what, at, .. } => refuse("check/bad-literal", at, &format!("should be {what}")),
        E::NumberNotExact { at, .. } => refuse("check/number-not-exact", at, "too large or too fine")
            .with_help("numbers have up to 18 fraction digits and about 20 whole ones"),
        E::NotSupportedYet { at, .. } => refuse("check/not-supported-yet", at, "not yet"),
        E::BareRoot { root, member, at } => refuse("check/bare-root", at, "name a member")
            .with_help(format!("write the member too, as in `{root}.{member}`")),
        E::UnknownMember { root, name, called, nearest, at } => {
            let diagnostic = refuse("check/unknown-member", at, "unknown member");
            if called {
                diagnostic.with_help(format!("it is a function: write `{root}.{name}(…)`"))
            } else {
                did_you_mean(diagnostic, nearest)
            }
        }
        E::UnknownFunction { root, name, value, nearest, at } => {
            let diagnostic = refuse("check/unknown-function", at, "unknown function");
            if value {
                diagnostic.with_help(format!("it is a value: write `{root}.{name}`"))
            } else {
                did_you_mean(diagnostic, nearest)
            }
        }
        E::NoFunctions { at } => refuse("check/unknown-function", at, "has no functions")
            .with_help("only `transaction`, `consent` and `signals` have functions; `count(…)` stands alone"),
        E::Arguments { at, .. } => refuse("check/bad-arguments", at, "called otherwise"),
        E::NotABareName { at, .. } => refuse("check/bad-arguments", at, "not a name of one"),
        E::NoSum { at, .. } => refuse("check/bad-budget", at, "cannot be added up"),
        E::TaskNotBefore { task, at } => refuse("check/task-not-before", at, "may not be done yet")
            .with_help(format!("write `after {task}`")),
        E::NotAChain { at } => {
            refuse("check/not-a-chain", at, "not the chain").with_help("write `chain matches […]`")
        }
        E::NoAssuranceLevel { at } => refuse("check/no-assurance-level", at, "of which level?")
            .with_help("declare `level assurance { low < medium < high }`"),
        E::NoQuestion { at, .. } => refuse("check/limit-not-literal", at, "not a literal"),
        E::Shadowed { at, .. } => refuse("check/shadowed-name", at, "choose another name"),
        _ => refuse("check/unknown-name", Span::default(), ""),
    }
}

/// Errors of attributes and relations.
fn navigated(error: ExprError, refuse: impl Fn(&'static str, Span, &str) -> Diagnostic) -> Diagnostic {
    use ExprError as E;
    match error {
        E::UnknownAttribute { at, nearest, .. } => {
            did_you_mean(refuse("check/unknown-attribute", at, "unknown attribute"), nearest)
        }
        E::LackingAttribute { at, narrow, .. } => {
            let diagnostic = refuse("check/attribute-not-in-all", at, "not an attribute of all of them");
            if narrow.is_empty() { diagnostic } else { diagnostic.with_help(narrow) }
        }
        E::AttributeDiffers { at, .. } => refuse("check/attribute-differs", at, "has no single type"),
        E::UnknownProperty { at, nearest, .. } => {
            did_you_mean(refuse("check/unknown-property", at, "unknown property"), nearest)
        }
        E::LackingProperty { at, .. } => {
            refuse("check/property-not-in-all", at, "not a property of all of them")
                .with_help("name fewer actions, or declare the property for each action")
        }
        E::PropertyDiffers { at, .. } => refuse("check/property-differs", at, "has no single type"),
        E::NoMembers { at, .. } => refuse("check/no-members", at, "no such member"),
        E::NotARelation { form, at, .. } => refuse("check/not-a-relation", at, form),
        E::NoInverse { at, nearest, .. } => {
            did_you_mean(refuse("check/no-inverse", at, "leads there from nowhere"), nearest)
        }
        _ => refuse("check/unknown-attribute", Span::default(), ""),
    }
}

/// Errors of operators.
fn operated(error: ExprError, refuse: impl Fn(&'static str, Span, &str) -> Diagnostic) -> Diagnostic {
    use ExprError as E;
    let with = |diagnostic: Diagnostic, help: Option<&str>| match help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    };
    match error {
        E::TooManyVariables { at, .. } | E::TooDeep { at } => refuse("check/too-deep", at, "from here"),
        E::NotACondition { at, .. } => refuse("check/not-a-condition", at, "neither true nor false"),
        E::Impossible { left, right, left_at, right_at, help } => {
            let label = format!("this is {right}");
            let diagnostic = refuse("check/impossible-comparison", right_at, &label)
                .with_secondary(left_at, format!("this is {left}"));
            with(diagnostic, help.as_deref())
        }
        E::NoOrder { at, .. } => refuse("check/no-order", at, "only `==` and `!=` apply"),
        E::NotASet { at, help, .. } => with(refuse("check/not-a-set", at, "should be a set"), help),
        E::NotAText { at, help, .. } => with(refuse("check/not-a-text", at, "should be a text"), help),
        E::NotAnEntity { at, .. } => refuse("check/not-an-entity", at, "should be an entity"),
        E::NeverMember { at, .. } => refuse("check/never-a-member", at, "no membership leads there")
            .with_help("declare a relation `member_of`, or one with `membership` before its name"),
        E::NeverIs { at, .. } => refuse("check/impossible-comparison", at, "never true"),
        E::BadOperands { at, .. } => refuse("check/bad-operands", at, "not defined"),
        E::BranchesDiffer { at, .. } => refuse("check/branches-differ", at, "another type"),
        E::MixedSet { at, .. } => refuse("check/mixed-set", at, "another type"),
        E::Record { at } => refuse("check/record-elsewhere", at, "not here"),
        E::BadPattern { at, .. } => refuse("check/bad-pattern", at, "refused"),
        _ => refuse("check/bad-operands", Span::default(), ""),
    }
}
