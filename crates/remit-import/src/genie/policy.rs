//! The board's policy file as it is written: which keys there are, of which type, and what is missing. Every mistake is
//! reported; a key that is not known may be one that was meant to protect.

use remit_lang::diagnostic::nearest;
use remit_model::Timestamp;

use super::yaml::{Kind, Node, Text};
use crate::report::{Findings, Place};

/// Bytes of content that Genie allows when the file does not say.
const MAX_LENGTH: i64 = 262_144;

/// A board policy.
#[derive(Debug, Default)]
pub(super) struct Policy {
    pub(super) version: Option<Text>,
    pub(super) approved_on: Option<Text>,
    pub(super) owner: Option<Text>,
    pub(super) purpose: Option<Text>,
    pub(super) principles: Vec<Text>,
    pub(super) admin_bypass: Switch,
    /// Message type to the roles of which one is needed.
    pub(super) rbac: Vec<(Text, Vec<Text>)>,
    pub(super) max_length: i64,
    pub(super) retention: Option<Place>,
    pub(super) block_pii: Switch,
    pub(super) block_injection: Switch,
    pub(super) banner: Option<Text>,
    pub(super) home_region: Option<Text>,
    pub(super) public_may_leave: Switch,
    /// Message type to the category of consent.
    pub(super) consent: Vec<(Text, Text)>,
    /// Message types that need a rationale.
    pub(super) explained: Vec<Text>,
    /// Message type to the metadata it needs.
    pub(super) metadata: Vec<(Text, Vec<Text>)>,
}

/// A boolean, and where it was said.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Switch {
    pub(super) on: bool,
    pub(super) at: Option<Place>,
}

/// Reads the members of a mapping; a closure for each known key.
struct Reader<'a, 'r> {
    findings: &'a mut Findings<'r>,
}

/// The keys of the outermost mapping.
pub(super) const KEYS: [&str; 13] = [
    "version",
    "board_approved_on",
    "owner",
    "purpose",
    "principles",
    "governance",
    "risk",
    "data",
    "consumer",
    "sovereignty",
    "consent",
    "explainability",
    "limits",
];

/// Reads the file.
pub(super) fn read(root: &[(Text, Node)], findings: &mut Findings<'_>) -> Policy {
    let mut policy = Policy { max_length: MAX_LENGTH, ..Policy::default() };
    let mut reader = Reader { findings };
    for (key, value) in root {
        match key.text.as_str() {
            "version" => policy.version = reader.text(key, value),
            "board_approved_on" => policy.approved_on = reader.date(key, value),
            "owner" => policy.owner = reader.text(key, value),
            "purpose" => policy.purpose = reader.text(key, value),
            "principles" => policy.principles = reader.texts(key, value),
            "governance" => reader.governance(value, &mut policy),
            "risk" => reader.risk(value, &mut policy),
            "data" => reader.data(value, &mut policy),
            "consumer" => reader.consumer(value, &mut policy),
            "sovereignty" => reader.sovereignty(value, &mut policy),
            "consent" => reader.consent(value, &mut policy),
            "explainability" => reader.explainability(value, &mut policy),
            "limits" => reader.limits(value, &mut policy),
            _ => reader.unknown(key, &KEYS, ""),
        }
    }
    if policy.version.is_none() && !root.iter().any(|(key, _)| key.text == "version") {
        reader.findings.refuse("genie/no-version", Place::default(), "the policy has no `version`");
    }
    policy
}

impl Reader<'_, '_> {
    fn governance(&mut self, value: &Node, policy: &mut Policy) {
        for (key, value) in self.members("governance", value) {
            match key.text.as_str() {
                "admin_bypass" => policy.admin_bypass = self.switch(key, value),
                "rbac" => policy.rbac = self.lists_by_type(key, value),
                _ => self.unknown(key, &["admin_bypass", "rbac"], "governance."),
            }
        }
    }

    fn risk(&mut self, value: &Node, policy: &mut Policy) {
        for (key, value) in self.members("risk", value) {
            match key.text.as_str() {
                "max_content_length_bytes" => {
                    if let Some(number) = self.whole(key, value) {
                        if number > 0 {
                            policy.max_length = number;
                        } else {
                            self.findings.refuse_with(
                                "genie/limit",
                                value.at,
                                format!(
                                    "`{number}` bytes are no limit: Genie fails on every message with it"
                                ),
                                "write a number above 0, or leave the key out for 262144",
                            );
                        }
                    }
                }
                _ => self.unknown(key, &["max_content_length_bytes"], "risk."),
            }
        }
    }

    fn data(&mut self, value: &Node, policy: &mut Policy) {
        for (key, value) in self.members("data", value) {
            match key.text.as_str() {
                "retention_days" => {
                    if self.whole(key, value).is_some() {
                        policy.retention = Some(value.at);
                    }
                }
                "block_pii" => policy.block_pii = self.switch(key, value),
                "block_prompt_injection" => policy.block_injection = self.switch(key, value),
                _ => {
                    self.unknown(key, &["retention_days", "block_pii", "block_prompt_injection"], "data.");
                }
            }
        }
    }

    fn consumer(&mut self, value: &Node, policy: &mut Policy) {
        for (key, value) in self.members("consumer", value) {
            match key.text.as_str() {
                "ai_disclosure_banner" => policy.banner = self.text(key, value),
                _ => self.unknown(key, &["ai_disclosure_banner"], "consumer."),
            }
        }
    }

    fn sovereignty(&mut self, value: &Node, policy: &mut Policy) {
        for (key, value) in self.members("sovereignty", value) {
            match key.text.as_str() {
                "home_region" => {
                    policy.home_region = self.text(key, value);
                    if let Some(region) = &policy.home_region
                        && !super::REGIONS.contains(&region.text.as_str())
                    {
                        let nearest = nearest(&region.text, super::REGIONS.into_iter());
                        let message = format!("`{}` is no region of Genie", region.text);
                        self.findings.refuse_with(
                            "genie/region",
                            region.at,
                            message,
                            one_of(&super::REGIONS, nearest),
                        );
                    }
                }
                "allow_cross_border_for_public" => policy.public_may_leave = self.switch(key, value),
                _ => self.unknown(key, &["home_region", "allow_cross_border_for_public"], "sovereignty."),
            }
        }
    }

    fn consent(&mut self, value: &Node, policy: &mut Policy) {
        for (key, value) in self.members("consent", value) {
            match key.text.as_str() {
                "type_to_category" => {
                    for (of, category) in self.members("type_to_category", value) {
                        if let Some(category) = self.text(of, category) {
                            policy.consent.push((of.clone(), category));
                        }
                    }
                }
                _ => self.unknown(key, &["type_to_category"], "consent."),
            }
        }
    }

    fn explainability(&mut self, value: &Node, policy: &mut Policy) {
        for (key, value) in self.members("explainability", value) {
            match key.text.as_str() {
                "applies_to" => policy.explained = self.texts(key, value),
                _ => self.unknown(key, &["applies_to"], "explainability."),
            }
        }
    }

    fn limits(&mut self, value: &Node, policy: &mut Policy) {
        for (key, value) in self.members("limits", value) {
            match key.text.as_str() {
                "required_metadata" => policy.metadata = self.lists_by_type(key, value),
                _ => self.unknown(key, &["required_metadata"], "limits."),
            }
        }
    }

    fn lists_by_type(&mut self, key: &Text, value: &Node) -> Vec<(Text, Vec<Text>)> {
        let members = self.members(&key.text, value);
        members.iter().map(|(of, list)| (of.clone(), self.texts(of, list))).collect()
    }

    fn members<'n>(&mut self, name: &str, value: &'n Node) -> &'n [(Text, Node)] {
        match &value.kind {
            Kind::Map(members) => members,
            _ => {
                self.wrong(name, value, "a mapping");
                &[]
            }
        }
    }

    fn text(&mut self, key: &Text, value: &Node) -> Option<Text> {
        match &value.kind {
            Kind::Scalar { text, plain }
                if !value.is_empty() && (!plain || value.kind_name() == "a text") =>
            {
                if text.trim().is_empty() {
                    self.wrong(&key.text, value, "a text that is not blank");
                    return None;
                }
                Some(Text { text: text.clone(), at: value.at })
            }
            // Genie takes a bare number for a text here, and so do versions look.
            Kind::Scalar { text, plain: true }
                if key.text == "version" && value.kind_name() == "a number" =>
            {
                Some(Text { text: text.clone(), at: value.at })
            }
            _ => {
                self.wrong(&key.text, value, "a text");
                None
            }
        }
    }

    fn texts(&mut self, key: &Text, value: &Node) -> Vec<Text> {
        match &value.kind {
            Kind::List(items) => items.iter().filter_map(|item| self.text(key, item)).collect(),
            _ => {
                self.wrong(&key.text, value, "a list of texts");
                Vec::new()
            }
        }
    }

    fn switch(&mut self, key: &Text, value: &Node) -> Switch {
        let on = match &value.kind {
            Kind::Scalar { text, plain: true } if text == "true" => true,
            Kind::Scalar { text, plain: true } if text == "false" => false,
            _ => {
                self.wrong(&key.text, value, "`true` or `false`");
                false
            }
        };
        Switch { on, at: Some(value.at) }
    }

    fn whole(&mut self, key: &Text, value: &Node) -> Option<i64> {
        let number = match &value.kind {
            Kind::Scalar { text, plain: true } => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong(&key.text, value, "a whole number");
        }
        number
    }

    fn date(&mut self, key: &Text, value: &Node) -> Option<Text> {
        let text = match &value.kind {
            // Dates stand with and without quotes.
            Kind::Scalar { text, .. } => Text { text: text.clone(), at: value.at },
            _ => return self.text(key, value),
        };
        if Timestamp::parse(&text.text).is_none() || text.text.len() != "2026-04-30".len() {
            let message = format!("`{}` is not a date such as 2026-04-30", text.text);
            self.findings.refuse("genie/date", text.at, message);
            return None;
        }
        Some(text)
    }

    fn wrong(&mut self, name: &str, value: &Node, wanted: &str) {
        let message = format!("`{name}` must be {wanted}, and this is {}", value.kind_name());
        let help = "Genie takes a value of another type for none, which switches the protection off";
        self.findings.refuse_with("genie/wrong-type", value.at, message, help);
    }

    fn unknown(&mut self, key: &Text, known: &[&str], path: &str) {
        let nearest = nearest(&key.text, known.iter().copied());
        let message = format!("`{path}{}` is no key of the format, and Genie ignores it", key.text);
        self.findings.refuse_with("genie/unknown-key", key.at, message, one_of(known, nearest));
    }
}

fn one_of(known: &[&str], nearest: Option<String>) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => {
            format!("known are {}", known.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", "))
        }
    }
}
