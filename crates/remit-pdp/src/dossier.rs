//! The file of one incident, for people outside: the form, every record that belongs to it with proofs under the signed
//! head, and the policies of the time. Checked without us.
//!
//! ```text
//! incident.json          the form as it stands
//! records-FIRST-LAST/    an export for each run of records: the incident's, its decision's, its transaction's
//! policy/                the policy texts under which it was decided
//! ```

use std::path::Path;

use remit_ledger::{Body, Incident, Keys, export};
use serde::Serialize;
use serde_json::json;

use crate::archive;
use crate::incidents::shown;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dossier {
    /// The incident.
    pub incident: String,
    /// First and last record of each run.
    pub runs: Vec<(u64, u64)>,
    /// Whether the policies of the time were still there to be copied.
    pub policies: bool,
}

/// Every incident of a ledger as it stands, the oldest first. The service may be running.
///
/// # Errors
/// The log is damaged.
pub fn incidents(data: &Path) -> Result<Vec<serde_json::Value>, String> {
    let mut all: std::collections::BTreeMap<String, Incident> = std::collections::BTreeMap::new();
    for record in remit_ledger::read(&data.join("ledger"), 0, u64::MAX) {
        if let Body::Incident(incident) = record.map_err(|fault| fault.to_string())?.body {
            all.insert(incident.id.clone(), *incident);
        }
    }
    Ok(all.values().map(shown).collect())
}

/// Writes the file of an incident into a new folder.
///
/// # Errors
/// There is no such incident, its records are not all under a signed head yet, something is damaged, or the folder
/// exists.
pub fn write(data: &Path, id: &str, keys: &Keys, out: &Path) -> Result<Dossier, String> {
    let ledger = data.join("ledger");
    let (incident, records) = records(&ledger, id)?;
    std::fs::create_dir(out).map_err(|error| format!("`{}`: {error}", out.display()))?;
    let runs = runs(&records);
    for (first, last) in &runs {
        let folder = out.join(format!("records-{first}-{last}"));
        export(&ledger, *first..=*last, keys, &folder).map_err(|error| error.to_string())?;
    }
    let form = serde_json::to_vec_pretty(&json!({ "incident": shown(&incident), "records": records }));
    let form = form.map_err(|error| error.to_string())?;
    std::fs::write(out.join("incident.json"), form).map_err(|error| error.to_string())?;
    let policies = archive::copy_policy(data, &incident.policy.digest, &out.join("policy"));
    let policies = policies.map_err(|error| format!("the policies: {error}"))?;
    Ok(Dossier { incident: incident.id, runs, policies })
}

/// The incident as it stands, and the numbers of all records that belong to it.
fn records(ledger: &Path, id: &str) -> Result<(Incident, Vec<u64>), String> {
    let mut found: Option<Incident> = None;
    let mut own = Vec::new();
    for record in remit_ledger::read(ledger, 0, u64::MAX) {
        let record = record.map_err(|fault| fault.to_string())?;
        if let Body::Incident(incident) = record.body
            && incident.id == id
        {
            own.push(record.seq);
            found = Some(*incident);
        }
    }
    let incident = found.ok_or_else(|| format!("there is no incident `{id}`"))?;
    for record in remit_ledger::read(ledger, 0, u64::MAX) {
        let record = record.map_err(|fault| fault.to_string())?;
        let belongs = match &record.body {
            Body::Decision(it) => {
                Some(&it.decision_id) == incident.decision_id.as_ref()
                    || (it.transaction.is_some() && it.transaction == incident.transaction)
            }
            Body::Transaction(it) => Some(&it.transaction) == incident.transaction.as_ref(),
            Body::PolicyPublished(it) => *it.digest == *incident.policy.digest,
            _ => false,
        };
        if belongs {
            own.push(record.seq);
        }
    }
    own.sort_unstable();
    own.dedup();
    Ok((incident, own))
}

/// Numbers that follow each other, as first and last.
fn runs(records: &[u64]) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for seq in records {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *seq => *last = *seq,
            _ => runs.push((*seq, *seq)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn neighbours_make_one_run() {
        assert_eq!(runs(&[]), []);
        assert_eq!(runs(&[3, 4, 7, 9, 10, 11]), [(3, 4), (7, 7), (9, 11)]);
    }
}
