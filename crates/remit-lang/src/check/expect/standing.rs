//! What an expectation takes as agreed to and as seen.

use remit_model::signal::Position;
use remit_model::{Duration, EntityRef, Grant, Number, Risk, Signal, Timestamp, Value};

use crate::ast;
use crate::checked::Sighting;
use crate::source::{Span, Spanned};

use super::super::findings::{Checked, Findings, Reported};
use super::super::schema::checked_name;
use super::{ExpectError, entity, values};

type Written = [(Spanned<String>, ast::Expr)];

/// Members with their values, taken out one by one; what is left at the end is not known.
struct Members {
    of: &'static str,
    at: Span,
    left: Vec<(String, Span, Value)>,
}

impl Members {
    fn read(written: &Written, of: &'static str, at: Span, findings: &mut Findings) -> Checked<Self> {
        let read = values(written, findings)?;
        let spans = written.iter().map(|(name, _)| name.span);
        let left = read.into_iter().zip(spans).map(|((name, value), at)| (name.to_string(), at, value));
        Ok(Self { of, at, left: left.collect() })
    }

    /// The member as a kind of value; nothing when it is not there.
    fn take<T>(
        &mut self,
        member: &'static str,
        what: &'static str,
        read: impl FnOnce(&Value) -> Option<T>,
        findings: &mut Findings,
    ) -> Checked<Option<T>> {
        let Some(place) = self.left.iter().position(|(name, ..)| name == member) else { return Ok(None) };
        let (_, at, value) = self.left.swap_remove(place);
        let wrong = ExpectError::WrongMember { member: member.to_owned(), what, at };
        read(&value).map(Some).ok_or_else(|| findings.error(wrong))
    }

    fn text(&mut self, member: &'static str, findings: &mut Findings) -> Checked<Option<String>> {
        let read =
            |value: &Value| if let Value::String(text) = value { Some(text.to_string()) } else { None };
        self.take(member, "a text", read, findings)
    }

    fn time(&mut self, member: &'static str, findings: &mut Findings) -> Checked<Option<Timestamp>> {
        let read = |value: &Value| if let Value::Time(at) = value { Some(*at) } else { None };
        self.take(member, "a time", read, findings)
    }

    fn entity(&mut self, member: &'static str, findings: &mut Findings) -> Checked<Option<EntityRef>> {
        let read = |value: &Value| if let Value::Entity(of) = value { Some(of.clone()) } else { None };
        self.take(member, "an entity", read, findings)
    }

    fn number(&mut self, member: &'static str, findings: &mut Findings) -> Checked<Option<Number>> {
        let read = |value: &Value| if let Value::Number(of) = value { Some(*of) } else { None };
        self.take(member, "a number", read, findings)
    }

    fn needs<T>(&self, member: &'static str, found: Option<T>, findings: &mut Findings) -> Checked<T> {
        let missing = ExpectError::MissingMember { member, of: self.of, at: self.at };
        found.ok_or_else(|| findings.error(missing))
    }

    /// Nothing may be left.
    fn end(self, findings: &mut Findings) -> Checked<()> {
        let odd: Vec<Reported> = self
            .left
            .into_iter()
            .map(|(member, at, _)| findings.error(ExpectError::UnknownMember { member, of: self.of, at }))
            .collect();
        odd.into_iter().next().map_or(Ok(()), Err)
    }
}

/// `{ category: "holdings", purpose: "advice", recipient: agent:"x" }`
pub(super) fn grant(written: &Written, subject: &ast::Entity, findings: &mut Findings) -> Checked<Grant> {
    let at = written.first().map_or(subject.span, |(name, _)| name.span);
    let subject = entity(subject, findings)?;
    let mut members = Members::read(written, "a consent", at, findings)?;
    let category = members.text("category", findings)?;
    let purpose = members.text("purpose", findings)?;
    let begin = members.time("from", findings)?;
    let grant = Grant {
        id: "expected".to_owned(),
        subject,
        category: members.needs("category", category, findings)?,
        purpose: members.needs("purpose", purpose, findings)?,
        recipient: members.entity("recipient", findings)?,
        resource: members.entity("resource", findings)?,
        from: begin
            .or_else(|| Timestamp::from_unix_seconds(0))
            .unwrap_or_else(|| unreachable!("1970 is a time")),
        expires: members.time("expires", findings)?,
        proof: None,
        withdrawn: members.time("withdrawn", findings)?,
    };
    members.end(findings)?;
    Ok(grant)
}

/// `user:"tara" login_failed { ago: 5m, device: "d1" }`
pub(super) fn sighting(written: &ast::Sighting, findings: &mut Findings) -> Checked<Sighting> {
    let party = entity(&written.party, findings)?;
    let kind = checked_name(&written.kind, findings)?;
    let mut members = Members::read(&written.properties, "a signal", written.span, findings)?;
    let at = Timestamp::from_unix_seconds(0).unwrap_or_else(|| unreachable!("1970 is a time"));
    let read = |value: &Value| match value {
        Value::Duration(ago) if ago.nanos() >= 0 => Some(*ago),
        _ => None,
    };
    let ago = members.take("ago", "a duration", read, findings)?.unwrap_or(Duration::from_nanos(0));
    let failed = |value: &Value| if let Value::Bool(failed) = value { Some(*failed) } else { None };
    let failed = members.take("failed", "`true` or `false`", failed, findings)?;
    let address = |value: &Value| match value {
        Value::String(text) => Some(text.to_string()),
        Value::Ip(address) => Some(address.to_string()),
        _ => None,
    };
    let risk = |value: &Value| match value {
        Value::String(text) => Risk::parse(text),
        _ => None,
    };
    let hops = |value: &Value| match value {
        Value::Number(number) => u32::try_from(number.to_i64()?).ok(),
        _ => None,
    };
    let latitude = members.number("latitude", findings)?;
    let longitude = members.number("longitude", findings)?;
    let position = match (latitude, longitude) {
        (None, None) => None,
        (Some(latitude), Some(longitude)) => {
            let wrong = ExpectError::WrongMember {
                member: "latitude".to_owned(),
                what: "of a place on the earth",
                at: written.span,
            };
            Some(Position::new(latitude, longitude).ok_or_else(|| findings.error(wrong))?)
        }
        (Some(_), None) => Some(members.needs("longitude", None, findings)?),
        (None, Some(_)) => Some(members.needs("latitude", None, findings)?),
    };
    let plain = Signal::new("", party, kind, at);
    let signal = Signal {
        failed: failed.unwrap_or(plain.failed),
        device: members.text("device", findings)?,
        address: members.take("address", "an address", address, findings)?,
        region: members.text("region", findings)?,
        position,
        tool: members.text("tool", findings)?,
        token: members.text("token", findings)?,
        hops: members.take("hops", "a number of agents", hops, findings)?,
        risk: members.take("risk", "`low`, `medium` or `high`", risk, findings)?,
        ..plain
    };
    members.end(findings)?;
    Ok(Sighting { ago, signal })
}
