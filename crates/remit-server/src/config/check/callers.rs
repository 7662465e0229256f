//! What the entries of callers must satisfy: each can be told from every other by each of its credentials.

use std::collections::HashSet;

use remit_identity::{Profile, WorkloadId};
use remit_pdp::Timestamp;

use super::super::{Admin, Config, ConfigError, KeyEntry, PepEntry, PersonEntry, TokenEntry};
use crate::keyring::digest_of_hex;
use crate::limits;
use crate::role::Role;

/// By what a caller is known.
#[derive(Clone, Copy)]
struct Credentials<'a> {
    name: &'a str,
    lasting: Option<&'a str>,
    keys: &'a [KeyEntry],
    token: Option<&'a TokenEntry>,
    spiffe_id: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    fn of_pep(pep: &'a PepEntry) -> Self {
        Self {
            name: &pep.name,
            lasting: pep.key_sha256.as_deref(),
            keys: &pep.keys,
            token: pep.token.as_ref(),
            spiffe_id: pep.spiffe_id.as_deref(),
        }
    }

    fn of_person(person: &'a PersonEntry) -> Self {
        Self {
            name: &person.name,
            lasting: person.key_sha256.as_deref(),
            keys: &person.keys,
            token: person.token.as_ref(),
            spiffe_id: None,
        }
    }

    fn digests(self) -> impl Iterator<Item = &'a str> {
        self.lasting.into_iter().chain(self.keys.iter().map(|key| key.sha256.as_str()))
    }
}

impl Config {
    pub(super) fn check_callers(&self) -> Result<(), ConfigError> {
        if self.peps.len() > limits::PEPS {
            return Err(ConfigError::Value {
                key: String::from("peps"),
                value: format!("{} entries", self.peps.len()),
                expected: "at most 1000 callers per listener",
            });
        }
        let people = self.admin.iter().flat_map(|admin| &admin.people).map(Credentials::of_person);
        let all: Vec<_> = self.peps.iter().map(Credentials::of_pep).chain(people).collect();
        self.check_credentials(&all)?;
        self.admin.as_ref().map_or(Ok(()), |admin| check_admin(self, admin))?;
        self.peps.iter().try_for_each(|pep| {
            check_rate(pep)?;
            check_tenant(pep)
        })
    }

    fn check_credentials(&self, all: &[Credentials<'_>]) -> Result<(), ConfigError> {
        let (mut names, mut digests, mut workloads) = (HashSet::new(), HashSet::new(), HashSet::new());
        let mut tokens: Vec<&TokenEntry> = Vec::new();
        for one in all {
            let name = one.name;
            let twice = |what| Err(ConfigError::Twice { what, value: name.to_owned() });
            if name.is_empty() || name.len() > 256 || name.chars().any(char::is_control) {
                return Err(wrong("peps.name", name, "expected 1 to 256 bytes without control characters"));
            }
            if !names.insert(name) {
                return twice("name");
            }
            if one.digests().next().is_none() && one.token.is_none() && one.spiffe_id.is_none() {
                let expected = "expected at least one of `key_sha256`, `keys`, `token` and `spiffe_id`";
                return Err(wrong("peps", name, expected));
            }
            if one.keys.len() > limits::KEYS_OF_ONE {
                return Err(wrong("peps.keys", name, "expected at most 8 keys of one caller"));
            }
            for digest in one.digests() {
                if digest_of_hex(digest).is_none() {
                    let expected = "expected the SHA-256 of the API key as 64 hexadecimal digits";
                    // WHY: an operator may have put the key itself here; it must not reach a log.
                    return Err(wrong(&format!("peps.key_sha256 of {name}"), "…", expected));
                }
                if !digests.insert(digest.to_ascii_lowercase()) {
                    return twice("key of");
                }
            }
            one.keys.iter().try_for_each(|key| check_times(name, key))?;
            if let Some(id) = one.spiffe_id {
                self.check_workload(id)?;
                if !workloads.insert(id) {
                    return twice("spiffe_id of");
                }
            }
            if let Some(token) = one.token {
                self.check_token(name, token)?;
                if tokens.iter().any(|other| overlap(other, token)) {
                    return twice("token of");
                }
                tokens.push(token);
            }
        }
        Ok(())
    }

    fn check_workload(&self, id: &str) -> Result<(), ConfigError> {
        let Some(clients) = self.tls.as_ref().and_then(|tls| tls.clients.as_ref()) else {
            return Err(ConfigError::Unsafe(
                "a caller has a `spiffe_id` and `tls.clients` is missing: nobody could prove to be it",
            ));
        };
        let read = WorkloadId::of([id], &clients.trust_domain);
        if read.is_ok_and(|read| read.as_str() == id) {
            return Ok(());
        }
        Err(wrong("peps.spiffe_id", id, "expected `spiffe://` with `tls.clients.trust_domain` and a path"))
    }

    fn check_token(&self, name: &str, token: &TokenEntry) -> Result<(), ConfigError> {
        let fits = |issuer: &remit_identity::IssuerConfig| {
            issuer.issuer == token.issuer
                && issuer.accepts.contains(&Profile::AccessToken)
                && issuer.keys.is_some()
        };
        let key = |member: &str| format!("peps.token.{member} of {name}");
        if !self.identity.issuers.iter().any(fits) {
            let expected = "expected the `issuer` of an entry of `identity.issuers` with `keys` that accepts \
                            `access_token`";
            return Err(wrong(&key("issuer"), &token.issuer, expected));
        }
        if token.audience.is_empty() {
            return Err(wrong(&key("audience"), "", "expected who we are in `aud`"));
        }
        let named = token.client_id.iter().chain(&token.subject);
        if named.clone().next().is_none() || named.clone().any(String::is_empty) {
            return Err(wrong(&key("client_id"), "", "expected `client_id`, `subject` or both"));
        }
        Ok(())
    }
}

fn check_admin(config: &Config, admin: &Admin) -> Result<(), ConfigError> {
    if admin.listen == config.listen && admin.listen.port() != 0 {
        return Err(wrong(
            "admin.listen",
            &admin.listen.to_string(),
            "expected another address or port than `listen`",
        ));
    }
    if admin.tls.is_none() && !admin.listen.ip().is_loopback() && !admin.allow_plain_http {
        return Err(ConfigError::Unsafe(
            "plain HTTP for people on other addresses than loopback: configure `admin.tls`, or set \
             `admin.allow_plain_http` when a proxy in front ends TLS",
        ));
    }
    if admin.people.is_empty() || admin.people.len() > limits::PEPS {
        let value = format!("{} entries", admin.people.len());
        return Err(wrong("admin.people", &value, "expected 1 to 1000 people"));
    }
    if let Some(idle) = admin.people.iter().find(|person| person.roles.is_empty()) {
        return Err(wrong("admin.people.roles", &idle.name, "expected at least one role"));
    }
    let with = |role| admin.people.iter().filter(move |person| person.roles.contains(&role));
    let pair = with(Role::Author)
        .any(|author| with(Role::Approver).any(|approver| !admin.four_eyes || approver.name != author.name));
    if admin.proposals && !pair {
        return Err(ConfigError::Unsafe(
            "policies change by proposals and nobody could ever publish one: give one person the role `author` and \
             another the role `approver`, or set `admin.proposals = false`",
        ));
    }
    Ok(())
}

/// Whether one token could fit both.
fn overlap(one: &TokenEntry, other: &TokenEntry) -> bool {
    let subject = |it: &TokenEntry| it.subject.clone().or_else(|| it.client_id.clone());
    let clients = match (&one.client_id, &other.client_id) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    one.issuer == other.issuer && subject(one) == subject(other) && clients
}

fn check_times(name: &str, key: &KeyEntry) -> Result<(), ConfigError> {
    let read = |member: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => Timestamp::parse(text).map(Some).ok_or_else(|| {
            let key = format!("peps.keys.{member} of {name}");
            wrong(&key, text, "expected an RFC 3339 time such as `2026-06-01T00:00:00Z`")
        }),
    };
    let (from, until) = (read("not_before", &key.not_before)?, read("expires_at", &key.expires_at)?);
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        let key = format!("peps.keys.expires_at of {name}");
        return Err(wrong(&key, &until.to_string(), "expected a time after `not_before`"));
    }
    Ok(())
}

fn check_rate(pep: &PepEntry) -> Result<(), ConfigError> {
    let fine = |rate: f64| rate.is_finite() && (0.001..=10_000_000.0).contains(&rate);
    if let Some(rate) = pep.rate.filter(|rate| !fine(*rate)) {
        let key = format!("peps.rate of {}", pep.name);
        return Err(wrong(&key, &rate.to_string(), "expected 0.001 to 10000000 questions a second"));
    }
    match (pep.rate, pep.burst) {
        (None, Some(burst)) => {
            let key = format!("peps.burst of {}", pep.name);
            Err(wrong(&key, &burst.to_string(), "expected `rate` beside it"))
        }
        (_, Some(0)) => Err(wrong(&format!("peps.burst of {}", pep.name), "0", "expected at least 1")),
        _ => Ok(()),
    }
}

/// WHY: what these rights open is not told apart by tenant, so that a caller of one tenant must not have them.
fn check_tenant(pep: &PepEntry) -> Result<(), ConfigError> {
    let Some(tenant) = &pep.tenant else { return Ok(()) };
    if tenant.is_empty() {
        return Err(wrong(&format!("peps.tenant of {}", pep.name), "", "expected a tenant"));
    }
    if pep.governance || pep.audit || pep.admin || pep.consents || pep.signals {
        return Err(ConfigError::Unsafe(
            "a caller of one `tenant` has `governance`, `audit`, `admin`, `consents` or `signals`, which reach all \
             tenants",
        ));
    }
    Ok(())
}

fn wrong(key: &str, value: &str, expected: &'static str) -> ConfigError {
    ConfigError::Value { key: key.to_owned(), value: value.to_owned(), expected }
}
