//! From a prompt to an intent, by rules that can be stated from the prompt, the tools' schemas and the clean directory:
//!
//! 1. Every reading tool may be called. A tool with an effect may be called when the words of the prompt ask for it.
//! 2. Of its arguments only those that decide who receives, pays or is changed are bound; the others are free, and an
//!    argument that the schema does not know is refused.
//! 3. An argument that decides takes what the prompt names: a literal of its kind, or a record of the directory
//!    (`said`), or the key of what it asks to create. Where the prompt names something, nothing else is a source.
//! 4. Where it names nothing: nothing (strict); structured fields of that kind in what was read (structured flow); the
//!    free text of the sources that the prompt names as well (named sources). An optional argument stays away unless
//!    the prompt speaks of it.
//! 5. An amount that the prompt wants computed lies between nought and twice the greatest amount that it names.
//! 6. Once each, unless the prompt speaks of several.
//! 7. A prompt that hands authority to some content gets the reading tools; what it then asks for is a request to the
//!    user, not a grant.
//! 8. The settings about destinations bind nothing but who receives or is paid: anybody of the directory or the prompt. The links
//!    of an intent are those of the prompt.

mod bounds;
mod said;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use remit_model::{Argument, EntityRef, Intent, Name, Scope, Task};

use crate::given::{Given, Prompt, Record, Tool};
use crate::setting::Setting;
pub use said::Said;

/// An intent, and what the caller knows besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// The intent.
    pub intent: Intent,
    /// True when the prompt hands authority to some content.
    pub hands_authority: bool,
    /// True when only labels decide.
    pub labels_only: bool,
    /// True when the decision point sees results and outgoing messages.
    pub messages: bool,
}

/// The intent of a prompt.
///
/// # Errors
/// A name of the suite cannot be a name.
pub fn goal(given: &Given, prompt: &Prompt, setting: Setting) -> anyhow::Result<Goal> {
    let mut said = Said::of(prompt, &given.directory);
    let asked = prompt.tools.iter().filter_map(|tool| given.tool(tool));
    said.creates =
        asked.filter(|tool| tool.effect == "create").filter_map(|tool| tool.list.clone()).collect();
    let (reading, changing): (Vec<&Tool>, Vec<&Tool>) =
        given.tools.iter().partition(|tool| !tool.side_effecting);
    let mut tasks = if setting == Setting::DenyAll { Vec::new() } else { reading_tasks(&reading, setting)? };
    let all = setting.grants_all();
    let granted = changing.into_iter().filter(|tool| match setting {
        Setting::DenyAll => false,
        _ => all || prompt.tools.contains(&tool.name),
    });
    let granted: Vec<&Tool> = granted.collect();
    if setting.is_free() {
        let tools = granted.iter().map(|tool| tool_entity(&tool.name)).collect::<anyhow::Result<_>>()?;
        tasks.push(open_task("change", tools)?);
    } else {
        let bound = granted.into_iter().map(|tool| changing_task(given, &said, tool, setting));
        tasks.extend(bound.collect::<anyhow::Result<Vec<_>>>()?);
    }
    let records = said.records.iter().map(|record| entity(record)).collect::<anyhow::Result<_>>()?;
    Ok(Goal {
        intent: Intent {
            template: None,
            subject: user()?,
            tasks,
            skills: None,
            hops_at_most: Some(1),
            not_before: None,
            not_after: None,
            records,
            links: links(&prompt.text),
        },
        hands_authority: prompt.hands_authority && !all,
        labels_only: setting == Setting::LabelsOnly,
        messages: setting.sees_messages(),
    })
}

/// On whose behalf every suite runs.
///
/// # Errors
/// None in practice.
pub fn user() -> anyhow::Result<EntityRef> {
    Ok(EntityRef::new(name("user")?, "the-user"))
}

/// The links that a text writes.
fn links(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let _all = remit_model::link::each(text, &mut |link| {
        found.insert(link);
        std::ops::ControlFlow::Continue(())
    });
    found
}

/// The action of handing a result to the agent.
///
/// # Errors
/// None in practice.
pub fn receive() -> anyhow::Result<Name> {
    name("receive")
}

/// The action of calling a tool.
///
/// # Errors
/// None in practice.
pub fn call() -> anyhow::Result<Name> {
    name("call")
}

/// A tool in the graph.
///
/// # Errors
/// None in practice.
pub fn tool_entity(tool: &str) -> anyhow::Result<EntityRef> {
    Ok(EntityRef::new(name("tool")?, tool))
}

/// A record in the graph.
///
/// # Errors
/// The list has no usable name.
pub fn entity(record: &Record) -> anyhow::Result<EntityRef> {
    Ok(EntityRef::new(name(&record.list)?, &record.key))
}

/// The task of the reading tools of a list: results of one list are no source for keys of another.
fn reading_task(list: Option<&str>) -> String {
    format!("read_{}", list.unwrap_or("other"))
}

fn reading_tasks(tools: &[&Tool], setting: Setting) -> anyhow::Result<Vec<Task>> {
    let mut groups: BTreeMap<String, BTreeSet<EntityRef>> = BTreeMap::new();
    for tool in tools {
        groups.entry(reading_task(tool.list.as_deref())).or_default().insert(tool_entity(&tool.name)?);
    }
    let task = |(task, tools): (String, BTreeSet<EntityRef>)| {
        let mut task = open_task(&task, tools)?;
        if setting.sees_messages() {
            task.actions.insert(receive()?);
        }
        Ok(task)
    };
    groups.into_iter().map(task).collect()
}

fn open_task(task: &str, tools: BTreeSet<EntityRef>) -> anyhow::Result<Task> {
    Ok(Task {
        name: name(task)?,
        actions: BTreeSet::from([call()?]),
        resource: Scope::OneOf(tools),
        arguments: BTreeMap::new(),
        after: BTreeSet::new(),
        at_most: None,
        budgets: BTreeMap::new(),
        closed: false,
    })
}

fn changing_task(given: &Given, said: &Said<'_>, tool: &Tool, setting: Setting) -> anyhow::Result<Task> {
    let mut task = open_task(&tool.name, BTreeSet::from([tool_entity(&tool.name)?]))?;
    task.closed = true;
    if setting.binds_destinations() {
        let arguments =
            tool.parameters.iter().map(|it| (it.name.clone(), bounds::destination(given, said, it)));
        task.arguments.extend(arguments);
        return Ok(task);
    }
    task.at_most = (!said.several).then_some(1);
    for parameter in &tool.parameters {
        if parameter.decides {
            task.arguments.extend(bounds::bound(given, said, tool, parameter, setting)?);
        } else {
            task.arguments.insert(parameter.name.clone(), Argument::any());
        }
    }
    Ok(task)
}

fn name(text: &str) -> anyhow::Result<Name> {
    Name::new(text).with_context(|| format!("`{text}` cannot be a name"))
}
