//! What a configuration must hold before it counts: no clash between entries, numbers in range, plain URLs.

use std::path::PathBuf;

use remit_model::Name;

use super::{IdentityConfig, IssuerConfig, KeySource, Profile};
use crate::evidence::{Assurance, Pattern};
use crate::limits;
use crate::standard::spiffe;
use crate::url::{AddressRule, UrlError, check_url};

/// Why the configuration is refused at start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A required list or text is empty.
    #[error("issuer `{issuer}`: `{member}` is empty")]
    Empty {
        /// The entry.
        issuer: String,
        /// The member.
        member: &'static str,
    },
    /// Two entries could both judge a token.
    #[error("issuer `{issuer}` has two entries for the same kind of token and audience")]
    Twice {
        /// The issuer.
        issuer: String,
    },
    /// Two entries want the opaque tokens.
    #[error("issuers `{first}` and `{second}` both want the opaque tokens")]
    OpaqueTwice {
        /// The earlier entry.
        first: String,
        /// The later entry.
        second: String,
    },
    /// Neither or both of `keys` and `introspection`.
    #[error("issuer `{issuer}` needs exactly one of `keys` and `introspection`")]
    OneCheck {
        /// The entry.
        issuer: String,
    },
    /// Introspection of something that is not an access token.
    #[error("issuer `{issuer}`: only access tokens can be introspected")]
    IntrospectionKind {
        /// The entry.
        issuer: String,
    },
    /// A number outside its range.
    #[error("issuer `{issuer}`: `{member}` must be at most {most}")]
    TooMuch {
        /// The entry.
        issuer: String,
        /// The member.
        member: &'static str,
        /// The bound.
        most: u32,
    },
    /// A symmetric algorithm with keys that others can read, or beside asymmetric ones.
    #[error(
        "issuer `{issuer}`: symmetric algorithms stand alone and take their keys from a file or the configuration"
    )]
    Symmetric {
        /// The entry.
        issuer: String,
    },
    /// A trust domain that is none, or JWT-SVIDs mixed with other kinds.
    #[error(
        "issuer `{issuer}`: JWT-SVIDs need an entry of their own, named `spiffe://` and the trust domain"
    )]
    TrustDomain {
        /// The entry.
        issuer: String,
    },
    /// An entity type, level or pattern that is none.
    #[error("issuer `{issuer}`: `{value}` is not a valid `{member}`")]
    Value {
        /// The entry.
        issuer: String,
        /// The member.
        member: &'static str,
        /// What was written.
        value: String,
    },
    /// A URL that may not be asked.
    #[error("issuer `{issuer}`: {error}")]
    Url {
        /// The entry.
        issuer: String,
        /// Why.
        error: UrlError,
    },
    /// A key set in the configuration that is none.
    #[error("issuer `{issuer}`: its `keys` are not usable: {cause}")]
    Keys {
        /// The entry.
        issuer: String,
        /// Why.
        cause: String,
    },
    /// A file that cannot be read.
    #[error("issuer `{issuer}`: `{}` cannot be read", path.display())]
    File {
        /// The entry.
        issuer: String,
        /// The file.
        path: PathBuf,
    },
}

impl IdentityConfig {
    /// Which addresses may be asked.
    #[must_use]
    pub fn addresses(&self) -> AddressRule {
        if self.allow_private_addresses { AddressRule::Any } else { AddressRule::Public }
    }

    /// Checks what no type can: clashes between entries, ranges, URLs.
    ///
    /// # Errors
    /// The first [`ConfigError`] found.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut opaque: Option<&str> = None;
        for (index, entry) in self.issuers.iter().enumerate() {
            entry.check(self.addresses())?;
            let earlier = self.issuers.iter().take(index).filter(|other| other.issuer == entry.issuer);
            if earlier.into_iter().any(|other| overlap(&other.accepts, &entry.accepts)) {
                return Err(ConfigError::Twice { issuer: entry.issuer.clone() });
            }
            let wants = entry.introspection.as_ref().is_some_and(|introspection| introspection.opaque);
            if wants && let Some(first) = opaque.replace(&entry.issuer) {
                let second = entry.issuer.clone();
                return Err(ConfigError::OpaqueTwice { first: first.into(), second });
            }
        }
        Ok(())
    }
}

fn overlap(left: &[Profile], right: &[Profile]) -> bool {
    left.iter().any(|profile| right.contains(profile))
}

impl IssuerConfig {
    fn check(&self, addresses: AddressRule) -> Result<(), ConfigError> {
        let issuer = || self.issuer.clone();
        let empty = [
            ("issuer", self.issuer.is_empty()),
            ("accepts", self.accepts.is_empty()),
            ("audiences", self.audiences.is_empty() || self.audiences.iter().any(String::is_empty)),
            ("algorithms", self.algorithms.is_empty()),
        ];
        if let Some((member, _)) = empty.into_iter().find(|(_, is_empty)| *is_empty) {
            return Err(ConfigError::Empty { issuer: issuer(), member });
        }
        if self.keys.is_some() == self.introspection.is_some() {
            return Err(ConfigError::OneCheck { issuer: issuer() });
        }
        if self.introspection.is_some() && self.accepts != [Profile::AccessToken] {
            return Err(ConfigError::IntrospectionKind { issuer: issuer() });
        }
        let actors = u32::try_from(self.max_actors).unwrap_or(u32::MAX);
        let actors_max = u32::try_from(limits::ACTORS_MAX).unwrap_or(u32::MAX);
        for (member, value, most) in
            [("leeway_s", self.leeway_s, limits::LEEWAY_MAX_S), ("max_actors", actors, actors_max)]
        {
            if value > most {
                return Err(ConfigError::TooMuch { issuer: issuer(), member, most });
            }
        }
        self.check_algorithms()?;
        self.check_names()?;
        self.check_urls(addresses)
    }

    fn check_algorithms(&self) -> Result<(), ConfigError> {
        let symmetric = self.algorithms.iter().filter(|algorithm| algorithm.is_symmetric()).count();
        let published = matches!(self.keys, Some(KeySource::Url(_)));
        if symmetric > 0 && (symmetric < self.algorithms.len() || published) {
            return Err(ConfigError::Symmetric { issuer: self.issuer.clone() });
        }
        if self.accepts.contains(&Profile::JwtSvid) {
            let alone = self.accepts == [Profile::JwtSvid];
            let is_domain = self.issuer.starts_with("spiffe://")
                && spiffe::split_id(&self.issuer).is_some_and(|(_, path)| path.is_empty());
            if !alone || !is_domain {
                return Err(ConfigError::TrustDomain { issuer: self.issuer.clone() });
            }
        }
        Ok(())
    }

    fn check_names(&self) -> Result<(), ConfigError> {
        let map = &self.claims;
        let bad = |member, value: &str| {
            Err(ConfigError::Value { issuer: self.issuer.clone(), member, value: value.into() })
        };
        for (member, value) in [
            ("user_type", &map.user_type),
            ("agent_type", &map.agent_type),
            ("workload_type", &map.workload_type),
        ] {
            if Name::new(value).is_err() {
                return bad(member, value);
            }
        }
        if let Some(level) = self.ceiling.assurance.as_deref().filter(|it| Assurance::parse(it).is_none()) {
            return bad("ceiling.assurance", level);
        }
        let mut patterns = self.ceiling.patterns.iter().flatten();
        if let Some(pattern) = patterns.find(|it| Pattern::parse(it).is_none()) {
            return bad("ceiling.patterns", pattern);
        }
        Ok(())
    }

    fn check_urls(&self, addresses: AddressRule) -> Result<(), ConfigError> {
        let keys = self.keys.as_ref().and_then(|keys| match keys {
            KeySource::Url(url) => Some(url),
            KeySource::File(_) | KeySource::Inline(_) => None,
        });
        let endpoint = self.introspection.as_ref().map(|introspection| &introspection.endpoint);
        for url in keys.into_iter().chain(endpoint) {
            check_url(url, addresses)
                .map_err(|error| ConfigError::Url { issuer: self.issuer.clone(), error })?;
        }
        Ok(())
    }
}
