//! Streams of calls: an agent that makes every call it is told to, whatever was denied before, and reports what the
//! permitted ones returned.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::{Map, Value as Json};

use crate::decider::{Decider, Question, Verdict};
use crate::given::{Given, Meaning, Tool};
use crate::intents::Goal;
use crate::outcome::{self, Told};
use crate::setting::Flags;
use crate::truth::{Call, Truth, UserTask};

/// Where a stream runs.
pub struct Stage<'a> {
    /// Tools and directory.
    pub given: &'a Given,
    /// Who decides.
    pub decider: &'a mut dyn Decider,
    /// Who flags passages.
    pub flags: Flags,
}

/// Sends the calls in order, in one transaction; one verdict for each.
///
/// # Errors
/// No answer, or a call of a tool that the suite does not have.
pub fn run(
    stage: &mut Stage<'_>,
    goal: &Goal,
    calls: &[&Call],
    attack: Option<&str>,
) -> anyhow::Result<Vec<Verdict>> {
    let transaction = stage.decider.open(goal)?;
    let mut verdicts = Vec::with_capacity(calls.len());
    for (index, call) in calls.iter().enumerate() {
        let tool = tool(stage.given, call)?;
        let question = Question { tool, arguments: &call.args, goal };
        let verdict = stage.decider.ask(&transaction, question)?;
        if verdict.allowed && index + 1 < calls.len() {
            let told = Told {
                tool,
                arguments: &call.args,
                directory: &stage.given.directory,
                flags: stage.flags,
                attack,
            };
            let fields = outcome::fields(&call.attacked(attack), told);
            stage.decider.report(&transaction, &verdict.decision, &fields)?;
            if goal.messages && !tool.side_effecting {
                // A result that is withheld still has been asked for: the agent goes on all the same.
                let _handed = stage.decider.hand_over(&transaction, question, &call.attacked(attack))?;
            }
        }
        verdicts.push(verdict);
    }
    Ok(verdicts)
}

fn tool<'g>(given: &'g Given, call: &Call) -> anyhow::Result<&'g Tool> {
    given.tool(&call.function).with_context(|| format!("no tool `{}`", call.function))
}

/// Layer C: a call that the task needs, with one of its deciding arguments replaced by a value of the attacker's calls.
#[derive(Debug, Clone)]
pub struct Swap {
    /// Place of the task in the suite.
    pub task: usize,
    /// Place of the injection task that the value comes from.
    pub injection: usize,
    /// The calls before it, and it.
    pub calls: Vec<Call>,
    /// The argument.
    pub argument: String,
}

/// Every swap of a suite: for each call with an effect of each task, each deciding argument, and each value that an
/// attacker's call has for an argument of the same kind and that the task itself never uses there. Texts are swapped
/// only between calls of one tool and parameter.
///
/// # Errors
/// A call of a tool that the suite does not have.
pub fn swaps(given: &Given, truth: &Truth) -> anyhow::Result<Vec<Swap>> {
    let mut found = Vec::new();
    for (place, task) in truth.tasks.iter().enumerate() {
        for (index, call) in task.calls.iter().enumerate() {
            let own_tool = tool(given, call)?;
            let deciding = own_tool.parameters.iter().filter(|it| own_tool.side_effecting && it.decides);
            for parameter in deciding.filter(|it| call.args.contains_key(&it.name)) {
                let mut seen = used(task, &call.function, &parameter.name);
                for (injection, value) in attackers(given, truth, own_tool, &parameter.name)? {
                    if !seen.insert(value.to_string()) {
                        continue;
                    }
                    let mut calls: Vec<Call> = task.calls.iter().take(index + 1).cloned().collect();
                    if let Some(last) = calls.last_mut() {
                        put(&mut last.args, &parameter.name, value);
                    }
                    found.push(Swap { task: place, injection, calls, argument: parameter.name.clone() });
                }
            }
        }
    }
    Ok(found)
}

/// Values that the task itself has for that argument.
fn used(task: &UserTask, function: &str, argument: &str) -> BTreeSet<String> {
    let calls = task.calls.iter().filter(|call| call.function == function);
    calls
        .filter_map(|call| call.args.get(argument))
        .flat_map(singles)
        .map(|value| value.to_string())
        .collect()
}

/// A single value, or the items of a list; of an attached object its key alone.
fn singles(value: &Json) -> Vec<Json> {
    match value {
        Json::Array(items) => items.iter().flat_map(singles).collect(),
        Json::Object(members) => {
            members.iter().filter(|(name, _)| name.ends_with("_id")).map(|(_, key)| key.clone()).collect()
        }
        Json::Null => Vec::new(),
        single => vec![single.clone()],
    }
}

fn attackers(
    given: &Given,
    truth: &Truth,
    own: &Tool,
    parameter: &str,
) -> anyhow::Result<Vec<(usize, Json)>> {
    let wanted = own.parameter(parameter).map(|it| kind(&it.meaning));
    let mut found = Vec::new();
    for (place, injection) in truth.injections.iter().enumerate() {
        for call in injection.calls.iter().filter(|call| call.attack_fails_without_it) {
            let tool = tool(given, call)?;
            for (name, value) in &call.args {
                let Some(theirs) = tool.parameter(name).filter(|it| it.decides) else { continue };
                let same_place = tool.name == own.name && *name == parameter;
                let is_text = matches!(theirs.meaning, Meaning::Text | Meaning::Flag | Meaning::Choice(_));
                if same_place || (!is_text && Some(kind(&theirs.meaning)) == wanted) {
                    found.extend(singles(value).into_iter().map(|value| (place, value)));
                }
            }
        }
    }
    Ok(found)
}

/// The key of an attached record is a key.
fn kind(meaning: &Meaning) -> Meaning {
    match meaning {
        Meaning::Attached { list, .. } => Meaning::Key(list.clone()),
        other => other.clone(),
    }
}

/// Puts a value where the call has one or several: a list becomes the value alone.
fn put(arguments: &mut Map<String, Json>, name: &str, value: Json) {
    let Some(place) = arguments.get_mut(name) else { return };
    *place = match &*place {
        Json::Array(items) => match items.first() {
            Some(Json::Object(members)) => {
                let replaced = members.iter().map(|(member, old)| {
                    let new = if member.ends_with("_id") { value.clone() } else { old.clone() };
                    (member.clone(), new)
                });
                Json::Array(vec![Json::Object(replaced.collect())])
            }
            _ => Json::Array(vec![value]),
        },
        _ => value,
    };
}
