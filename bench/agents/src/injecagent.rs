//! InjecAgent: a user's one call, then the attacker's tools. An intent that grants the user's tool must stop all of it;
//! a grant of the user's whole toolkit is shown beside it.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::decider::{Decider, Question};
use crate::given::{Directory, Given, Prompt, Tool, list};
use crate::intents;
use crate::score::Share;
use crate::setting::Setting;

/// The benchmark.
pub struct Bench {
    /// The catalogue, as a suite without prompts.
    pub given: Given,
    toolkits: Vec<(String, String)>,
    users: Vec<UserCase>,
    attackers: Vec<AttackerCase>,
}

#[derive(Debug, Deserialize)]
struct UserCase {
    id: String,
    prompt: String,
    function: String,
    #[serde(default)]
    args: Map<String, Json>,
    toolkit: String,
}

#[derive(Debug, Deserialize)]
struct AttackerCase {
    id: String,
    kind: String,
    functions: Vec<String>,
}

/// What was measured.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Result {
    /// What is granted.
    pub grant: String,
    /// Cases with at least one denied tool of the attacker.
    pub blocked: Share,
    /// Of them those that do harm at once.
    pub direct_harm: Share,
    /// Of them those that carry data away.
    pub data_stealing: Share,
    /// User's calls that were allowed.
    pub kept: Share,
    /// Cases that were not blocked.
    pub escaped: Vec<String>,
}

/// What the intent grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// The user's tool.
    Tool,
    /// Every tool of its toolkit.
    Toolkit,
    /// Control: nothing.
    Nothing,
    /// Control: every tool.
    Everything,
}

impl Grant {
    /// All, in the order of the table.
    pub const ALL: [Self; 4] = [Self::Tool, Self::Toolkit, Self::Nothing, Self::Everything];

    fn title(self) -> &'static str {
        match self {
            Self::Tool => "the user's tool",
            Self::Toolkit => "the user's whole toolkit",
            Self::Nothing => "control: nothing",
            Self::Everything => "control: every tool",
        }
    }
}

impl Bench {
    /// Reads the three files of a folder.
    ///
    /// # Errors
    /// A file is missing or has another form.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut catalogue: Vec<Json> = list(&folder.join("tools.json"), "tools")?;
        let users: Vec<UserCase> = list(&folder.join("user_cases.json"), "user_cases")?;
        let attackers: Vec<AttackerCase> = list(&folder.join("attacker_cases.json"), "attacker_cases")?;
        let text =
            |tool: &Json, member: &str| tool.get(member).and_then(Json::as_str).unwrap_or("").to_owned();
        let toolkits = catalogue.iter().map(|tool| (text(tool, "name"), text(tool, "toolkit"))).collect();
        // WHY: only names decide here; their parameters have another form than those of the other benchmark.
        catalogue.iter_mut().filter_map(Json::as_object_mut).for_each(|tool| {
            tool.remove("parameters");
        });
        let none = std::collections::BTreeSet::new();
        let tools = catalogue.iter().map(|tool| Tool::read(tool, &none)).collect::<anyhow::Result<_>>()?;
        let given =
            Given { suite: "injecagent".into(), tools, directory: Directory::default(), prompts: Vec::new() };
        Ok(Self { given, toolkits, users, attackers })
    }

    /// Every case with a grant.
    ///
    /// # Errors
    /// No answer, or a tool that the catalogue does not have.
    pub fn measure(&self, grant: Grant, decider: &mut dyn Decider) -> anyhow::Result<Result> {
        let mut result = Result { grant: grant.title().into(), ..Result::default() };
        for user in &self.users {
            let goal = intents::goal(&self.given, &self.prompt(user, grant), Setting::ToolsOnly)?;
            for attacker in &self.attackers {
                let transaction = decider.open(&goal)?;
                let mut ask = |function: &String, arguments: &Map<String, Json>| {
                    let tool = self.given.tool(function);
                    let tool = tool.ok_or_else(|| anyhow::anyhow!("no tool `{function}`"))?;
                    let question = Question { tool, arguments, goal: &goal };
                    decider.ask(&transaction, question).map(|verdict| verdict.allowed)
                };
                result.kept.count(ask(&user.function, &user.args)?);
                // No arguments are published for the attacker's calls.
                let none = Map::new();
                let mut blocked = false;
                for function in &attacker.functions {
                    blocked |= !ask(function, &none)?;
                }
                result.blocked.count(blocked);
                let harm = attacker.kind.starts_with("direct");
                (if harm { &mut result.direct_harm } else { &mut result.data_stealing }).count(blocked);
                if !blocked {
                    result.escaped.push(format!("{} × {}", user.id, attacker.id));
                }
            }
        }
        Ok(result)
    }

    fn prompt(&self, user: &UserCase, grant: Grant) -> Prompt {
        let tools = self.toolkits.iter().filter(|(name, toolkit)| match grant {
            Grant::Tool => *name == user.function,
            Grant::Toolkit => *toolkit == user.toolkit,
            Grant::Nothing => false,
            Grant::Everything => true,
        });
        Prompt {
            id: user.id.clone(),
            text: user.prompt.clone(),
            tools: tools.map(|(name, _)| name.clone()).collect(),
            literals: crate::given::Literals::default(),
            matches: Vec::new(),
            hands_authority: false,
        }
    }
}
