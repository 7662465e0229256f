//! A board policy and its rules as one package. Genie allows whatever nothing denies: one permit lets people and the
//! agents that act for them send every message type the sources name, and everything else of the sources is a forbid or a
//! require, which no permit outweighs. A message type that no source names is denied.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::policy::Policy;
use super::rules::Rule;
use super::words::Translator;
use super::yaml::Text;
use super::{LABELS, Parsed};
use crate::ibac::{comment, name, quoted, rule_name, template};
use crate::report::{Findings, Place, Report};

/// What counts as personal data, where the source only says that it is blocked: the kinds whose detectors check more than
/// a shape, and those that Genie's own patterns mean.
const PERSONAL_KINDS: [&str; 16] = [
    "payment_card",
    "iban",
    "bank_account",
    "upi",
    "aadhaar",
    "pan",
    "voter_id",
    "driving_licence",
    "passport",
    "ssn",
    "phone",
    "email",
    "email_obfuscated",
    "date_of_birth",
    "health",
    "biometric",
];

/// The score from which a message counts as an injection, where the source only says that they are blocked.
const INJECTION_FROM: &str = "0.5";

/// The text of the package, not yet in canonical form.
pub(super) fn package(parsed: &Parsed<'_>, package: &str, report: &mut Report) -> String {
    let mut conditions = Vec::new();
    let mut types: BTreeSet<String> =
        parsed.policy.as_ref().map(|(_, policy)| types(policy)).unwrap_or_default();
    for (source, rules) in &parsed.rules {
        for rule in rules {
            let mut findings = Findings::new(report, source.name);
            let mut translator = Translator {
                source: source.text,
                at: rule.at,
                whole: &rule.when,
                findings: &mut findings,
                types: Vec::new(),
                sound: true,
            };
            let condition = translator.expr(&rule.when);
            types.extend(std::mem::take(&mut translator.types));
            if translator.sound {
                conditions.push((rule, condition));
            }
        }
    }
    let mut out = String::new();
    let board = parsed.policy.as_ref();
    header(board.map(|(_, policy)| policy), package, &mut out);
    declarations(board.map(|(_, policy)| policy), &types, &mut out);
    if let Some((source, policy)) = board {
        let mut findings = Findings::new(report, source.name);
        permit(policy, &types, &mut out);
        protections(policy, &mut findings, &mut out);
        remarks(policy, &mut findings);
    } else {
        permit(&Policy::default(), &types, &mut out);
    }
    rules(&conditions, &mut out);
    if types.is_empty() && !report.refuses() {
        let message = "no message type is named anywhere: nothing could be permitted";
        let first = parsed.rules.first().map(|(source, _)| source);
        let file = board.map(|(source, _)| source).or(first).map_or("", |source| source.name);
        Findings::new(report, file).refuse("genie/no-types", Place::default(), message);
    }
    out
}

/// Every message type that the policy names.
fn types(policy: &Policy) -> BTreeSet<String> {
    let lists = policy.rbac.iter().chain(&policy.metadata).map(|(of, _)| of);
    let all = lists.chain(policy.consent.iter().map(|(of, _)| of)).chain(&policy.explained);
    all.map(|of| of.text.clone()).collect()
}

fn header(policy: Option<&Policy>, package: &str, out: &mut String) {
    let Some(policy) = policy else {
        let _ = writeln!(out, "package {package}\n");
        return;
    };
    if let Some(purpose) = &policy.purpose {
        comment(&purpose.text, out);
    }
    if !policy.principles.is_empty() {
        out.push_str("//\n// Principles:\n");
        policy.principles.iter().for_each(|one| comment(&format!("- {}", one.text), out));
    }
    let _ = write!(out, "package {package}");
    if let Some(version) = &policy.version {
        let _ = write!(out, " version {}", quoted(&version.text));
    }
    if let Some(owner) = &policy.owner {
        let _ = write!(out, " approved by {}", quoted(&owner.text));
    }
    if let Some(date) = &policy.approved_on {
        let _ = write!(out, " on {}", date.text);
    }
    out.push_str("\n\n");
}

fn declarations(policy: Option<&Policy>, types: &BTreeSet<String>, out: &mut String) {
    let _ = writeln!(out, "/// The classes of data, weakest first.");
    let _ = writeln!(out, "level classification {{ {} }}\n", LABELS.join(" < "));
    if let Some(policy) = policy {
        let _ = writeln!(out, "limit max_length = {}", policy.max_length);
        let home = policy.home_region.as_ref().map_or("in", |region| region.text.as_str());
        let _ = writeln!(out, "limit home_region = {}", quoted(home));
        if policy.block_pii.on {
            let kinds: Vec<String> = PERSONAL_KINDS.iter().map(|kind| quoted(kind)).collect();
            let _ = writeln!(out, "limit personal_kinds = [{}]", kinds.join(", "));
        }
        if policy.block_injection.on {
            let _ = writeln!(out, "limit injection_from = {INJECTION_FROM}");
        }
        out.push('\n');
    }
    out.push_str("entity user {\n  roles: set<string> from token or graph\n}\n\n");
    out.push_str("/// Who sends, and who is sent to.\nentity agent {\n  name: string\n  enabled: bool\n");
    out.push_str("  ceiling: classification\n  region: string\n}\n\n");
    if !types.is_empty() {
        let names: Vec<String> = types.iter().map(|of| name(of)).collect();
        let _ = writeln!(out, "action {} on agent\n", names.join(", "));
    }
}

fn permit(policy: &Policy, types: &BTreeSet<String>, out: &mut String) {
    if types.is_empty() {
        return;
    }
    let names: Vec<String> = types.iter().map(|of| name(of)).collect();
    out.push_str("/// Messages of the declared types may be sent; what stands below takes away.\n");
    let _ = write!(out, "permit messages\n for user\n to {}\n on agent\n", names.join(", "));
    if let Some(banner) = &policy.banner {
        let text = banner.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, " oblige notification {{ topic: \"ai-disclosure\", body: {} }}", quoted(&text));
    }
    out.push('\n');
}

fn protections(policy: &Policy, findings: &mut Findings<'_>, out: &mut String) {
    for (of, keys) in &policy.metadata {
        metadata(of, keys, out);
    }
    for (of, roles) in &policy.rbac {
        roles_of(policy, of, roles, findings, out);
    }
    out.push_str("forbid above_ceiling\n on agent\n when if message.classification is present then message.classification > resource.ceiling else resource.ceiling < internal\n because \"The recipient is not cleared for this class of data\"\n\n");
    let label = if policy.public_may_leave.on {
        "(message.classification is missing or message.classification != public) and "
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "forbid leaves_home\n on agent\n when {label}resource.region != limits.home_region and resource.region != \"on-prem\"\n because \"This class of data stays in its home region\"\n"
    );
    for of in &policy.explained {
        let _ = writeln!(
            out,
            "require {}\n to {}\n on agent\n that message.content.rationale is present and message.content.rationale matches r\"\\S\" or (all item in message.content.{}: item.rationale matches r\"\\S\")\n because \"This message needs a rationale\"\n",
            rule_name(&format!("rationale_for_{}", of.text)),
            name(&of.text),
            name(&of.text)
        );
        let message = format!(
            "a rationale stands at the root of the content, or in every item of its list `{}`; content that is given as \
             text and not as JSON has none",
            of.text
        );
        findings.change("genie/rationale", of.at, message);
    }
    message(policy, findings, out);
    consents(policy, findings, out);
}

/// Length, personal data, injections: what the decision point finds out about a message itself.
fn message(policy: &Policy, findings: &mut Findings<'_>, out: &mut String) {
    let whole = Place::default();
    out.push_str(
        "forbid too_long\n on agent\n when message.size > limits.max_length\n because \"A message may have {limits.max_length} bytes\"\n\n",
    );
    findings.change(
        "genie/length",
        whole,
        "the limit holds for the whole message with its metadata, where Genie counts the content alone",
    );
    if policy.block_pii.on {
        out.push_str(
            "forbid personal_data\n on agent\n when message.kinds has any limits.personal_kinds\n because \"The message holds personal data\"\n\n",
        );
        let message = "personal data is what the detectors know of the kinds in `limit personal_kinds`, wherever in the \
                       message it stands; `pii_acknowledged` in the metadata does not let it pass";
        findings.change("genie/personal-data", policy.block_pii.at.unwrap_or_default(), message);
    }
    if policy.block_injection.on {
        out.push_str(
            "forbid instructions_inside\n on agent\n when message.injection >= limits.injection_from\n because \"The message reads like instructions to a model\"\n\n",
        );
        let message =
            "injections are scored over the whole message; `limit injection_from` is the score that denies";
        findings.change("genie/injection", policy.block_injection.at.unwrap_or_default(), message);
    }
}

/// Consent is asked for the purpose of the message's type: Genie's has none.
fn consents(policy: &Policy, findings: &mut Findings<'_>, out: &mut String) {
    for (of, category) in &policy.consent {
        let _ = writeln!(
            out,
            "require {}\n for user\n to {}\n on agent\n that consent.given({}, {})\n because \"You have not agreed to this\"\n",
            rule_name(&format!("consent_for_{}", of.text)),
            name(&of.text),
            quoted(&category.text),
            quoted(&of.text)
        );
        let message = format!(
            "a consent names its purpose, which Genie never looks at: it must be given for `{}`",
            of.text
        );
        findings.change("genie/consent", of.at, message);
    }
}

/// What is null or blank is as good as missing.
fn metadata(of: &Text, keys: &[Text], out: &mut String) {
    if keys.is_empty() {
        return;
    }
    let tests: Vec<String> = keys
        .iter()
        .map(|key| {
            let member = format!("message.metadata.{}", name(&key.text));
            // Roles are a list; everything else that is asked for is a text that is not blank.
            if key.text == "user_roles" {
                format!("{member} is present")
            } else {
                format!("{member} is present and {member} matches r\"\\S\"")
            }
        })
        .collect();
    let listed = keys.iter().map(|key| key.text.as_str()).collect::<Vec<_>>().join(", ");
    let _ = writeln!(
        out,
        "require {}\n to {}\n on agent\n that {}\n because {}\n",
        rule_name(&format!("metadata_for_{}", of.text)),
        name(&of.text),
        tests.join(" and "),
        template(&format!("This message needs {listed}"))
    );
}

fn roles_of(policy: &Policy, of: &Text, roles: &[Text], findings: &mut Findings<'_>, out: &mut String) {
    if roles.is_empty() {
        findings.note(
            "genie/no-roles",
            of.at,
            format!("`{}` has an empty list of roles, which asks for none", of.text),
        );
        return;
    }
    let mut names: Vec<&str> = roles.iter().map(|role| role.text.as_str()).collect();
    if policy.admin_bypass.on && !names.contains(&"admin") {
        names.push("admin");
    }
    let names: Vec<String> = names.into_iter().map(quoted).collect();
    let _ = writeln!(
        out,
        "require {}\n for user\n to {}\n on agent\n that subject.roles has any [{}]\n because \"Your roles do not cover this message\"\n",
        rule_name(&format!("role_for_{}", of.text)),
        name(&of.text),
        names.join(", ")
    );
}

/// What is carried over otherwise than it stands, or not at all because no decision depends on it.
fn remarks(policy: &Policy, findings: &mut Findings<'_>) {
    let whole = Place::default();
    if let Some(at) = policy.retention {
        findings.note(
            "genie/retention",
            at,
            "how long documents are kept is a matter of the store, not of decisions",
        );
    }
    if policy.admin_bypass.on {
        let at = policy.admin_bypass.at.unwrap_or_default();
        findings.note(
            "genie/admin-bypass",
            at,
            "`admin` stands among the roles of every message type, and bypasses nothing else",
        );
    }
    findings.change("genie/ceiling", whole, "the ceiling of a recipient is its `ceiling` in the graph; without one it receives nothing, where Genie takes `internal`");
    findings.change("genie/region", whole, "the region is that of the recipient in the graph, not what the message says; without one a message is denied");
    findings.change(
        "genie/roles",
        whole,
        "roles come from the verified token or the graph, never from the message",
    );
    findings.change(
        "genie/types",
        whole,
        "a message type that the sources do not name is denied, where Genie lets it pass",
    );
    let mut off = |switch: super::policy::Switch, key: &str, what: &str| {
        if !switch.on {
            let at = switch.at.unwrap_or_default();
            findings.note("genie/switched-off", at, format!("`{key}` is off, as in the source: {what}"));
        }
    };
    off(policy.block_pii, "data.block_pii", "personal data is not looked for");
    off(policy.block_injection, "data.block_prompt_injection", "injections are not looked for");
    if !policy.public_may_leave.on {
        let at = policy.public_may_leave.at.unwrap_or_default();
        findings.change(
            "genie/public",
            at,
            "public data stays at home too, as the file says; Genie ignores this switch",
        );
    }
}

fn rules(conditions: &[(&Rule, String)], out: &mut String) {
    for (rule, condition) in conditions {
        let because = rule.reason.clone().unwrap_or_else(|| format!("Denied by rule {}", rule.id.text));
        let _ = writeln!(
            out,
            "forbid {}\n for user\n on agent\n when {condition}\n because {}\n",
            rule.name,
            template(&because)
        );
    }
}
