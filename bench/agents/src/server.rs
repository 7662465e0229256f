//! The bundle of a suite, and a server that answers from it for as long as the value lives.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use remit_model::Value;
use serde_json::{Value as Json, json};

use crate::given::{Given, Record};
use crate::value;

/// What reading puts on a transaction.
pub const LABEL: &str = "untrusted";
/// The advice that goes with a denial which may become a request.
pub const ADVICE: &str = "request-approval";
/// The only agent.
pub const AGENT: &str = "assistant";

const POLICY: &str = include_str!("server/agents.ibac");

/// The attributes of a record in the graph.
#[must_use]
pub fn attributes(record: &Record) -> BTreeMap<&'static str, Value> {
    let texts = |all: &std::collections::BTreeSet<String>| {
        Value::Set(all.iter().map(|text| Value::string(text)).collect())
    };
    BTreeMap::from([
        ("key", Value::string(&record.key)),
        ("addresses", texts(&record.addresses)),
        ("accounts", texts(&record.accounts)),
        ("amounts", Value::Set(record.amounts.iter().filter_map(value::of).collect())),
    ])
}

/// Policy and graph of suites. Suites with lists of the same name share the type.
///
/// # Errors
/// The folder cannot be written.
pub fn write_bundle(folder: &Path, suites: &[&Given]) -> anyhow::Result<()> {
    let mut lists: Vec<&str> = suites.iter().flat_map(|given| given.directory.lists()).collect();
    lists.sort_unstable();
    lists.dedup();
    let mut policy = POLICY.to_owned();
    policy.push_str("\n// The lists of the directory.\n");
    for list in lists {
        let plain = remit_model::Name::new(list)?.is_plain();
        let list = if plain { list.to_owned() } else { format!("{list:?}") };
        policy.push_str(&format!(
            "entity {list} {{ key: string, addresses: set<string>, accounts: set<string>, amounts: set<decimal> }}\n"
        ));
    }
    let domains: Vec<&str> = suites.iter().filter_map(|given| given.directory.own_domain()).collect();
    let mut nodes = vec![json!({ "type": "user", "id": "the-user", "properties": { "domains": domains } })];
    let mut skills = Vec::new();
    for given in suites {
        let skill = format!("{}-tools", given.suite);
        let tools: Vec<String> = given.tools.iter().map(|tool| format!("tool:{}", tool.name)).collect();
        nodes.extend(given.tools.iter().map(|tool| {
            json!({ "type": "tool", "id": tool.name, "properties": { "side_effecting": tool.side_effecting } })
        }));
        nodes.push(json!({ "type": "skill", "id": skill, "relations": { "tools": tools } }));
        skills.push(format!("skill:{skill}"));
        nodes.extend(given.directory.records().map(node));
    }
    nodes.push(json!({ "type": "agent", "id": AGENT, "properties": { "enabled": true },
        "relations": { "skills": skills } }));
    std::fs::write(folder.join("agents.ibac"), policy)?;
    std::fs::write(folder.join("graph.json"), json!({ "nodes": nodes }).to_string())?;
    Ok(())
}

fn node(record: &Record) -> Json {
    let properties: serde_json::Map<String, Json> =
        attributes(record).iter().map(|(name, value)| ((*name).to_owned(), value::json(value))).collect();
    json!({ "type": record.list, "id": record.key, "properties": properties })
}

/// A server on a loopback port, with its bundle and its ledger in a folder that goes with it.
#[derive(Debug)]
pub struct Running {
    /// `127.0.0.1:PORT`
    pub address: String,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Running {
    /// Serves suites with the binary.
    ///
    /// # Errors
    /// It cannot be started, or ends before it answers.
    pub fn start(remit: &Path, suites: &[&Given]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let bundle = folder.path().join("bundle");
        std::fs::create_dir(&bundle)?;
        write_bundle(&bundle, suites)?;
        let mut child = Command::new(remit)
            .args(["serve", "--insecure-loopback", "--durability", "relaxed", "--listen", "127.0.0.1:0"])
            .args(["--log-level", "warn", "--bundle"])
            .arg(&bundle)
            .arg("--data")
            .arg(folder.path().join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{}`", remit.display()))?;
        let address = match answering(&mut child) {
            Ok(address) => address,
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(error);
            }
        };
        Ok(Self { address, child, _folder: folder })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address it says it answers at; what it says later is passed on.
fn answering(child: &mut Child) -> anyhow::Result<String> {
    let errors = child.stderr.take().context("no standard error")?;
    let mut lines = BufReader::new(errors).lines();
    let mut said = String::new();
    while let Some(line) = lines.next() {
        let line = line?;
        if let Some((_, url)) = line.split_once("answers at http://") {
            let address = url.trim().trim_end_matches('/').to_owned();
            std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("{line}")));
            return Ok(address);
        }
        said.push_str(&line);
        said.push('\n');
    }
    anyhow::bail!("the server did not start:\n{said}")
}

/// The binary: the one named, else that of a release or debug build beside this one.
///
/// # Errors
/// There is none.
pub fn binary(named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(path) = named {
        return Ok(path);
    }
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("no target folder")?;
    let mut found = ["release", "debug"].iter().map(|profile| target.join(profile).join("remit"));
    let found = found.find(|path| path.is_file());
    found.context("no `remit` beside this program: build it with `cargo build --release -p remit-cli`, or name it with --remit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_declares_every_list_once_and_is_taken_by_the_language() {
        let folder = tempfile::tempdir().expect("a folder");
        let directory = crate::given::Directory::of(&json!({ "files": ["a.txt"] }));
        let given = |suite: &str, directory| Given {
            suite: suite.into(),
            tools: Vec::new(),
            directory,
            prompts: Vec::new(),
        };
        let same = crate::given::Directory::of(&json!({ "files": ["b.txt"] }));
        write_bundle(folder.path(), &[&given("a", directory), &given("b", same)]).expect("a bundle");
        let policy = std::fs::read_to_string(folder.path().join("agents.ibac")).expect("a policy");
        assert_eq!(policy.matches("entity files ").count(), 1);
        let graph = std::fs::read_to_string(folder.path().join("graph.json")).expect("a graph");
        assert!(graph.contains("a.txt") && graph.contains("b.txt"));
        // Only here does the language see these rules before a server does.
        let taken = remit_pdp::bundle::load(folder.path(), remit_pdp::bundle::Purpose::Serve);
        taken.map(drop).unwrap_or_else(|refused| panic!("{refused}"));
    }
}
