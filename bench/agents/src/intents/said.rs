//! What a prompt says: literals, records of the directory that it names, and a few turns of phrase.

use std::collections::BTreeSet;

use crate::given::{Directory, Prompt, Record};

use super::words::{Run, Word, run, words};

/// What a prompt says.
#[derive(Debug)]
pub struct Said<'g> {
    /// E-mail addresses.
    pub addresses: BTreeSet<String>,
    /// Account numbers.
    pub accounts: BTreeSet<String>,
    /// Amounts.
    pub amounts: BTreeSet<String>,
    /// Texts: quoted, and what is listed after a colon.
    pub texts: BTreeSet<String>,
    /// Names of files.
    pub files: BTreeSet<String>,
    /// The words by which it names somebody who was paid before.
    pub payees: BTreeSet<String>,
    /// The lists in which it asks for something new.
    pub creates: BTreeSet<String>,
    /// Records that it names.
    pub records: Vec<&'g Record>,
    /// True when an amount is to be computed.
    pub computes: bool,
    /// True when it speaks of several things.
    pub several: bool,
    /// True when it speaks of the people of a record.
    pub people: bool,
    words: BTreeSet<String>,
}

/// Turns of phrase that want an amount to be computed.
const COMPUTES: [&str; 14] = [
    "accordingly",
    "additional",
    "adjust",
    "difference",
    "double",
    "half",
    "increase",
    "increased",
    "percent",
    "plus",
    "share",
    "sum",
    "total",
    "update",
];
/// Words for more than one.
const SEVERAL: [&str; 12] = [
    "all",
    "both",
    "each",
    "every",
    "everybody",
    "everyone",
    "four",
    "several",
    "them",
    "these",
    "three",
    "two",
];
/// Words for the people of a record: all of them, or one by the part played and not by name.
const PEOPLE: [&str; 17] = [
    "attendees",
    "client",
    "clients",
    "colleague",
    "colleagues",
    "customer",
    "everybody",
    "everyone",
    "guests",
    "manager",
    "members",
    "participant",
    "participants",
    "people",
    "person",
    "persons",
    "team",
];

impl<'g> Said<'g> {
    /// Reads a prompt.
    #[must_use]
    pub fn of(prompt: &Prompt, directory: &'g Directory) -> Self {
        let text = &prompt.text;
        let split = words(text);
        let set: BTreeSet<String> = split.iter().map(|word| word.text.clone()).collect();
        let any = |of: &[&str]| of.iter().any(|word| set.contains(*word));
        let tokens = || text.split(|c: char| c.is_whitespace() || "'\"()<>,;".contains(c)).map(trimmed);
        let literals = &prompt.literals;
        let addresses = tokens().filter(|token| crate::given::is_address(token)).map(str::to_owned);
        let accounts = tokens().filter(|token| crate::given::is_account(token)).map(str::to_owned);
        let listed = listed(text);
        let is_file = |text: &&String| literals.filenames.contains(text);
        let texts = literals.quoted.iter().filter(|text| !is_file(text)).chain(&listed);
        // A house number is no amount.
        let in_list =
            |number: &str| listed.iter().any(|text| words(text).iter().any(|word| word.text == number));
        let amounts = literals.numbers.iter().filter(|number| !number.ends_with('%') && !in_list(number));
        let mut said = Self {
            addresses: addresses.chain(literals.emails.iter().cloned()).collect(),
            accounts: accounts.chain(literals.accounts.iter().cloned()).collect(),
            amounts: amounts.cloned().collect(),
            texts: texts.cloned().collect(),
            files: literals.filenames.iter().cloned().collect(),
            payees: BTreeSet::new(),
            creates: BTreeSet::new(),
            records: Vec::new(),
            computes: any(&COMPUTES) || text.contains('%') || text.contains(" too "),
            several: any(&SEVERAL),
            people: any(&PEOPLE),
            words: set,
        };
        said.payees = payees(directory, &split);
        said.records = said.named(prompt, directory, &split);
        said
    }

    /// True when one of its words is the word, or begins with it.
    #[must_use]
    pub fn speaks_of(&self, stem: &str) -> bool {
        self.words.iter().any(|word| word.starts_with(stem))
    }

    /// True when it has the word.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Was the record paid under a subject with one of the payees' names.
    fn pays(&self, record: &Record) -> bool {
        record.names.iter().any(|name| words(name).iter().any(|word| self.payees.contains(&word.written)))
    }

    fn named(&self, prompt: &Prompt, directory: &'g Directory, split: &[Word]) -> Vec<&'g Record> {
        let mut found: Vec<&Record> = Vec::new();
        let known = prompt.matches.iter().filter_map(|matched| {
            let key = match &matched.id {
                serde_json::Value::String(key) => key.clone(),
                serde_json::Value::Number(key) => key.to_string(),
                _ => return None,
            };
            directory.get(&matched.kind, &key)
        });
        found.extend(known);
        found.extend(by_name(directory, split));
        found.extend(by_first_name(directory, split));
        found.extend(directory.records().filter(|record| !record.accounts.is_empty() && self.pays(record)));
        found.extend(self.by_superlative(directory));
        found.extend(directory.records().filter(|record| self.accounts.contains(&record.key)));
        found.extend(self.by_refund(directory));
        found.sort_by_key(|record| (&record.list, &record.key));
        found.dedup();
        found
    }

    /// "the largest file": the file of the greatest size.
    fn by_superlative(&self, directory: &'g Directory) -> Option<&'g Record> {
        let greatest = ["largest", "biggest"].iter().any(|word| self.has(word));
        let least = self.has("smallest");
        if !greatest && !least {
            return None;
        }
        let sized = directory.records().filter(|record| {
            record.numbers.contains_key("size")
                && self.has(record.list.strip_suffix('s').unwrap_or(&record.list))
        });
        let size = |record: &&Record| record.numbers.get("size").copied().unwrap_or_default();
        let order = |one: &&Record, other: &&Record| size(one).total_cmp(&size(other));
        if greatest { sized.max_by(order) } else { sized.min_by(order) }
    }

    /// "refund that 10.00": whoever sent just that.
    fn by_refund(&self, directory: &'g Directory) -> Vec<&'g Record> {
        if !self.speaks_of("refund") {
            return Vec::new();
        }
        let amounts: Vec<f64> = self.amounts.iter().filter_map(|amount| amount.parse().ok()).collect();
        let sent = |record: &Record| {
            let mut own = record.amounts.iter().filter_map(serde_json::Value::as_f64);
            record.incoming && own.any(|own| amounts.iter().any(|amount| (amount - own).abs() < f64::EPSILON))
        };
        directory.records().filter(|record| sent(record)).collect()
    }
}

/// Records whose name stands in the prompt. Of those that claim the same words, the one whose name is covered best.
fn by_name<'g>(directory: &'g Directory, split: &[Word]) -> Vec<&'g Record> {
    let claims: Vec<(Run, &Record)> = directory
        .records()
        .filter_map(|record| Some((record.names.iter().filter_map(|name| run(split, name)).max()?, record)))
        .collect();
    let beaten = |(own, record): &(Run, &Record)| {
        claims.iter().any(|(other, rival)| {
            let overlap = other.start < own.end && own.start < other.end;
            rival.list == record.list
                && overlap
                && (other.length, other.coverage) > (own.length, own.coverage)
        })
    };
    claims.iter().filter(|claim| !beaten(claim)).map(|(_, record)| *record).collect()
}

/// "invite Mark": the only person in the contacts with that first name.
fn by_first_name<'g>(directory: &'g Directory, split: &[Word]) -> Vec<&'g Record> {
    let people =
        || directory.records().filter(|record| !record.addresses.is_empty() && record.list == "people");
    let first_is = |record: &Record, word: &Word| {
        record.names.iter().any(|name| {
            let mut parts = name.split_whitespace();
            parts.next() == Some(word.written.as_str()) && parts.next().is_some()
        })
    };
    let only = |word: &Word| {
        let mut found = people().filter(|record| first_is(record, word));
        let first = found.next();
        if found.next().is_some() { None } else { first }
    };
    split.iter().filter_map(only).collect()
}

/// "send Spotify the difference": the proper nouns that stand in the subject of an earlier payment.
fn payees(directory: &Directory, split: &[Word]) -> BTreeSet<String> {
    let is_proper = |word: &&Word| word.written.len() > 3 && word.written.chars().any(char::is_uppercase);
    let paid = || directory.records().filter(|record| !record.accounts.is_empty());
    let subjects: BTreeSet<String> = paid()
        .flat_map(|record| &record.names)
        .flat_map(|name| words(name))
        .map(|word| word.written)
        .collect();
    let proper = split.iter().filter(is_proper).map(|word| word.written.clone());
    proper.filter(|word| subjects.contains(word)).collect()
}

/// What is listed after a colon, up to the end of the sentence: each part, and each run of parts.
fn listed(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(": ") {
        let rest = text.get(at + 2..).unwrap_or_default();
        let end = [". ", " and ", "\n"].iter().filter_map(|stop| rest.find(stop)).min();
        let parts: Vec<&str> =
            rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().split(", ").collect();
        for first in 0..parts.len() {
            for last in first + 1..=parts.len() {
                found.push(trimmed(&parts.get(first..last).unwrap_or_default().join(", ")).to_owned());
            }
        }
    }
    found
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ".,:;!?'\"".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn directory() -> Directory {
        Directory::of(&json!({
            "people": [{"email": "mia@a.example", "name_in_contact_list": "Mia Stone"},
                       {"email": "tom@a.example", "name_in_contact_list": "Tom Reed"},
                       {"email": "tom@b.example", "name_in_contact_list": "Tom West"}],
            "files": [{"id": "1", "filename": "team-notes.txt", "size": 9},
                      {"id": "2", "filename": "old-team-notes.txt", "size": 20}],
            "payees": [{"account": "DE00100200300400500600", "seen_in": [
                {"list": "orders", "id": 4, "subject": "Gymkhana fee", "amount": 12.5, "direction": "in"}]}],
        }))
    }

    fn said(text: &str) -> Vec<String> {
        let directory = directory();
        let mut prompt: Prompt =
            serde_json::from_value(json!({"id": "t", "prompt": text})).expect("a prompt");
        prompt.literals.numbers = words(text).into_iter().map(|word| word.written).collect();
        prompt.literals.numbers.extend(text.split(' ').map(str::to_owned));
        let said = Said::of(&prompt, &directory);
        said.records.iter().map(|record| format!("{}/{}", record.list, record.key)).collect()
    }

    #[test]
    fn records_are_named_by_name_first_name_superlative_and_refund() {
        assert_eq!(said("read the team notes"), ["files/1"]);
        assert_eq!(said("read old-team-notes.txt"), ["files/2"]);
        assert_eq!(said("invite Mia"), ["people/mia@a.example"]);
        assert_eq!(said("invite Tom"), [""; 0], "two people are called so");
        assert_eq!(said("delete the largest file"), ["files/2"]);
        assert_eq!(said("refund the 12.5 of yesterday"), ["orders/4"]);
        assert_eq!(said("pay Gymkhana again"), ["orders/4", "payees/DE00100200300400500600"]);
    }

    #[test]
    fn what_follows_a_colon_is_listed_with_every_run() {
        let listed = listed("My new home: 1 Elm Street, Rome, 00100. Thanks");
        assert!(listed.contains(&"1 Elm Street".to_owned()) && listed.contains(&"Rome, 00100".to_owned()));
        assert!(!listed.iter().any(|text| text.contains("Thanks")));
    }
}
