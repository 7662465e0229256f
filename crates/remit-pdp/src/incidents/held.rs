//! `Held`: the latest form of each incident in memory, so many and no more. What is forgotten here stands in the ledger.

use std::collections::{BTreeMap, BTreeSet};

use remit_ledger::{Incident, IncidentEvent};
use serde::{Deserialize, Serialize, Serializer};

/// Incidents in memory: some 10 MB of them.
const MOST: usize = 10_000;

/// By id; ids grow with time.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "BTreeMap<String, Incident>")]
pub(super) struct Held {
    all: BTreeMap<String, Incident>,
    /// Those of them that are resolved.
    resolved: BTreeSet<String>,
}

impl From<BTreeMap<String, Incident>> for Held {
    fn from(all: BTreeMap<String, Incident>) -> Self {
        let over = all.iter().filter(|(_, it)| it.event == IncidentEvent::Resolved);
        let resolved = over.map(|(id, _)| id.clone()).collect();
        Self { all, resolved }
    }
}

impl Serialize for Held {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.all.serialize(serializer)
    }
}

impl Held {
    /// Takes the latest form of one. Where there are too many the oldest resolved one goes, else the oldest.
    pub(super) fn insert(&mut self, incident: Incident) {
        if incident.event == IncidentEvent::Resolved {
            self.resolved.insert(incident.id.clone());
        } else {
            self.resolved.remove(&incident.id);
        }
        self.all.insert(incident.id.clone(), incident);
        if self.all.len() > MOST {
            match self.resolved.pop_first() {
                Some(oldest) => drop(self.all.remove(&oldest)),
                None => drop(self.all.pop_first()),
            }
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<&Incident> {
        self.all.get(id)
    }

    /// The oldest first.
    pub(super) fn values(&self) -> impl DoubleEndedIterator<Item = &Incident> {
        self.all.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(number: usize, event: &str) -> Incident {
        let time = "2026-01-01T00:00:00.000Z";
        let known = serde_json::json!({
            "description": "d", "disclosure": "none", "event": event, "failure_mode": "f", "form": "f", "grade": "low",
            "id": format!("{number:08}"), "impact": "{}", "occurred": time, "pep": "gate",
            "policy": { "digest": "0".repeat(64), "revision": 1 }, "recurrence": 0, "reporter": "r", "severity": "low",
            "stakeholders": "s", "time": time, "use_case": "u"
        });
        serde_json::from_value(known).expect("an incident")
    }

    #[test]
    fn the_oldest_resolved_one_goes_first_then_the_oldest() {
        let mut held = Held::default();
        (0..MOST).for_each(|number| held.insert(one(number, "detected")));
        assert_eq!(held.values().count(), MOST);
        held.insert(one(7, "resolved"));
        held.insert(one(3, "resolved"));
        held.insert(one(MOST, "detected"));
        assert!(held.get("00000003").is_none() && held.get("00000007").is_some());
        held.insert(one(7, "noted"));
        held.insert(one(MOST + 1, "detected"));
        assert!(held.get("00000000").is_none() && held.get("00000007").is_some(), "it is open again");
        assert_eq!(held.values().count(), MOST);
    }

    #[test]
    fn what_is_resolved_is_known_again_after_a_restart() {
        let mut held = Held::default();
        (0..MOST).for_each(|number| held.insert(one(number, "detected")));
        held.insert(one(5, "resolved"));
        let text = serde_json::to_string(&held).expect("JSON");
        let mut held: Held = serde_json::from_str(&text).expect("the same");
        held.insert(one(MOST, "detected"));
        assert!(held.get("00000005").is_none() && held.get("00000000").is_some());
    }
}
