//! KBAC policies as they are written: bare, or in the envelope of the configuration API with name and status, alone or in
//! a list. Reads shapes; knows neither patterns nor the graph.

use remit_json::{At, Json, Object, line_column};
use remit_lang::diagnostic::nearest;

use crate::report::{Findings, Place};

/// A policy that decides.
#[derive(Debug)]
pub(super) struct Policy<'j> {
    pub(super) name: String,
    /// `3.0-kbac` rather than `2.0-kbac`.
    pub(super) raw: bool,
    pub(super) subject: String,
    pub(super) actions: Vec<String>,
    pub(super) resource: String,
    pub(super) cypher: Literal,
    pub(super) filter: Option<&'j Json<'j>>,
    pub(super) at: Place,
}

/// A text and where its quote stands.
#[derive(Debug, Clone)]
pub(super) struct Literal {
    pub(super) text: String,
    pub(super) at: At,
}

/// Reads values of one text.
pub(super) struct Reader<'s, 'a, 'r> {
    pub(super) text: &'s str,
    /// The file's name without its end, for policies without a name.
    pub(super) stem: &'s str,
    pub(super) findings: &'a mut Findings<'r>,
}

/// Members of the envelope that mean nothing for a decision.
const ENVELOPE: [&str; 12] = [
    "name",
    "display_name",
    "description",
    "policy",
    "status",
    "tags",
    "id",
    "etag",
    "project_id",
    "organization_id",
    "create_time",
    "update_time",
];

impl<'s> Reader<'s, '_, '_> {
    pub(super) fn place(&self, at: At) -> Place {
        let (line, column) = line_column(self.text.as_bytes(), &at);
        Place { line, column }
    }

    /// All policies of a text that decide; those that are drafts or inactive are noted.
    pub(super) fn policies<'j>(&mut self, json: &'j Json<'j>, out: &mut Vec<Policy<'j>>) {
        if let Some(items) = json.as_array() {
            return items.iter().for_each(|item| self.policies(item, out));
        }
        let Some(object) = json.as_object() else {
            let at = self.place(json.at);
            let message = format!("a policy is an object, and this is {}", json.kind_name());
            return self.findings.refuse("kbac/shape", at, message);
        };
        if let (Some(results), 1) = (object.get("results"), object.len()) {
            return self.policies(results, out);
        }
        if object.get("policy").is_some() {
            self.envelope(json, object, out)
        } else {
            self.bare(json, self.stem.to_owned(), out)
        }
    }

    fn envelope<'j>(&mut self, json: &'j Json<'j>, object: &'j Object<'j>, out: &mut Vec<Policy<'j>>) {
        for member in object {
            if !ENVELOPE.contains(&&*member.key) {
                self.unknown(member.key_at, &member.key, &ENVELOPE);
            }
        }
        let name = object.get("name").and_then(Json::as_str).unwrap_or(self.stem).to_owned();
        match object.get("status").map(|status| (status.as_str(), status.at)) {
            None | Some((Some("ACTIVE" | "active"), _)) => {}
            Some((Some("INACTIVE" | "DRAFT" | "inactive" | "draft"), at)) => {
                let at = self.place(at);
                let message = format!("`{name}` does not decide in its source and is left out");
                return self.findings.note("kbac/inactive", at, message);
            }
            Some((_, at)) => {
                let at = self.place(at);
                return self.findings.refuse("kbac/status", at, "a status is ACTIVE, INACTIVE or DRAFT");
            }
        }
        if let Some(tags) =
            object.get("tags").filter(|tags| tags.as_array().is_some_and(|tags| !tags.is_empty()))
        {
            let at = self.place(tags.at);
            self.findings.change(
                "kbac/tags",
                at,
                "tags are not carried over: a request cannot leave policies out by them",
            );
        }
        match object.get("policy") {
            Some(policy) if policy.as_object().is_some() => self.bare(policy, name, out),
            _ => {
                let at = self.place(json.at);
                let message = "`policy` must be an object; a policy inside a text has no places to report";
                self.findings.refuse("kbac/shape", at, message);
            }
        }
    }

    fn bare<'j>(&mut self, json: &'j Json<'j>, name: String, out: &mut Vec<Policy<'j>>) {
        const KEYS: [&str; 5] = ["meta", "subject", "actions", "resource", "condition"];
        let before = self.findings.refused();
        let Some(object) = self.object(json, "the policy", &KEYS) else { return };
        let meta =
            self.member(object, json, "meta").and_then(|it| self.object(it, "meta", &["policy_version"]));
        let version = meta.and_then(|meta| self.text(meta, json, "policy_version"));
        let raw = match version.as_ref().map(|version| (version.text.as_str(), version.at)) {
            Some(("2.0-kbac", _)) => Some(false),
            Some(("3.0-kbac", _)) => Some(true),
            Some((other, at)) => {
                let (message, at) = (format!("`{other}` is no version that is read"), self.place(at));
                self.findings.refuse_with("kbac/version", at, message, "there are 2.0-kbac and 3.0-kbac");
                None
            }
            None => None,
        };
        let subject = self.party(object, json, "subject");
        let resource = self.party(object, json, "resource");
        let actions = self.actions(object, json);
        let condition = self
            .member(object, json, "condition")
            .and_then(|it| self.object(it, "condition", &["cypher", "filter"]));
        let cypher = condition.and_then(|condition| self.text(condition, json, "cypher"));
        let filter = condition.and_then(|condition| condition.get("filter"));
        if self.findings.refused() > before {
            return;
        }
        if let (Some(raw), Some(subject), Some(resource), Some(cypher)) = (raw, subject, resource, cypher) {
            let at = self.place(json.at);
            out.push(Policy { name, raw, subject, actions, resource, cypher, filter, at });
        }
    }

    fn party(&mut self, object: &Object<'_>, whole: &Json<'_>, key: &'static str) -> Option<String> {
        let party = self.member(object, whole, key)?;
        let members = self.object(party, key, &["type"])?;
        self.text(members, party, "type").map(|of| of.text)
    }

    fn actions(&mut self, object: &Object<'_>, whole: &Json<'_>) -> Vec<String> {
        let Some(actions) = self.member(object, whole, "actions") else { return Vec::new() };
        let at = self.place(actions.at);
        let texts: Option<Vec<String>> = actions
            .as_array()
            .map(|items| items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect());
        let all = actions.as_array().map(<[_]>::len);
        match texts {
            Some(texts) if Some(texts.len()) == all && (1..=5).contains(&texts.len()) => texts,
            _ => {
                self.findings.refuse("kbac/actions", at, "`actions` is a list of 1 to 5 names");
                Vec::new()
            }
        }
    }

    fn object<'j>(&mut self, json: &'j Json<'j>, what: &str, known: &[&str]) -> Option<&'j Object<'j>> {
        let Some(object) = json.as_object() else {
            let at = self.place(json.at);
            self.findings.refuse(
                "kbac/shape",
                at,
                format!("{what} is an object, and this is {}", json.kind_name()),
            );
            return None;
        };
        for member in object {
            if !known.contains(&&*member.key) {
                self.unknown(member.key_at, &member.key, known);
            }
        }
        Some(object)
    }

    fn member<'j>(&mut self, object: &'j Object<'j>, whole: &Json<'_>, key: &str) -> Option<&'j Json<'j>> {
        let member = object.get(key);
        if member.is_none() {
            let at = self.place(whole.at);
            self.findings.refuse("kbac/shape", at, format!("the policy has no `{key}`"));
        }
        member
    }

    fn text(&mut self, object: &Object<'_>, whole: &Json<'_>, key: &str) -> Option<Literal> {
        let member = self.member(object, whole, key)?;
        match member.as_str().filter(|text| !text.is_empty()) {
            Some(text) => Some(Literal { text: text.to_owned(), at: member.at }),
            None => {
                let at = self.place(member.at);
                self.findings.refuse(
                    "kbac/shape",
                    at,
                    format!("`{key}` must be a text, and this is {}", member.kind_name()),
                );
                None
            }
        }
    }

    fn unknown(&mut self, at: At, key: &str, known: &[&str]) {
        let (at, message) = (self.place(at), format!("`{key}` is not a member that is known here"));
        let help = match nearest(key, known.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("there are {}", known.join(", ")),
        };
        self.findings.refuse_with("kbac/unknown-member", at, message, help);
    }
}

/// The place of a character of a JSON string, escapes counted as what they stand for.
pub(super) fn inside(text: &str, string: At, character: usize) -> Place {
    let mut at = string.offset() + 1;
    for _ in 0..character {
        let rest = text.get(at..).unwrap_or("");
        at += match (rest.strip_prefix('\\').and_then(|rest| rest.chars().next()), rest.chars().next()) {
            (Some('u'), _)
                if rest.get(6..8) == Some("\\u")
                    && rest.get(2..4).is_some_and(|it| {
                        matches!(it, "d8" | "d9" | "da" | "db" | "D8" | "D9" | "DA" | "DB")
                    }) =>
            {
                12
            }
            (Some('u'), _) => 6,
            (Some(_), _) => 2,
            (None, Some(c)) => c.len_utf8(),
            (None, None) => 0,
        };
    }
    let (line, column) = line_column(text.as_bytes(), &At(u32::try_from(at).unwrap_or(u32::MAX)));
    Place { line, column }
}
