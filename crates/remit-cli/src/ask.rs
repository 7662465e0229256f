//! `remit ask`: puts a question to the log of a data directory, or of a running decision point.

pub mod elsewhere;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Context as _, bail};
use remit_pdp::Clock;
use remit_pdp::audit::{self, Answer, AskError, Given, Named, Personal, Question, Replies, Reply, Sample};
use remit_pdp::ledger::{PSEUDONYM_MARK, Pseudonyms, Reading};

use crate::output;
use elsewhere::Elsewhere;

/// Arguments of `remit ask`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A named question; `--list` shows them
    name: Option<String>,
    /// Its parameters
    #[arg(value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// Show the named questions with their parameters
    #[arg(long)]
    list: bool,
    /// Which records, in the language of the policies
    #[arg(long = "where", value_name = "CONDITION", conflicts_with = "name")]
    condition: Option<String>,
    /// What to show of each record
    #[arg(long, value_name = "VALUE", value_delimiter = ',')]
    select: Vec<String>,
    /// What to count by
    #[arg(long, value_name = "VALUE", value_delimiter = ',')]
    group: Vec<String>,
    /// In which order; `-` turns it round
    #[arg(long, value_name = "VALUE", value_delimiter = ',', allow_hyphen_values = true)]
    order: Vec<String>,
    /// Only a random sample of so many records
    #[arg(long, value_name = "SIZE", requires = "seed")]
    sample: Option<usize>,
    /// What makes it another sample
    #[arg(long)]
    seed: Option<String>,
    /// How many rows
    #[arg(long)]
    limit: Option<usize>,
    /// Where the page begins, as the page before says
    #[arg(long)]
    after: Option<String>,
    /// The data directory of the decision point
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Ask a running decision point at this address instead of a data directory
    #[arg(long, conflicts_with = "data")]
    url: Option<String>,
    /// Its API key, better given as `REMIT_API_KEY`
    #[arg(long, requires = "url")]
    token: Option<String>,
    /// Certificates to trust instead of those of the system, in PEM
    #[arg(long, requires = "url")]
    ca: Option<PathBuf>,
    /// Read the log itself, not its index, and add the records with their proofs
    #[arg(long, requires = "json")]
    proof: bool,
    /// Write JSON
    #[arg(long, conflicts_with_all = ["csv", "jsonl", "parquet"])]
    json: bool,
    /// Write comma-separated values
    #[arg(long, conflicts_with_all = ["jsonl", "parquet"])]
    csv: bool,
    /// Write a JSON object a line
    #[arg(long, conflicts_with = "parquet")]
    jsonl: bool,
    /// Write the rows to this file as Apache Parquet
    #[arg(long, value_name = "FILE")]
    parquet: Option<PathBuf>,
    /// Which part of a named question that has several, from 0
    #[arg(long, requires = "parquet")]
    part: Option<usize>,
}

/// Runs the subcommand: exit code 0 answered, 2 not.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.list {
        output::line(listing().trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(url) = &args.url {
        return ask_elsewhere(args, url);
    }
    let dir = if args.data.join("ledger").is_dir() { args.data.join("ledger") } else { args.data.clone() };
    anyhow::ensure!(dir.is_dir(), "there is no ledger in `{}`", args.data.display());
    let log = Reading::open(&dir).with_context(|| format!("`{}` cannot be read", dir.display()))?;
    let names = Names::of(&args.data, &log)?;
    let alternatives = |it: &Personal<'_>| names.all(it);
    let now = Clock::System.now().context("the system clock shows no usable time")?;
    let parameters = parameters(&args.parameters)?;
    let given = Given { now, parameters, alternatives: &alternatives, proof: args.proof };
    match &args.name {
        Some(name) => {
            let replies = Named::find(name)
                .and_then(|query| query.ask(&log, &given, args.limit, args.after.as_deref()))
                .map_err(refused)?;
            show_replies(args, &replies)?;
        }
        None => {
            let answer = audit::ask(&log, &question(args)?, &given).map_err(refused)?;
            show_answer(args, &answer)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn ask_elsewhere(args: &Args, url: &str) -> anyhow::Result<ExitCode> {
    let key = args.token.clone().or_else(|| std::env::var("REMIT_API_KEY").ok());
    let elsewhere = Elsewhere::new(url, key, args.ca.as_deref())?;
    match &args.name {
        Some(name) => {
            let question = serde_json::json!({
                "parameters": parameters(&args.parameters)?,
                "limit": args.limit,
                "after": args.after,
                "proof": args.proof,
            });
            let replies: Replies = elsewhere.ask(&["queries", name.as_str()], &question)?;
            show_replies(args, &replies)?;
        }
        None => {
            let answer: Answer = elsewhere.ask(&["query"], &question(args)?)?;
            show_answer(args, &answer)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show_replies(args: &Args, replies: &Replies) -> anyhow::Result<()> {
    if let Some(file) = &args.parquet {
        let several = replies.answers.len() > 1;
        anyhow::ensure!(
            !several || args.part.is_some(),
            "it has several parts: name one by `--part`, from 0"
        );
        let part = args.part.unwrap_or(0);
        let part = replies.answers.get(part).with_context(|| format!("it has no part {part}"))?;
        return write(file, &part.answer);
    }
    if args.json {
        output::line(&serde_json::to_string_pretty(replies)?);
    } else {
        replies.answers.iter().for_each(|part| show_part(args, part, replies.answers.len() > 1));
    }
    Ok(())
}

fn show_answer(args: &Args, answer: &Answer) -> anyhow::Result<()> {
    if let Some(file) = &args.parquet {
        return write(file, answer);
    }
    if args.json {
        output::line(&serde_json::to_string_pretty(answer)?);
    } else {
        show(args, answer);
    }
    Ok(())
}

fn write(file: &Path, answer: &Answer) -> anyhow::Result<()> {
    std::fs::write(file, audit::parquet(answer)?).with_context(|| format!("`{}`", file.display()))?;
    let more = answer.next.as_ref().map(|next| format!("; more: --after {next}")).unwrap_or_default();
    output::line(&format!("{} rows in `{}`{more}", answer.rows.len(), file.display()));
    Ok(())
}

fn question(args: &Args) -> anyhow::Result<Question> {
    let Some(condition) = &args.condition else {
        bail!("name a question, or give a condition with `--where`; `--list` shows the named ones");
    };
    let sample = args.sample.zip(args.seed.clone()).map(|(size, seed)| Sample { size, seed });
    Ok(Question {
        condition: condition.clone(),
        select: args.select.clone(),
        group: args.group.clone(),
        order: args.order.clone(),
        limit: args.limit,
        after: args.after.clone(),
        sample,
        proof: args.proof,
    })
}

fn parameters(pairs: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for pair in pairs {
        let (name, value) = pair.split_once('=').with_context(|| format!("`{pair}` is not `name=value`"))?;
        anyhow::ensure!(all.insert(name.to_owned(), value.to_owned()).is_none(), "`{name}` is given twice");
    }
    Ok(all)
}

fn show_part(args: &Args, part: &Reply, titled: bool) {
    if titled && !args.jsonl {
        output::line(&format!("# {}", part.title));
    }
    show(args, &part.answer);
    if titled && !args.jsonl {
        output::line("");
    }
}

fn show(args: &Args, answer: &Answer) {
    let text = if args.csv {
        audit::csv(answer)
    } else if args.jsonl {
        audit::json_lines(answer)
    } else {
        audit::table(answer)
    };
    output::line(text.trim_end());
}

/// A refusal with the text and carets under the places.
fn refused(error: AskError) -> anyhow::Error {
    match error {
        AskError::Refused(refusal) => anyhow::anyhow!("the question is refused\n{}", refusal.for_people()),
        other => other.into(),
    }
}

fn listing() -> String {
    let mut text = String::new();
    for query in audit::named() {
        let _ = writeln!(text, "{}\n    {}", query.name, query.title);
        for parameter in &query.parameters {
            let said = match (&parameter.default, parameter.required) {
                (Some(default), _) => format!(" (else {default})"),
                (None, true) => " (must be given)".to_owned(),
                (None, false) => String::new(),
            };
            let _ = writeln!(text, "      {}={}  {}{said}", parameter.name, parameter.ty, parameter.about);
        }
    }
    text
}

/// The names a person may have in the records of a data directory.
struct Names<'a> {
    pseudonyms: Option<Pseudonyms>,
    log: &'a Reading,
    /// The types of subjects in the log, looked up when a question names an id without its type.
    kinds: OnceLock<Vec<String>>,
}

impl<'a> Names<'a> {
    fn of(data: &Path, log: &'a Reading) -> anyhow::Result<Self> {
        let path = data.join("pseudonyms.json");
        let none = || Err(std::io::Error::other("there are no keys"));
        let pseudonyms = path
            .is_file()
            .then(|| Pseudonyms::open(&path, none).with_context(|| format!("`{}`", path.display())))
            .transpose()?;
        Ok(Self { pseudonyms, log, kinds: OnceLock::new() })
    }

    /// The literal itself, and what may stand for it.
    fn all(&self, it: &Personal<'_>) -> Vec<String> {
        let mut names = vec![it.literal.to_owned()];
        if let Some(pseudonyms) = self.pseudonyms.as_ref().filter(|_| !it.literal.starts_with(PSEUDONYM_MARK))
        {
            match it.kind {
                Some(kind) => names.extend(pseudonyms.all_of(kind, it.literal)),
                None => {
                    let kinds = self.kinds.get_or_init(|| self.kinds());
                    names.extend(kinds.iter().flat_map(|kind| pseudonyms.all_of(kind, it.literal)));
                }
            }
        }
        names
    }

    fn kinds(&self) -> Vec<String> {
        let question =
            Question { group: vec!["subject.type".to_owned()], ..Question::of("kind == decision") };
        // The time is not read: the question speaks of none.
        let Some(now) = Clock::System.now() else { return Vec::new() };
        let found = audit::ask(self.log, &question, &Given::at(now));
        let rows = found.map(|answer| answer.rows).unwrap_or_default();
        rows.into_iter().filter_map(|row| row.first()?.as_str().map(str::to_owned)).collect()
    }
}
