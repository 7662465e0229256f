//! What a policy set says in outline, so that the record of a change can tell what changed.

use std::collections::BTreeMap;

use remit_lang::checked::Policies;
use remit_lang::source::Sources;
use sha2::{Digest, Sha256};

use crate::answer;
use crate::bundle::hex;

/// Changes told one by one; a record has room for so many and the archive has the texts.
const TOLD: usize = 200;

/// Rules, limits and packages of one policy set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// `package VERSION approved by WHO on DAY`, as far as it is stated.
    pub packages: Vec<String>,
    /// What each rule and limit says, by `package.rule` or `limits.name`: the value of a limit, a digest of a rule.
    parts: BTreeMap<String, String>,
}

impl Outline {
    /// Of a checked policy set.
    #[must_use]
    pub fn of(policies: &Policies, sources: &Sources) -> Self {
        let packages = policies.packages.iter().map(|package| {
            let version = package.version.as_deref().map_or_else(String::new, |it| format!(" {it}"));
            let by =
                package.approved_by.as_deref().map_or_else(String::new, |it| format!(" approved by {it}"));
            let on = package.approved_on.map_or_else(String::new, |it| format!(" on {it}"));
            format!("{}{version}{by}{on}", package.name)
        });
        let rules = policies.rules.iter().map(|rule| {
            // Layout is no change.
            let words = sources.text(rule.span).split_whitespace().collect::<Vec<_>>().join(" ");
            (rule.id.to_string(), hex(&Sha256::digest(words.as_bytes())))
        });
        let limits = policies.limits.iter().map(|limit| {
            let name = format!("limits.{}", limit.name);
            (name, answer::text(&limit.value))
        });
        Self { packages: packages.collect(), parts: rules.chain(limits).collect() }
    }

    /// What is different from this earlier one, in the order of names.
    #[must_use]
    pub fn changes_since(&self, earlier: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        let names: std::collections::BTreeSet<_> = self.parts.keys().chain(earlier.parts.keys()).collect();
        for name in names {
            let limit = name.starts_with("limits.");
            changes.push(match (earlier.parts.get(name), self.parts.get(name)) {
                (Some(before), Some(after)) if before == after => continue,
                (Some(before), Some(after)) if limit => format!("{name}: {before} -> {after}"),
                (Some(_), Some(_)) => format!("{name} changed"),
                (None, Some(after)) if limit => format!("{name} added: {after}"),
                (None, Some(_)) => format!("{name} added"),
                (Some(_), None) => format!("{name} removed"),
                (None, None) => continue,
            });
        }
        let more = changes.len().saturating_sub(TOLD);
        if more > 0 {
            changes.truncate(TOLD);
            changes.push(format!("and {more} more"));
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Outline {
        let mut sources = Sources::default();
        sources.add("p.ibac".to_owned(), text.to_owned());
        let (policies, _) = remit_lang::compile(&sources).unwrap();
        Outline::of(&policies, &sources)
    }

    const BEFORE: &str = "package p version \"1\" approved by \"Board\" on 2026-01-01\n\nlimit most = 5\nlimit gone = 1\n\n\
        entity user {}\nentity doc {}\naction read on doc\n\npermit one for user to read on doc\n\npermit two for user to read on doc\n";

    #[test]
    fn rules_and_limits_that_differ_are_named_and_layout_is_no_difference() {
        let before = outline(BEFORE);
        assert_eq!(before.packages.len(), 1);
        assert!(
            before.packages[0].starts_with("p 1 approved by Board on 2026-01-01"),
            "{:?}",
            before.packages
        );
        let laid_out = BEFORE.replace("permit one for user", "permit one\n  for user");
        assert_eq!(outline(&laid_out).changes_since(&before), Vec::<String>::new());
        let after = BEFORE
            .replace("most = 5", "most = 7")
            .replace("limit gone = 1", "limit fresh = 2")
            .replace("permit one for user to read on doc", "permit one for user to read on doc when 1 == 1")
            .replace("permit two", "permit three");
        assert_eq!(
            outline(&after).changes_since(&before),
            [
                "limits.fresh added: 2",
                "limits.gone removed",
                "limits.most: 5 -> 7",
                "p.one changed",
                "p.three added",
                "p.two removed"
            ]
        );
    }
}
