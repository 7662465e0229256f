//! Intents as they come in: tasks in JSON, and `authorization_details` with AuthZEN quads. Knows no policy, no graph
//! and no history.

use std::collections::{BTreeMap, BTreeSet};

use remit_authzen::{EvaluationRequest, EvaluationsRequest};
use remit_json::{Json, Object};
use remit_model::intent::Quad;
use remit_model::{Argument, EntityRef, Intent, Name, Number, Origin, Scope, Task};

use crate::fault::Fault;
use crate::intake::{refused, value};

/// Type of an entry that holds one evaluation, in any case of its letters.
pub(crate) const ONE: &str = "authzen_evaluation";
/// Type of an entry that holds many.
pub(crate) const MANY: &str = "authzen_evaluations";

type Read<T> = Result<T, Fault>;

/// `{"tasks": […], "skills": […], "hops_at_most": n, "records": […], "links": […]}` of a subject.
///
/// # Errors
/// [`Fault::BadRequest`] with a pointer below `at`.
pub fn stated(json: &Json<'_>, subject: &EntityRef, at: &str) -> Read<Intent> {
    let body = object(json, at)?;
    only(body, &["tasks", "skills", "hops_at_most", "records", "links"], at)?;
    let tasks = array(body, "tasks", at)?.ok_or_else(|| bad(at, "`tasks` is missing"))?;
    let tasks = each(tasks, &format!("{at}/tasks"), task)?;
    let skills = array(body, "skills", at)?.map(|list| each(list, &format!("{at}/skills"), entity));
    let records = array(body, "records", at)?.map(|list| each(list, &format!("{at}/records"), entity));
    let links = array(body, "links", at)?.map(|list| each(list, &format!("{at}/links"), link));
    Ok(Intent {
        template: None,
        subject: subject.clone(),
        tasks,
        skills: skills.transpose()?.map(|list| list.into_iter().collect()),
        hops_at_most: count(body, "hops_at_most", at)?,
        not_before: None,
        not_after: None,
        records: records.transpose()?.unwrap_or_default().into_iter().collect(),
        links: links.transpose()?.unwrap_or_default().into_iter().collect(),
    })
}

fn link(json: &Json<'_>, at: &str) -> Read<String> {
    let found = json.as_str().and_then(remit_model::link::whole);
    found.ok_or_else(|| bad(at, "must be a link and nothing else"))
}

/// The quads of `authorization_details`; their subjects, when they name one, must be the subject.
/// SPEC: draft-brossard-oauth-rar-authzen: exactly `type` and `request`, the type in any case of its letters.
///
/// # Errors
/// [`Fault::BadRequest`] with a pointer below `at`.
pub fn quads(json: &Json<'_>, subject: &EntityRef, at: &str) -> Read<Intent> {
    let entries = json.as_array().ok_or_else(|| bad(at, "`authorization_details` must be an array"))?;
    let mut quads = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let at = format!("{at}/{index}");
        let kind = entry.as_object().and_then(|it| it.get("type")?.as_str()).unwrap_or_default();
        let ours = kind.eq_ignore_ascii_case(ONE) || kind.eq_ignore_ascii_case(MANY);
        // SPEC: RFC 9396 §2: other types are other people's; what is not ours says nothing about an intent.
        if ours {
            entry_quads(entry, kind, subject, &at, &mut quads)?;
        }
    }
    Ok(Intent::of_quads(subject.clone(), &quads))
}

/// The quads of one entry, in order.
///
/// # Errors
/// [`Fault::BadRequest`] with a pointer below `at`.
pub fn entry_quads(
    entry: &Json<'_>,
    kind: &str,
    subject: &EntityRef,
    at: &str,
    quads: &mut Vec<Quad>,
) -> Read<()> {
    let body = object(entry, at)?;
    only(body, &["type", "request"], at)?;
    let request = body.get("request").ok_or_else(|| bad(at, "`request` is missing"))?;
    let at = format!("{at}/request");
    if kind.eq_ignore_ascii_case(ONE) {
        quads.push(quad(
            &EvaluationRequest::parse(request).map_err(|error| below(refused(&error), &at))?,
            subject,
            &at,
        )?);
        return Ok(());
    }
    let limits = remit_authzen::Limits::default();
    let parsed = EvaluationsRequest::parse(request, &limits, remit_authzen::Compatibility::default());
    match parsed.map_err(|error| below(refused(&error), &at))? {
        EvaluationsRequest::Single(request) => quads.push(quad(&request, subject, &at)?),
        EvaluationsRequest::Batch(batch) => {
            for (index, item) in batch.items.iter().enumerate() {
                let at = format!("{at}/evaluations/{index}");
                let request = item.as_ref().map_err(|error| bad(&at, &error.to_string()))?;
                quads.push(quad(request, subject, &at)?);
            }
        }
    }
    Ok(())
}

fn quad(request: &EvaluationRequest<'_>, subject: &EntityRef, at: &str) -> Read<Quad> {
    let named = reference(request.subject.kind, request.subject.id, at)?;
    if named != *subject {
        return Err(bad(at, "the quad is of another subject"));
    }
    let properties = request.action.properties.into_iter().flat_map(Object::iter);
    let arguments = properties.filter_map(|member| Some((member.key.to_string(), value(&member.value)?)));
    Ok(Quad {
        action: name(request.action.name, at)?,
        resource: reference(request.resource.kind, request.resource.id, at)?,
        arguments: arguments.collect(),
    })
}

fn task(json: &Json<'_>, at: &str) -> Read<Task> {
    const MEMBERS: [&str; 8] =
        ["name", "actions", "resource", "arguments", "after", "at_most", "budgets", "closed"];
    let body = object(json, at)?;
    only(body, &MEMBERS, at)?;
    let names = |member: &str| -> Read<Option<BTreeSet<Name>>> {
        let list = array(body, member, at)?.map(|list| each(list, &format!("{at}/{member}"), name_of));
        Ok(list.transpose()?.map(|list| list.into_iter().collect()))
    };
    let actions = names("actions")?.filter(|actions| !actions.is_empty());
    let arguments = body.get("arguments").map(|it| object(it, &format!("{at}/arguments"))).transpose()?;
    let arguments = arguments.into_iter().flat_map(Object::iter).map(|member| {
        Ok((member.key.to_string(), argument(&member.value, &format!("{at}/arguments/{}", member.key))?))
    });
    let budgets = body.get("budgets").map(|it| object(it, &format!("{at}/budgets"))).transpose()?;
    let budgets = budgets.into_iter().flat_map(Object::iter).map(|member| {
        let most = member.value.as_number().and_then(exact);
        let most = most.ok_or_else(|| bad(&format!("{at}/budgets/{}", member.key), "must be a number"))?;
        Ok((member.key.to_string(), most))
    });
    let resource = body.get("resource").ok_or_else(|| bad(at, "`resource` is missing"))?;
    Ok(Task {
        name: name(text(body, "name", at)?, &format!("{at}/name"))?,
        actions: actions.ok_or_else(|| bad(at, "`actions` must name an action"))?,
        resource: scope(resource, &format!("{at}/resource"))?,
        arguments: arguments.collect::<Read<BTreeMap<_, _>>>()?,
        after: names("after")?.unwrap_or_default(),
        at_most: count(body, "at_most", at)?,
        budgets: budgets.collect::<Read<BTreeMap<_, _>>>()?,
        closed: flag(body, "closed", at)?,
    })
}

fn scope(json: &Json<'_>, at: &str) -> Read<Scope> {
    let body = object(json, at)?;
    only(body, &["type", "id", "types", "one_of", "under", "relation"], at)?;
    let form = |member: &str| body.get(member).is_some();
    if form("under") && !form("type") && !form("types") && !form("one_of") {
        let outer = body.get("under").map(|it| entity(it, &format!("{at}/under")));
        let outer = outer.ok_or_else(|| bad(at, "`under` is missing"))??;
        return Ok(Scope::Under(outer, name(text(body, "relation", at)?, at)?));
    }
    if let Some(list) = array(body, "one_of", at)?.filter(|_| body.len() == 1) {
        return Ok(Scope::OneOf(each(list, &format!("{at}/one_of"), entity)?.into_iter().collect()));
    }
    if let Some(list) = array(body, "types", at)?.filter(|_| body.len() == 1) {
        return Ok(Scope::AnyOf(each(list, &format!("{at}/types"), name_of)?.into_iter().collect()));
    }
    if form("type") && form("id") && body.len() == 2 {
        return Ok(Scope::OneOf([entity(json, at)?].into()));
    }
    if form("type") && body.len() == 1 {
        return Ok(Scope::Any(name(text(body, "type", at)?, at)?));
    }
    Err(bad(at, "must be `type`, `type` and `id`, `types`, `one_of`, or `under` and `relation`"))
}

fn argument(json: &Json<'_>, at: &str) -> Read<Argument> {
    let body = object(json, at)?;
    only(body, &["equals", "one_of", "at_least", "at_most", "prefix", "origins", "optional"], at)?;
    let plain = |member: &str| {
        let found = body.get(member);
        found.map(|json| value(json).ok_or_else(|| bad(at, &format!("`{member}` is null")))).transpose()
    };
    let (low, high) = (plain("at_least")?, plain("at_most")?);
    let mut bounds = Vec::new();
    if let Some(wanted) = plain("equals")? {
        bounds.push(remit_model::Bound::Exactly(wanted));
    }
    if let Some(list) = array(body, "one_of", at)? {
        bounds.push(remit_model::Bound::OneOf(list.iter().filter_map(value).collect()));
    }
    if low.is_some() || high.is_some() {
        bounds.push(remit_model::Bound::Between { low, high });
    }
    if body.get("prefix").is_some() {
        bounds.push(remit_model::Bound::Prefix(text(body, "prefix", at)?.to_owned()));
    }
    if bounds.len() > 1 {
        return Err(bad(at, "has more than one bound"));
    }
    let origins = array(body, "origins", at)?.map(|list| each(list, &format!("{at}/origins"), origin));
    Ok(Argument {
        bound: bounds.pop().unwrap_or(remit_model::Bound::Any),
        origins: origins.transpose()?.map(|list| list.into_iter().collect()),
        optional: flag(body, "optional", at)?,
    })
}

fn origin(json: &Json<'_>, at: &str) -> Read<Origin> {
    match json.as_str() {
        Some("literal") => return Ok(Origin::Literal),
        Some("created") => return Ok(Origin::Created),
        _ => {}
    }
    let body = object(json, at)?;
    if let Some(list) = array(body, "one_of", at)?.filter(|_| body.len() == 1) {
        return Ok(Origin::OneOf(list.iter().filter_map(value).collect()));
    }
    if body.get("record").is_some() {
        only(body, &["record", "attribute"], at)?;
        let attribute = body.get("attribute").map(|_| text(body, "attribute", at)).transpose()?;
        return Ok(Origin::RecordOf(name(text(body, "record", at)?, at)?, attribute.map(str::to_owned)));
    }
    if body.get("result").is_some() {
        only(body, &["result", "path"], at)?;
        let path = body.get("path").map(|_| text(body, "path", at)).transpose()?.unwrap_or_default();
        return Ok(Origin::Result { task: name(text(body, "result", at)?, at)?, path: path.to_owned() });
    }
    if body.get("text").is_some() {
        only(body, &["text"], at)?;
        return Ok(Origin::Text { source: text(body, "text", at)?.to_owned() });
    }
    Err(bad(at, "must be `literal`, `created`, or an object with `one_of`, `record`, `result` or `text`"))
}

/// `{"type", "id"}`
pub(crate) fn entity(json: &Json<'_>, at: &str) -> Read<EntityRef> {
    let body = object(json, at)?;
    only(body, &["type", "id", "properties"], at)?;
    reference(text(body, "type", at)?, text(body, "id", at)?, at)
}

/// Type and id as they came.
pub(crate) fn reference(kind: &str, id: &str, at: &str) -> Read<EntityRef> {
    Ok(EntityRef::new(name(kind, at)?, id))
}

pub(crate) fn object<'j, 'a>(json: &'j Json<'a>, at: &str) -> Read<&'j Object<'a>> {
    json.as_object().ok_or_else(|| bad(at, &format!("must be an object, not {}", json.kind_name())))
}

pub(crate) fn text<'j>(body: &'j Object<'_>, member: &str, at: &str) -> Read<&'j str> {
    let found = body.get(member).and_then(Json::as_str);
    found.ok_or_else(|| bad(&format!("{at}/{member}"), "must be a string"))
}

pub(crate) fn only(body: &Object<'_>, allowed: &[&str], at: &str) -> Read<()> {
    match body.iter().find(|member| !allowed.contains(&&*member.key)) {
        Some(odd) => Err(bad(&format!("{at}/{}", odd.key), "is not a member that may stand here")),
        None => Ok(()),
    }
}

pub(crate) fn bad(at: &str, message: &str) -> Fault {
    let place = if at.is_empty() { "the body" } else { at };
    Fault::BadRequest { message: format!("{place}: {message}"), pointer: Some(at.to_owned()) }
}

pub(crate) fn array<'j, 'a>(body: &'j Object<'a>, member: &str, at: &str) -> Read<Option<&'j [Json<'a>]>> {
    let Some(found) = body.get(member) else { return Ok(None) };
    found.as_array().map(Some).ok_or_else(|| bad(&format!("{at}/{member}"), "must be an array"))
}

pub(crate) fn count(body: &Object<'_>, member: &str, at: &str) -> Read<Option<u32>> {
    let Some(found) = body.get(member) else { return Ok(None) };
    let whole =
        found.as_number().and_then(exact).and_then(|it| it.to_i64()).and_then(|it| u32::try_from(it).ok());
    whole.map(Some).ok_or_else(|| bad(&format!("{at}/{member}"), "must be a non-negative integer"))
}

fn flag(body: &Object<'_>, member: &str, at: &str) -> Read<bool> {
    let Some(found) = body.get(member) else { return Ok(false) };
    found.as_bool().ok_or_else(|| bad(&format!("{at}/{member}"), "must be true or false"))
}

fn each<T>(list: &[Json<'_>], at: &str, read: fn(&Json<'_>, &str) -> Read<T>) -> Read<Vec<T>> {
    list.iter().enumerate().map(|(index, item)| read(item, &format!("{at}/{index}"))).collect()
}

fn name_of(json: &Json<'_>, at: &str) -> Read<Name> {
    name(json.as_str().ok_or_else(|| bad(at, "must be a string"))?, at)
}

fn name(text: &str, at: &str) -> Read<Name> {
    Name::new(text).map_err(|error| bad(at, &error.to_string()))
}

fn exact(number: remit_json::Number) -> Option<Number> {
    Number::from_parts(number.coefficient(), u32::from(number.scale()))
}

fn below(fault: Fault, at: &str) -> Fault {
    match fault {
        Fault::BadRequest { message, pointer } => {
            Fault::BadRequest { message, pointer: Some(format!("{at}{}", pointer.unwrap_or_default())) }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
