//! `Issuer`: one checked configuration entry, and how its ids become parties.

use std::collections::BTreeSet;

use remit_model::{EntityRef, Name};

use crate::config::{ActorClaim, AlgorithmName, ConfigError, IssuerConfig, Profile, SubjectKind};
use crate::evidence::{Assurance, ChainMember, Party, PartyKind, Pattern};
use crate::fault::TokenFault;
use crate::keys::KeyRing;
use crate::limits;
use crate::standard::introspection::Endpoint;

/// What the tokens of one issuer are judged by.
pub(crate) struct Issuer {
    pub name: String,
    pub accepts: Vec<Profile>,
    pub audiences: Vec<String>,
    pub algorithms: Vec<AlgorithmName>,
    pub typ: Vec<String>,
    pub leeway_s: u32,
    pub max_lifetime_s: u32,
    pub max_actors: usize,
    pub details_types: Vec<String>,
    pub require_binding: bool,
    pub check: Check,
    pub map: EntityMap,
    pub ceiling_scopes: Option<BTreeSet<String>>,
    pub ceiling_assurance: Option<Assurance>,
    pub ceiling_patterns: Option<Vec<Pattern>>,
}

/// How a token of the issuer is proved.
pub(crate) enum Check {
    Keys(KeyRing),
    Introspection(Endpoint),
}

/// How ids become entities.
pub(crate) struct EntityMap {
    subject_claim: String,
    subject_kind: SubjectKind,
    user: Name,
    agent: Name,
    workload: Name,
    pub actor: ActorClaim,
    typed_ids: bool,
    prefix: String,
    pub assurance_claim: Option<String>,
}

impl Issuer {
    /// Takes an entry that [`IdentityConfig::check`](crate::IdentityConfig::check) has passed.
    pub(crate) fn new(config: &IssuerConfig) -> Result<Self, ConfigError> {
        let check = match (&config.keys, &config.introspection) {
            (Some(source), None) => Check::Keys(KeyRing::new(config, source)?),
            (None, Some(introspection)) => Check::Introspection(Endpoint::new(config, introspection)?),
            _ => return Err(ConfigError::OneCheck { issuer: config.issuer.clone() }),
        };
        let patterns = config.ceiling.patterns.as_ref();
        Ok(Self {
            name: config.issuer.clone(),
            accepts: config.accepts.clone(),
            audiences: config.audiences.clone(),
            algorithms: config.algorithms.clone(),
            typ: config.typ.iter().map(|typ| media_type(typ)).collect(),
            leeway_s: config.leeway_s,
            max_lifetime_s: config.max_lifetime_s,
            max_actors: config.max_actors,
            details_types: config.details_types.clone(),
            require_binding: config.require_binding,
            check,
            map: EntityMap::new(config)?,
            ceiling_scopes: config.ceiling.scopes.clone(),
            ceiling_assurance: config.ceiling.assurance.as_deref().and_then(Assurance::parse),
            ceiling_patterns: patterns.map(|all| all.iter().filter_map(|it| Pattern::parse(it)).collect()),
        })
    }

    /// An assurance under the ceiling.
    pub(crate) fn capped(&self, stated: Option<Assurance>) -> Option<Assurance> {
        match (stated, self.ceiling_assurance) {
            (Some(stated), Some(most)) => Some(stated.min(most)),
            (stated, _) => stated,
        }
    }

    /// A party as its entity.
    pub(crate) fn party(&self, id: &str, kind: PartyKind, assurance: Option<Assurance>) -> Party {
        let entity = self.map.entity(id, kind);
        Party { issuer: self.name.clone(), id: id.into(), kind, entity, assurance: self.capped(assurance) }
    }

    /// One agent of a chain; `issuer` is the one the chain names for it.
    pub(crate) fn member(&self, id: &str, issuer: Option<&str>) -> ChainMember {
        ChainMember {
            id: id.into(),
            issuer: issuer.unwrap_or(&self.name).into(),
            entity: self.map.entity(id, PartyKind::Agent),
            assurance: None,
        }
    }
}

fn media_type(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").map_or(typ.clone(), str::to_owned)
}

impl EntityMap {
    fn new(config: &IssuerConfig) -> Result<Self, ConfigError> {
        let name = |member, value: &str| {
            let bad = || ConfigError::Value { issuer: config.issuer.clone(), member, value: value.into() };
            Name::new(value).map_err(|_| bad())
        };
        let map = &config.claims;
        Ok(Self {
            subject_claim: map.subject.clone(),
            subject_kind: map.subject_kind,
            user: name("user_type", &map.user_type)?,
            agent: name("agent_type", &map.agent_type)?,
            workload: name("workload_type", &map.workload_type)?,
            actor: map.actor,
            typed_ids: map.typed_ids,
            prefix: map.prefix.clone(),
            assurance_claim: map.assurance.clone(),
        })
    }

    /// The claim that names the subject's entity.
    pub(crate) fn subject_claim(&self) -> &str {
        &self.subject_claim
    }

    /// What a subject is: as configured, unless its id or `client_id` shows that it acts for itself.
    pub(crate) fn subject_kind(&self, id: &str, client_id: Option<&str>) -> PartyKind {
        let prefix = |name: &Name| id.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(':'));
        if self.typed_ids {
            for (name, kind) in [
                (&self.user, PartyKind::User),
                (&self.agent, PartyKind::Agent),
                (&self.workload, PartyKind::Workload),
            ] {
                if prefix(name) {
                    return kind;
                }
            }
        }
        match self.subject_kind {
            // SPEC: RFC 9068 §2.2: without a resource owner `sub` is an id of the client.
            SubjectKind::User if client_id == Some(id) => PartyKind::Agent,
            SubjectKind::User => PartyKind::User,
            SubjectKind::Agent => PartyKind::Agent,
            SubjectKind::Workload => PartyKind::Workload,
        }
    }

    fn entity(&self, id: &str, kind: PartyKind) -> EntityRef {
        let name = match kind {
            PartyKind::User => &self.user,
            PartyKind::Agent => &self.agent,
            PartyKind::Workload => &self.workload,
        };
        let bare = if self.typed_ids {
            id.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix(':')).filter(|it| !it.is_empty())
        } else {
            None
        };
        let bare = bare.unwrap_or(id);
        if self.prefix.is_empty() {
            return EntityRef::new(name.clone(), bare);
        }
        EntityRef::new(name.clone(), &format!("{}{bare}", self.prefix))
    }
}

/// The issuer's own name for a token without `iss`, and the bound on depth for its chain.
pub(crate) fn depth(issuer: &Issuer) -> usize {
    issuer.max_actors.min(limits::ACTORS_MAX)
}

/// Whether the chain's own issuers are ones we know; an actor of a stranger is no actor.
pub(crate) fn check_member_issuer(known: &[Issuer], issuer: &str) -> Result<(), TokenFault> {
    if known.iter().any(|it| it.name == issuer) { Ok(()) } else { Err(TokenFault::ActInvalid) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::config::KeySource;

    pub(crate) fn config() -> IssuerConfig {
        let keys = KeySource::Inline(
            r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"GywnCyPhRe4CUlAfBr6qPHm7B4sHNGci6gOM3lR-9d0"}]}"#
                .into(),
        );
        IssuerConfig::new("https://as.example", &[Profile::AccessToken], &["https://pdp.example"], keys)
    }

    pub(crate) fn issuer() -> Issuer {
        Issuer::new(&config()).unwrap()
    }

    #[test]
    fn ids_become_entities_as_the_entry_says() {
        let plain = issuer();
        assert_eq!(
            plain.party("user:alice", PartyKind::User, None).entity.to_string(),
            r#"user:"user:alice""#
        );
        assert_eq!(plain.map.subject_kind("agent:a", None), PartyKind::User);
        assert_eq!(plain.map.subject_kind("agent:a", Some("agent:a")), PartyKind::Agent);
        let mut config = config();
        config.claims.typed_ids = true;
        let typed = Issuer::new(&config).unwrap();
        assert_eq!(typed.party("user:alice", PartyKind::User, None).entity.to_string(), r#"user:"alice""#);
        assert_eq!(typed.map.subject_kind("agent:a", None), PartyKind::Agent);
        assert_eq!(typed.map.subject_kind("alice", None), PartyKind::User);
        assert_eq!(typed.member("agent:a", None).entity.to_string(), r#"agent:"a""#);
        config.claims.prefix = "partner/".into();
        let partner = Issuer::new(&config).unwrap();
        assert_eq!(
            partner.party("user:alice", PartyKind::User, None).entity.to_string(),
            r#"user:"partner/alice""#
        );
        // An id cannot choose a type that its place does not have.
        assert_eq!(typed.member("user:alice", None).entity.to_string(), r#"agent:"user:alice""#);
    }

    #[test]
    fn a_ceiling_lowers_and_never_raises() {
        let mut config = config();
        config.ceiling.assurance = Some("medium".into());
        let capped = Issuer::new(&config).unwrap();
        assert_eq!(capped.capped(Some(Assurance::High)), Some(Assurance::Medium));
        assert_eq!(capped.capped(Some(Assurance::Low)), Some(Assurance::Low));
        assert_eq!(capped.capped(None), None);
    }
}
