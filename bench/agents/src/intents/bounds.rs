//! The constraint on one argument that decides: what was said, else what may flow, else nothing.

use std::collections::BTreeSet;

use remit_model::{Argument, Bound, Name, Number, Origin, Value};

use super::{Said, name, reading_task};
use crate::given::{Given, Meaning, Parameter, Record, Tool};
use crate::outcome;
use crate::setting::Setting;
use crate::value;

/// The paths below the parameter, each with its constraint.
pub(super) fn bound(
    given: &Given,
    said: &Said<'_>,
    tool: &Tool,
    parameter: &Parameter,
    setting: Setting,
) -> anyhow::Result<Vec<(String, Argument)>> {
    let path = parameter.name.clone();
    match &parameter.meaning {
        Meaning::Flag => Ok(vec![(path.clone(), flag(said, &path))]),
        Meaning::Choice(words) => Ok(vec![(path, one_of(chosen(said, words)))]),
        Meaning::Amount if said.computes && setting.flows() => {
            Ok(vec![(path, computed(said).unwrap_or_else(|| one_of([])))])
        }
        Meaning::Attached { member, list } => {
            let key = traced(given, said, tool, parameter, &Meaning::Key(list.clone()), setting)?;
            Ok(vec![(format!("{path}.{member}"), key), (format!("{path}.type"), Argument::any())])
        }
        meaning => Ok(vec![(path, traced(given, said, tool, parameter, meaning, setting)?)]),
    }
    .map(|paths| paths.into_iter().map(|(path, argument)| (path, optional(argument, parameter))).collect())
}

/// Who receives or is paid: anybody of the directory or of the prompt. Every other argument is free.
pub(super) fn destination(given: &Given, said: &Said<'_>, parameter: &Parameter) -> Argument {
    let records = || given.directory.records();
    let known: BTreeSet<&String> = match parameter.meaning {
        _ if !parameter.is_destination() => return Argument::any(),
        Meaning::Address => {
            let own = given.directory.own_address.iter();
            records().flat_map(|record| &record.addresses).chain(&said.addresses).chain(own).collect()
        }
        _ => {
            let named = said.accounts.iter().chain(&said.payees);
            records().flat_map(|record| &record.accounts).chain(named).collect()
        }
    };
    optional(one_of(known.into_iter().map(|text| Value::string(text))), parameter)
}

fn optional(mut argument: Argument, parameter: &Parameter) -> Argument {
    argument.optional |= !parameter.required;
    argument
}

/// True only when the prompt speaks of it by name.
fn flag(said: &Said<'_>, parameter: &str) -> Argument {
    let spoken = said.speaks_of(parameter);
    Argument::bound(if spoken { Bound::Any } else { Bound::Exactly(Value::Bool(false)) })
}

/// The words that the prompt has, or of whose letters it has the words (`rw`: read and write); else the first, which
/// schemas list as the least.
fn chosen(said: &Said<'_>, words: &[String]) -> Vec<Value> {
    let letters = |word: &str| {
        word.chars().all(|letter| match letter {
            'r' => said.speaks_of("read"),
            'w' => said.speaks_of("writ") || said.speaks_of("edit"),
            _ => false,
        })
    };
    let named: Vec<Value> =
        words.iter().filter(|word| said.has(word) || letters(word)).map(|word| Value::string(word)).collect();
    if named.is_empty() { words.iter().take(1).map(|word| Value::string(word)).collect() } else { named }
}

/// Between nought and twice the greatest amount that the prompt names, by itself or through a record.
fn computed(said: &Said<'_>) -> Option<Argument> {
    let own = said.amounts.iter().filter_map(|amount| Number::parse(amount));
    let known = said.records.iter().flat_map(|record| &record.amounts);
    let known = known.filter_map(|amount| match value::of(amount) {
        Some(Value::Number(it)) => Some(it),
        _ => None,
    });
    let greatest = own.chain(known).max()?;
    let high = greatest.checked_add(greatest)?;
    let (low, high) = (Some(Value::Number(Number::default())), Some(Value::Number(high)));
    Some(Argument::bound(Bound::Between { low, high }))
}

fn traced(
    given: &Given,
    said: &Said<'_>,
    tool: &Tool,
    parameter: &Parameter,
    meaning: &Meaning,
    setting: Setting,
) -> anyhow::Result<Argument> {
    let mut origins = named(given, said, tool, parameter, meaning)?;
    if origins.is_empty() {
        let wanted = parameter.required || speaks_of(said, parameter, meaning);
        if setting.flows() && wanted {
            origins.extend(flow(given, meaning)?);
        }
        if setting.reads_sources() && (wanted || *meaning == Meaning::Text) {
            origins.extend(sources(said));
        }
    }
    // INVARIANT: no origin means that no value is allowed, never that nobody asks.
    Ok(if origins.is_empty() { one_of([]) } else { Argument::from_origins(origins) })
}

fn one_of(values: impl IntoIterator<Item = Value>) -> Argument {
    Argument::bound(Bound::OneOf(values.into_iter().collect()))
}

/// What the prompt names: literals of the kind, and the records that it names.
fn named(
    given: &Given,
    said: &Said<'_>,
    tool: &Tool,
    parameter: &Parameter,
    meaning: &Meaning,
) -> anyhow::Result<BTreeSet<Origin>> {
    let mut origins = BTreeSet::new();
    let literals: Vec<&String> = match meaning {
        Meaning::Address => said.addresses.iter().collect(),
        Meaning::Account => said.accounts.iter().chain(&said.payees).collect(),
        Meaning::Amount => said.amounts.iter().collect(),
        Meaning::Text if parameter.name.contains("file") => said.files.iter().collect(),
        Meaning::Text => said.texts.iter().collect(),
        _ => Vec::new(),
    };
    let mut literals: BTreeSet<Value> = literals.into_iter().map(|literal| Value::string(literal)).collect();
    let record_has = |record: &&&Record| match meaning {
        Meaning::Key(list) => record.list == *list,
        Meaning::Account => !record.accounts.is_empty(),
        Meaning::Amount => !record.amounts.is_empty(),
        Meaning::Address => !record.addresses.is_empty() && (record.list == "people" || said.people),
        _ => false,
    };
    if let Some(attribute) = attribute(meaning) {
        for record in said.records.iter().filter(record_has) {
            origins.insert(Origin::RecordOf(name(&record.list)?, Some(attribute.to_owned())));
        }
    }
    if let Meaning::Key(list) = meaning
        && said.creates.contains(list)
    {
        origins.insert(Origin::Created);
    }
    let any = !origins.is_empty() || !literals.is_empty();
    if *meaning == Meaning::Address
        && any
        && tool.effect == "create"
        && let Some(own) = &given.directory.own_address
    {
        literals.insert(Value::string(own));
    }
    if !literals.is_empty() {
        origins.insert(Origin::OneOf(literals));
    }
    Ok(origins)
}

/// The attribute of a record in the graph that holds values of the kind.
fn attribute(meaning: &Meaning) -> Option<&'static str> {
    match meaning {
        Meaning::Address => Some("addresses"),
        Meaning::Account => Some("accounts"),
        Meaning::Amount => Some("amounts"),
        Meaning::Key(_) => Some("key"),
        Meaning::Attached { .. } | Meaning::Flag | Meaning::Choice(_) | Meaning::Text => None,
    }
}

/// Does the prompt speak of an optional argument: by its name, or, where people are meant, of inviting somebody.
fn speaks_of(said: &Said<'_>, parameter: &Parameter, meaning: &Meaning) -> bool {
    let stem = crate::given::singular(&parameter.name);
    let people = *meaning == Meaning::Address && stem.len() > 3;
    let stem = if matches!(parameter.meaning, Meaning::Attached { .. }) { "attach" } else { &stem };
    said.speaks_of(stem) || (people && (said.speaks_of("invit") || said.people))
}

/// Structured fields of the kind, in what reading tools return.
fn flow(given: &Given, meaning: &Meaning) -> anyhow::Result<BTreeSet<Origin>> {
    let mut origins = BTreeSet::new();
    let lists: BTreeSet<Option<&str>> = given
        .tools
        .iter()
        .filter(|tool| !tool.side_effecting)
        .map(|tool| tool.list.as_deref())
        .filter(|list| match meaning {
            Meaning::Key(own) => *list == Some(own.as_str()),
            _ => true,
        })
        .collect();
    for list in lists {
        let task: Name = name(&reading_task(list))?;
        for path in outcome::paths(meaning) {
            origins.insert(Origin::Result { task: task.clone(), path });
        }
    }
    if matches!(meaning, Meaning::Key(_)) {
        origins.insert(Origin::Created);
    }
    Ok(origins)
}

/// The free text of the records that the prompt names.
fn sources(said: &Said<'_>) -> BTreeSet<Origin> {
    let source = |record: &&Record| Origin::Text { source: outcome::source(&record.list, &record.key) };
    said.records.iter().map(source).collect()
}
