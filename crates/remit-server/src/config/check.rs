//! What a configuration must satisfy as a whole before anything is opened.

mod callers;

use remit_identity::AddressRule;
use remit_identity::WorkloadId;
use remit_identity::url::check_url;
use remit_pdp::authzen::Identifier;
use remit_pdp::retention;

use super::{Config, ConfigError, FORMAT};
use crate::limits;

impl Config {
    /// Checks every value and every dangerous combination.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.check_format()?;
        self.check_exposure()?;
        self.check_url()?;
        self.check_callers()?;
        self.check_workloads()?;
        self.identity.check().map_err(|it| ConfigError::Identity { message: it.to_string() })?;
        self.check_push()?;
        self.check_sources()?;
        self.check_retention()?;
        self.check_telemetry()?;
        self.check_limits()
    }

    fn check_format(&self) -> Result<(), ConfigError> {
        if (1..=FORMAT).contains(&self.format) {
            return Ok(());
        }
        Err(ConfigError::Value {
            key: String::from("format"),
            value: self.format.to_string(),
            expected: "expected the number of a format, from 1 on",
        })
    }

    fn check_telemetry(&self) -> Result<(), ConfigError> {
        let set = &self.telemetry;
        let wrong = |key: &str, value: String, expected| {
            Err(ConfigError::Value { key: format!("telemetry.{key}"), value, expected })
        };
        match &set.otlp_endpoint {
            Some(url) if check_url(url, AddressRule::Any).is_err() => {
                wrong("otlp_endpoint", url.clone(), "expected an https URL (http only on loopback)")
            }
            _ if set.sample_percent > 100 => {
                wrong("sample_percent", set.sample_percent.to_string(), "expected 0 to 100")
            }
            _ if set.service_name.is_empty() => wrong("service_name", String::new(), "expected a name"),
            _ => Ok(()),
        }
    }

    fn check_exposure(&self) -> Result<(), ConfigError> {
        let loopback = self.listen.ip().is_loopback();
        if self.insecure_loopback && !loopback {
            return Err(ConfigError::Unsafe(
                "`insecure_loopback` is set but `listen` is not a loopback address: anyone could ask; \
                 configure `peps`, or listen on 127.0.0.1 or [::1]",
            ));
        }
        if self.insecure_loopback && !self.peps.is_empty() {
            return Err(ConfigError::Unsafe(
                "`insecure_loopback` and `peps` exclude each other: a wrong key would be let in",
            ));
        }
        if !self.insecure_loopback && self.peps.is_empty() {
            return Err(ConfigError::Unsafe(
                "nobody may ask: configure at least one entry of `peps`, or set `insecure_loopback` \
                 (`--insecure-loopback`) on a loopback listener",
            ));
        }
        if self.tls.is_none() && !loopback && !self.allow_plain_http {
            return Err(ConfigError::Unsafe(
                "plain HTTP on other addresses than loopback: configure `tls`, or set `allow_plain_http` when a proxy \
                 in front ends TLS",
            ));
        }
        Ok(())
    }

    /// SPEC: AuthZEN 1.0 §9.1.1: an https URL without query and fragment. Plain http is kept for loopback trials.
    fn check_url(&self) -> Result<(), ConfigError> {
        let Some(url) = &self.public_url else { return Ok(()) };
        Identifier::parse(url.trim_end_matches('/'), self.listen.ip().is_loopback())?;
        // WHY: the path becomes part of routes, so it holds nothing that routing could read differently.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        let path = self.base_path();
        if path.bytes().all(plain) && !path.contains("//") && !path.contains("/.") {
            return Ok(());
        }
        Err(ConfigError::Value {
            key: String::from("public_url"),
            value: url.clone(),
            expected: "expected a path of letters, digits and `-._~`, without empty or dotted segments",
        })
    }

    fn check_workloads(&self) -> Result<(), ConfigError> {
        let clients = self.tls.as_ref().and_then(|tls| tls.clients.as_ref());
        if clients.is_none() && self.peps.iter().any(|pep| pep.workload) {
            return Err(ConfigError::Unsafe(
                "a caller has `workload` set and `tls.clients` is missing: nobody could prove to be one",
            ));
        }
        match clients.filter(|clients| !WorkloadId::is_trust_domain(&clients.trust_domain)) {
            None => Ok(()),
            Some(clients) => Err(ConfigError::Value {
                key: String::from("tls.clients.trust_domain"),
                value: clients.trust_domain.clone(),
                expected: "expected lower-case letters, digits, `.`, `-` and `_`, such as `example.org`",
            }),
        }
    }

    fn check_sources(&self) -> Result<(), ConfigError> {
        let refused = |key: String, value: &str, expected| {
            Err(ConfigError::Value { key, value: value.to_owned(), expected })
        };
        for (name, entry) in &self.sources {
            let rule = if entry.private_addresses { AddressRule::Any } else { AddressRule::Public };
            match &entry.url {
                Some(url) if check_url(url, rule).is_err() => {
                    let expected = "expected an https URL (http only on loopback); an address that is not public \
                                    needs `private_addresses = true`";
                    return refused(format!("sources.{name}.url"), url, expected);
                }
                None if entry.hosts.is_empty() => {
                    let expected = "expected `url`, or the hosts that the policy's URL may have";
                    return refused(format!("sources.{name}.hosts"), "[]", expected);
                }
                _ => {}
            }
            for (header, value) in &entry.headers {
                let named = !header.is_empty()
                    && header.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
                let ours = ["authorization", "content-type", "content-length", "host", "accept"];
                let told = !value.is_empty() && value.bytes().all(|byte| (0x20..0x7f).contains(&byte));
                if !named || !told || ours.contains(&header.to_ascii_lowercase().as_str()) {
                    let expected = "expected a header other than `authorization` (see `authorization_file`), \
                                    `content-type`, `content-length`, `host` and `accept`, with a value in ASCII";
                    return refused(format!("sources.{name}.headers"), header, expected);
                }
            }
        }
        Ok(())
    }

    fn check_push(&self) -> Result<(), ConfigError> {
        let push = &self.ledger.push;
        for (key, url) in [("ledger.push.url", &push.url), ("ledger.push.witness", &push.witness)] {
            if let Some(url) = url.as_ref().filter(|url| check_url(url, AddressRule::Any).is_err()) {
                return Err(ConfigError::Value {
                    key: key.to_owned(),
                    value: url.clone(),
                    expected: "expected an https URL (http only on loopback)",
                });
            }
        }
        if push.every == 0 {
            return Err(ConfigError::Value {
                key: String::from("ledger.push.every"),
                value: String::from("0"),
                expected: "expected at least 1",
            });
        }
        Ok(())
    }

    fn check_retention(&self) -> Result<(), ConfigError> {
        let Some(text) = &self.ledger.retain else { return Ok(()) };
        let wrong =
            |expected| ConfigError::Value { key: "ledger.retain".to_owned(), value: text.clone(), expected };
        let age = self.ledger.retention().filter(|age| age.nanos() > 0);
        let age = age.ok_or_else(|| wrong("expected a duration such as `400d`"))?;
        if age.nanos() < retention::least().nanos() && !self.ledger.retain_below_minimum {
            return Err(wrong(
                "expected at least `180d`, which most keepers of such logs owe; if yours do not, set \
                 `retain_below_minimum = true`",
            ));
        }
        Ok(())
    }

    fn check_limits(&self) -> Result<(), ConfigError> {
        let set = &self.limits;
        let table = [
            ("limits.body_bytes", set.body_bytes as u64, 1, 64 * 1024 * 1024),
            ("limits.header_bytes", set.header_bytes as u64, limits::HEADER_BYTES_MIN as u64, 1024 * 1024),
            ("limits.header_timeout_ms", set.header_timeout_ms, 1, 600_000),
            ("limits.body_timeout_ms", set.body_timeout_ms, 1, 600_000),
            ("limits.request_timeout_ms", set.request_timeout_ms, 1, 600_000),
            ("limits.max_connections", set.max_connections as u64, 1, 1_000_000),
            ("limits.max_in_flight", set.max_in_flight as u64, 1, 1_000_000),
        ];
        for (key, value, least, most) in table {
            if !(least..=most).contains(&value) {
                return Err(ConfigError::Value {
                    key: key.to_owned(),
                    value: value.to_string(),
                    expected: "outside of the permitted range (bytes: 1 to 64 MiB, head: 8 KiB to 1 MiB, times: 1 ms \
                               to 10 min, counts: 1 to 1000000)",
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
