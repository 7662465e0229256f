//! The folder of suites.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{Directory, Given, Tool};

/// The suites of a folder, by its `*.tools.json`, sorted.
///
/// # Errors
/// The folder cannot be read or holds no suite.
pub fn suites(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut suites: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".tools.json").map(str::to_owned)).collect();
    suites.sort_unstable();
    anyhow::ensure!(!suites.is_empty(), "no `*.tools.json` in `{}`", folder.display());
    Ok(suites)
}

/// Reads what is given of a suite, and nothing else.
///
/// # Errors
/// A file is missing or has another form.
pub fn read(folder: &Path, suite: &str) -> anyhow::Result<Given> {
    let path = |part: &str| folder.join(format!("{suite}.{part}.json"));
    let tools: Vec<Json> = list(&path("tools"), "tools")?;
    let environment = json(&path("environment"))?;
    let facts = environment.get("facts").context("the environment has no `facts`")?;
    let directory = Directory::of(facts);
    let lists = directory.lists();
    let tools = tools.iter().map(|tool| Tool::read(tool, &lists)).collect::<anyhow::Result<_>>()?;
    let prompts = list(&path("prompt_facts"), "prompt_facts")?;
    Ok(Given { suite: suite.to_owned(), tools, directory, prompts })
}

/// A JSON file.
pub(crate) fn json(path: &PathBuf) -> anyhow::Result<Json> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("`{}` is not JSON", path.display()))
}

/// The list of that name in a JSON file.
pub(crate) fn list<T: DeserializeOwned>(path: &PathBuf, name: &str) -> anyhow::Result<Vec<T>> {
    let mut file = json(path)?;
    let list = file.get_mut(name).map(Json::take).unwrap_or_default();
    serde_json::from_value(list).with_context(|| format!("`{name}` of `{}` has another form", path.display()))
}
