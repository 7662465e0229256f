//! `Grant`: what a person has agreed to, for which purpose, and from when until when. Knows no policy and no clock.

use serde::{Deserialize, Serialize};

use crate::{EntityRef, Timestamp};

/// One consent of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// Who has agreed.
    pub subject: EntityRef,
    /// What kind of data or step it is about.
    pub category: String,
    /// What it may be used for. A consent for one purpose is none for another.
    pub purpose: String,
    /// Who may do so; anybody when it names nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<EntityRef>,
    /// With what; anything when it names nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<EntityRef>,
    /// From when on it counts.
    pub from: Timestamp,
    /// From when on it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Where the proof of it is kept: a form, a recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// When it was withdrawn; from then on it does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Timestamp>,
}

/// What somebody wants to do with a person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage<'a> {
    /// The kind of data or step.
    pub category: &'a str,
    /// What for.
    pub purpose: &'a str,
    /// Type and id of who does it.
    pub recipient: (&'a str, &'a str),
    /// Type and id of what it is done with.
    pub resource: (&'a str, &'a str),
}

impl Grant {
    /// Whether it counts at this instant.
    #[must_use]
    pub fn active(&self, now: Timestamp) -> bool {
        self.from <= now
            && self.expires.is_none_or(|end| now < end)
            && self.withdrawn.is_none_or(|end| now < end)
    }

    /// Whether it is about this use.
    #[must_use]
    pub fn covers(&self, usage: &Usage<'_>) -> bool {
        let is = |of: &EntityRef, (kind, id): (&str, &str)| of.kind.as_str() == kind && &*of.id == id;
        self.category == usage.category
            && self.purpose == usage.purpose
            && self.recipient.as_ref().is_none_or(|of| is(of, usage.recipient))
            && self.resource.as_ref().is_none_or(|of| is(of, usage.resource))
    }
}

/// Whether any of the grants allows the use at this instant.
#[must_use]
pub fn given<'g>(grants: impl IntoIterator<Item = &'g Grant>, usage: &Usage<'_>, now: Timestamp) -> bool {
    grants.into_iter().any(|grant| grant.active(now) && grant.covers(usage))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Name;

    fn at(hour: u32) -> Timestamp {
        Timestamp::parse(&format!("2026-06-01T{hour:02}:00:00Z")).unwrap()
    }

    fn entity(kind: &str, id: &str) -> EntityRef {
        EntityRef::new(Name::new(kind).unwrap(), id)
    }

    fn grant() -> Grant {
        Grant {
            id: "c1".into(),
            subject: entity("user", "tara"),
            category: "holdings".into(),
            purpose: "advice".into(),
            recipient: Some(entity("agent", "adviser")),
            resource: Some(entity("account", "a1")),
            from: at(10),
            expires: Some(at(14)),
            proof: None,
            withdrawn: Some(at(12)),
        }
    }

    const USAGE: Usage<'static> = Usage {
        category: "holdings",
        purpose: "advice",
        recipient: ("agent", "adviser"),
        resource: ("account", "a1"),
    };

    #[test]
    fn a_grant_counts_from_its_beginning_until_just_before_its_end() {
        let (held, open) = (grant(), Grant { withdrawn: None, ..grant() });
        for (hour, withdrawn, kept) in
            [(9, false, false), (10, true, true), (11, true, true), (12, false, true), (14, false, false)]
        {
            assert_eq!(held.active(at(hour)), withdrawn, "withdrawn at 12, {hour}");
            assert_eq!(open.active(at(hour)), kept, "kept, {hour}");
        }
    }

    #[test]
    fn every_part_of_a_grant_narrows_it_and_what_it_leaves_out_does_not() {
        let held = grant();
        assert!(held.covers(&USAGE));
        for other in [
            Usage { category: "transactions", ..USAGE },
            Usage { purpose: "resale", ..USAGE },
            Usage { recipient: ("agent", "broker"), ..USAGE },
            Usage { recipient: ("user", "adviser"), ..USAGE },
            Usage { resource: ("account", "a2"), ..USAGE },
        ] {
            assert!(!held.covers(&other), "{other:?}");
        }
        let wide = Grant { recipient: None, resource: None, ..held };
        assert!(wide.covers(&Usage { recipient: ("user", "x"), resource: ("account", "a2"), ..USAGE }));
        assert!(!wide.covers(&Usage { purpose: "resale", ..USAGE }));
    }
}
