//! How long a large policy set takes to parse and check: `cargo run --release -p remit-lang --example load [rules]`.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::fmt::Write as _;
use std::time::Instant;

use remit_lang::source::{FileId, Sources};
use remit_lang::{check, parse};

const RULES_PER_FILE: usize = 5_000;

fn main() {
    let rules = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let mut sources = Sources::default();
    sources.add("base.ibac", base());
    for (file, first) in (0..rules).step_by(RULES_PER_FILE).enumerate() {
        let mut text = String::from("package rules\nuse base\n");
        (first..(first + RULES_PER_FILE).min(rules)).for_each(|at| rule(&mut text, at));
        sources.add(format!("rules{file}.ibac"), text);
    }
    let started = Instant::now();
    let ids: Vec<FileId> = sources.iter().map(|(id, _)| id).collect();
    let files: Vec<_> = ids.into_iter().map(|id| (id, parse(id, &sources))).collect();
    let errors: usize = files.iter().map(|(_, (_, errors))| errors.len()).sum();
    let files: Vec<_> = files.into_iter().map(|(id, (file, _))| (id, file)).collect();
    let parsed = started.elapsed();
    let started = Instant::now();
    match check(&files, &sources) {
        Ok((set, warnings)) => println!(
            "{} rules: parse {parsed:?} ({errors} errors), check {:?}, {} warnings",
            set.rules.len(),
            started.elapsed(),
            warnings.len()
        ),
        Err(errors) => println!("refused: {errors:#?}"),
    }
}

fn base() -> String {
    let mut text = String::from("package base\nlevel class { low < mid < high }\nlimit most = 10\n");
    for at in 0..50 {
        let _ =
            writeln!(text, "entity doc{at} {{ owner: user, class: class, tags: set<string>, size: int }}");
        let _ = writeln!(text, "action read{at}, write{at} on doc{at} {{ amount: decimal }}");
    }
    text + "entity user { name: string, class: class, roles: set<string>, member_of: set<team> }\nentity team { member_of: set<team> }\n"
}

fn rule(text: &mut String, at: usize) {
    let of = at % 50;
    let _ = match at % 5 {
        0 => writeln!(text, "forbid r{at} for user:u{at} to read{of}"),
        1 => writeln!(text, "forbid r{at} for user in team:t{at} to read{of}, write{of} on doc{of}"),
        2 => writeln!(
            text,
            "permit r{at} for user in team:t{at} to read{of} on doc{of} when resource.size > {at} and resource.owner == subject and subject.roles has any [\"a\", \"b\"]"
        ),
        3 => writeln!(
            text,
            "permit r{at} for user to any on doc{of} when action.amount <= limits.most and subject.class >= resource.class unless any t in subject.member_of: t == team:t{at} because \"up to {{limits.most}}\""
        ),
        _ => writeln!(
            text,
            "require r{at} to write{of} that context.x{at} is present and context.x{at} starts with \"a\""
        ),
    };
}
