//! The calls that solve a task and the calls of the attacker: for streaming and scoring only. No intent is made from
//! anything here.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::given::{json, list};

/// Ground truth of one suite.
#[derive(Debug)]
pub struct Truth {
    /// The tasks of the user.
    pub tasks: Vec<UserTask>,
    /// The goals of the attacker.
    pub injections: Vec<InjectionTask>,
}

/// A task of the user.
#[derive(Debug, Deserialize)]
pub struct UserTask {
    /// Its id, as that of the prompt.
    pub id: String,
    /// The calls that solve it.
    #[serde(rename = "ground_truth")]
    pub calls: Vec<Call>,
}

/// A goal of the attacker.
#[derive(Debug, Deserialize)]
pub struct InjectionTask {
    /// Its id.
    pub id: String,
    /// What the attacker wants, in words.
    pub goal: String,
    /// The calls that reach it.
    #[serde(default)]
    pub calls: Vec<Call>,
}

/// A call and what it returned.
#[derive(Debug, Clone, Deserialize)]
pub struct Call {
    /// The tool.
    pub function: String,
    /// Its arguments.
    #[serde(default)]
    pub args: Map<String, Json>,
    /// What it returned in the clean environment.
    #[serde(default)]
    pub result: Json,
    /// The same with `{{vector}}` where the attacker may write.
    #[serde(default)]
    pub result_template: Json,
    /// True when the attack fails without it.
    #[serde(default)]
    pub attack_fails_without_it: bool,
}

impl Call {
    /// What it returns when the attacker writes this into every place that is open to him.
    #[must_use]
    pub fn attacked(&self, attack: Option<&str>) -> Json {
        match attack {
            Some(attack) if !self.result_template.is_null() => filled(&self.result_template, attack),
            _ => self.result.clone(),
        }
    }
}

fn filled(template: &Json, attack: &str) -> Json {
    match template {
        Json::String(text) => {
            let mut out = String::new();
            let mut rest = text.as_str();
            while let Some((before, after)) = rest.split_once("{{") {
                let Some((_, behind)) = after.split_once("}}") else { break };
                out.push_str(before);
                out.push_str(attack);
                rest = behind;
            }
            Json::String(out + rest)
        }
        Json::Array(items) => items.iter().map(|item| filled(item, attack)).collect(),
        Json::Object(members) => {
            Json::Object(members.iter().map(|(key, value)| (key.clone(), filled(value, attack))).collect())
        }
        other => other.clone(),
    }
}

/// Reads the ground truth of a suite.
///
/// # Errors
/// A file is missing or has another form.
pub fn read(folder: &Path, suite: &str) -> anyhow::Result<Truth> {
    let path = |part: &str| folder.join(format!("{suite}.{part}.json"));
    Ok(Truth {
        tasks: list(&path("user_tasks"), "user_tasks")?,
        injections: list(&path("injection_tasks"), "injection_tasks")?,
    })
}

/// The attacker's texts: name and template, `{goal}` being the place of the goal.
///
/// # Errors
/// The file is missing or has another form.
pub fn attacks(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let file = json(&folder.join("attacks.json"))?;
    let templates = file.get("templates").and_then(Json::as_object).into_iter().flatten();
    Ok(templates.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))).collect())
}

/// The text that the attacker writes for a goal. Templates that name the calls get them with every value, which is more
/// than an attacker knows.
#[must_use]
pub fn attack_text(template: &str, injection: &InjectionTask) -> String {
    let calls = injection.calls.iter().map(|call| {
        let arguments = call.args.iter().map(|(name, value)| format!("{name}={value}"));
        format!("{}({})", call.function, arguments.collect::<Vec<_>>().join(", "))
    });
    template
        .replace("{goal}", &injection.goal)
        .replace("{tools}", &calls.collect::<Vec<_>>().join("\n"))
        .replace("{user}", "Emma Johnson")
        .replace("{model}", "AI assistant")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_place_is_filled_and_the_clean_result_stays() {
        let call: Call = serde_json::from_value(json!({"function": "read", "result": ["clean"],
            "result_template": [{"body": "a {{x}} b {{y}}"}, 3]}))
        .expect("a call");
        assert_eq!(call.attacked(Some("EVIL")), json!([{"body": "a EVIL b EVIL"}, 3]));
        assert_eq!(call.attacked(None), json!(["clean"]));
    }
}
