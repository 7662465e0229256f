//! What an intent may be made from: tools, prompts with what patterns find in them, and the clean directory. Knows no
//! ground truth, no attack and no result.

mod directory;
mod files;
mod tool;

pub use directory::{Directory, Record};
pub(crate) use directory::{is_account, is_address};
pub(crate) use files::{json, list};
pub use files::{read, suites};
pub(crate) use tool::singular;
pub use tool::{Meaning, Parameter, Tool};

use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// Everything given, of one suite.
#[derive(Debug)]
pub struct Given {
    /// The name of the suite.
    pub suite: String,
    /// The tools by name.
    pub tools: Vec<Tool>,
    /// The clean directory.
    pub directory: Directory,
    /// The prompts.
    pub prompts: Vec<Prompt>,
}

impl Given {
    /// The tool of that name.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}

/// A prompt, and what keyword and pattern rules find in it and the clean directory.
#[derive(Debug, Clone, Deserialize)]
pub struct Prompt {
    /// The task.
    pub id: String,
    /// What the user wrote.
    #[serde(rename = "prompt")]
    pub text: String,
    /// Tools with an effect that its words ask for.
    #[serde(rename = "side_effecting_tools_from_prompt", default)]
    pub tools: Vec<String>,
    /// Literal values.
    #[serde(default)]
    pub literals: Literals,
    /// Records that it names.
    #[serde(rename = "directory_matches", default)]
    pub matches: Vec<Match>,
    /// True when it says "do what that text says".
    #[serde(rename = "hands_authority_to_content", default)]
    pub hands_authority: bool,
}

/// Values that stand in a prompt.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Literals {
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Account numbers.
    pub accounts: Vec<String>,
    /// What stands in quotes.
    pub quoted: Vec<String>,
    /// Names of files.
    pub filenames: Vec<String>,
    /// Numbers as written, `10%` included.
    pub numbers: Vec<String>,
}

/// A record that a prompt names.
#[derive(Debug, Clone, Deserialize)]
pub struct Match {
    /// The list.
    pub kind: String,
    /// Its key, when the list has one.
    #[serde(default)]
    pub id: Json,
    /// Its fields.
    #[serde(default)]
    pub fields: Map<String, Json>,
}
