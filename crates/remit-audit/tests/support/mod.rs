//! A seeded log: each record follows from its number, so that every answer can be computed without asking.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "support code of tests and examples"
)]

use remit_ledger::{
    Body, Decision, DecisionRecord, Durability, Effect, Entity, FactRead, FaultNoted, Ledger, LedgerOptions,
    Link, Mode, ObligationNote, Published, Revision, RuleUse, SearchKind, Shadow, Started, Timestamp,
    TransactionChanged,
};
use std::path::Path;

/// When the log begins: 2026-01-01.
pub const BEGIN_MS: i64 = 1_767_225_600_000;
/// How long it lasts: 180 days.
pub const SPAN_MS: i64 = 180 * 86_400_000;

/// A mix of a number and a purpose.
pub fn mix(n: u64, salt: u64) -> u64 {
    let mut x = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x = (x ^ (x >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 29)
}

fn pick<'a>(n: u64, salt: u64, from: &[&'a str]) -> &'a str {
    from[usize::try_from(mix(n, salt) % from.len() as u64).unwrap()]
}

/// The time of a record in a log of so many.
pub fn time(n: u64, of: u64) -> Timestamp {
    let step = SPAN_MS / i64::try_from(of).unwrap();
    Timestamp::from_unix_ms(BEGIN_MS + i64::try_from(n).unwrap() * step)
}

fn hex(n: u64) -> String {
    format!("{n:016x}").repeat(4)
}

/// A record of a log of so many.
pub fn body(n: u64, of: u64) -> Body {
    let at = time(n, of);
    let quarter = n * 4 / of;
    if n == 0 {
        return Body::Started(Started { config_digest: None, time: at, version: "1.0".into() });
    }
    if n * 4 / of != (n - 1) * 4 / of || n == 1 {
        return Body::PolicyPublished(Published {
            approved: Vec::new(),
            approver: None,
            changes: Vec::new(),
            author: Some(format!("author-{}", quarter % 2)),
            digest: hex(quarter + 1),
            items: 40 + quarter,
            revision: quarter + 1,
            source: Some("git".into()),
            time: at,
        });
    }
    if n == 2 {
        let (author, source) = (Some("author-1".into()), Some("feed".into()));
        return Body::GraphPublished(Published {
            approved: Vec::new(),
            approver: None,
            changes: Vec::new(),
            author,
            digest: hex(9),
            items: 9,
            revision: 1,
            source,
            time: at,
        });
    }
    if n % 997 == 3 {
        let what = "the key server did not answer".into();
        return Body::Fault(FaultNoted {
            pep: Some("gateway".into()),
            request_id: None,
            tenant: None,
            time: at,
            what,
        });
    }
    if n % 1_499 == 4 {
        return Body::Transaction(TransactionChanged {
            aside: None,
            event: "open".into(),
            pep: "gateway".into(),
            request_id: None,
            time: at,
            transaction: format!("t-{}", n / 1_499),
        });
    }
    Body::Decision(Box::new(decision(n, at, quarter)))
}

const REASONS: [&str; 8] = [
    "no_permit_applies",
    "forbidden",
    "requirement_failed",
    "task_out_of_order",
    "budget_exceeded",
    "chain_shrunk",
    "argument_origin_unknown",
    "transaction_foreign",
];

fn decision(n: u64, time: Timestamp, quarter: u64) -> DecisionRecord {
    let search = n % 53 == 7;
    let denied = !search && mix(n, 1) % 100 < 12;
    let reason =
        if denied { REASONS[usize::try_from(mix(n, 2) % 64 % 11 % 8).unwrap()] } else { "permitted" };
    let agents = if mix(n, 3) % 10 < 7 { 1 + mix(n, 4) % 3 } else { 0 };
    let agent = |hop: u64| format!("agent-{}", mix(n / 3, 5 + hop) % 200);
    let chain: Vec<Link> =
        (0..agents).map(|hop| Link { id: agent(hop), issuer: None, kind: "agent".into() }).collect();
    let kind = pick(n, 9, &["invoice", "account", "file"]);
    let action = pick(n, 10, &["read", "write", "transfer", "screen", "call"]);
    let rule = match reason {
        "permitted" => {
            RuleUse { effect: Effect::Permit, rule: format!("bank.{action}_{kind}@{}", quarter + 1) }
        }
        "forbidden" => RuleUse { effect: Effect::Forbid, rule: format!("bank.tenant_wall@{}", quarter + 1) },
        _ => RuleUse { effect: Effect::Require, rule: format!("core.trace@{}", quarter + 1) },
    };
    let named = matches!(reason, "permitted" | "forbidden" | "requirement_failed");
    DecisionRecord {
        action: Some(action.to_owned()),
        actor: chain.first().map(|link| Entity::new(link.kind.clone(), link.id.clone())),
        chain,
        aside: None,
        context_hash: Some(hex(mix(n, 11))),
        decision: (!search).then_some(if denied { Decision::Deny } else { Decision::Allow }),
        decision_id: format!("0198-{n:012x}"),
        engine: "1.0".into(),
        facts: vec![FactRead { name: "resource.owner".into(), provenance: "graph".into() }],
        failures: if denied && !named { vec![format!("{reason} tasks.pay")] } else { vec![] },
        graph: Revision { digest: hex(9).into(), revision: 1 },
        identity: Some(if agents > 0 { "user+agent" } else { "user" }.to_owned()),
        intent: n.is_multiple_of(4).then(|| hex(mix(n, 12) % 9)),
        latency_us: u32::try_from(20 + mix(n, 13) % 80).unwrap(),
        missing: if n % 211 == 5 { vec!["resource.total".into()] } else { vec![] },
        mode: if search {
            Mode::Search { query: SearchKind::Resource, results: 3 }
        } else {
            Mode::Evaluation
        },
        notes: Vec::new(),
        obligations: if n.is_multiple_of(9) {
            vec![ObligationNote { id: "mask".into(), parameters: [].into() }]
        } else {
            vec![]
        },
        pep: pick(n, 14, &["gateway", "console", "mcp"]).into(),
        policy: Revision { digest: hex(quarter + 1).into(), revision: quarter + 1 },
        reason: reason.into(),
        request_id: Some(format!("req-{n}")),
        resource: Some(if search {
            Entity::any(kind)
        } else {
            Entity::new(kind, format!("{kind}-{}", mix(n, 15) % 20_000))
        }),
        severity: None,
        shadow: (!search && n % 37 == 2).then(|| shadow(n, denied)),
        rules: if named { vec![rule] } else { vec![] },
        subject: Some(Entity::new("user", format!("user-{}", mix(n, 16) % 5_000))),
        task: n.is_multiple_of(4).then(|| "pay".to_owned()),
        tenant: Some(pick(n, 17, &["north", "south"]).into()),
        time,
        tokens: vec![hex(mix(n, 18))],
        transaction: n.is_multiple_of(6).then(|| format!("t-{}", n / 1_499)),
    }
}

/// Every other candidate turns the answer around.
fn shadow(n: u64, denied: bool) -> Shadow {
    let allows = denied == n.is_multiple_of(2);
    let (decision, reason) =
        if allows { (Decision::Allow, "permitted") } else { (Decision::Deny, "no_permit_applies") };
    Shadow { decision, policy: hex(77), reason: reason.to_owned(), rules: vec![] }
}

/// Opens a ledger as the examples and tests use it.
pub fn open(dir: &Path) -> Ledger {
    let options =
        LedgerOptions { durability: Durability::Relaxed, ..LedgerOptions::new("seeded", Timestamp::MIN) };
    Ledger::open(dir, options).unwrap().0
}

/// Writes the whole log.
pub fn fill(ledger: &Ledger, of: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut next = 0;
    while next < of {
        let end = (next + 1_000).min(of);
        let bodies = (next..end).map(|n| body(n, of)).collect();
        assert_eq!(runtime.block_on(ledger.append_all(bodies)).unwrap().len() as u64, end - next);
        next = end;
    }
}

/// Waits until the index has taken up all whole chunks.
pub fn settle(ledger: &Ledger) {
    let begun = std::time::Instant::now();
    while ledger.health().index_lag >= 1_024 && begun.elapsed().as_secs() < 600 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(ledger.health().index_lag < 1_024, "the index did not keep up");
}
