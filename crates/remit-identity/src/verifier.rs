//! `Verifier`: presented tokens to evidence, or why not.

use std::sync::{Arc, OnceLock};

use remit_model::{EntityRef, Name, Timestamp};

use crate::claims::{Claims, Times, plain};
use crate::config::{AlgorithmName, ConfigError, IdentityConfig, Profile};
use crate::evidence::{Binding, Evidence, Party, PartyKind, Pattern};
use crate::fault::{IdentityFault, TokenFault, Unverified};
use crate::fetch::Fetch;
use crate::issuer::{Check, Issuer};
use crate::join::{Bound, join};
use crate::jose::algorithm::verify;
use crate::jose::compact::{Compact, looks_like_jws};
use crate::keys::{KeyRing, Keys};
use crate::limits;
use crate::memory::{Remembered, Until, Verified};
use crate::proved::{Case, Failure, KeyMark, Proved};
use crate::standard::caller::{self, Caller};
use crate::standard::security_event::{self, SecurityEvent};
use crate::standard::spiffe::WorkloadId;
use crate::standard::{check_header, dpop, introspection, kubernetes, mtls, prove, spiffe};
use crate::token::{PresentedToken, TokenHash, TokenType};
use crate::url::AddressRule;

/// Verifies the tokens of requests. One per process; it holds the key sets and what was verified before.
pub struct Verifier {
    issuers: Vec<Issuer>,
    addresses: AddressRule,
    fetch: Arc<dyn Fetch>,
    verified: Verified<(TokenHash, TokenType), Proved>,
    /// Tokens by which callers said who they are.
    callers: Verified<TokenHash, Known>,
    proofs: Until<[u8; 32]>,
    revoked: Until<TokenHash>,
    /// Opaque tokens whose issuer said no a moment ago: asking again would be work an outsider can demand.
    inactive: Until<TokenHash>,
}

/// A caller whose token was verified, and with what.
struct Known {
    entry: usize,
    times: Times,
    mark: KeyMark,
    caller: Arc<Caller>,
}

impl Verifier {
    /// Checks the configuration and prepares one entry per issuer. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`ConfigError`] says which entry is wrong.
    pub fn new(config: &IdentityConfig, fetch: Arc<dyn Fetch>) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            issuers: config.issuers.iter().map(Issuer::new).collect::<Result<_, _>>()?,
            addresses: config.addresses(),
            fetch,
            verified: Verified::new(limits::VERIFIED),
            callers: Verified::new(limits::CALLERS),
            proofs: Until::new(limits::PROOFS),
            revoked: Until::new(limits::REVOKED),
            inactive: Until::new(limits::INACTIVE),
        })
    }

    /// Verifies every token and joins what they prove.
    ///
    /// # Errors
    /// [`Unverified::Token`] when a token is at fault, [`Unverified::Fault`] when we cannot tell.
    pub async fn verify(
        &self,
        tokens: &[PresentedToken],
        now: Timestamp,
    ) -> Result<Arc<Evidence>, Unverified> {
        if tokens.is_empty() || tokens.len() > limits::TOKENS {
            let index = tokens.len().saturating_sub(1);
            return Err(Unverified::Token { index, fault: TokenFault::TooManyTokens });
        }
        let at = |index| {
            move |failure| match failure {
                Failure::Token(fault) => Unverified::Token { index, fault },
                Failure::Fault(fault) => Unverified::Fault(fault),
            }
        };
        let mut bound = Vec::with_capacity(tokens.len());
        for (index, presented) in tokens.iter().enumerate() {
            bound.push(self.verify_one(presented, now).await.map_err(at(index))?);
        }
        let evidence = self.joined(&bound).map_err(|(index, fault)| Unverified::Token { index, fault })?;
        // INVARIANT: a proof is used up only by a request whose tokens all hold.
        for (index, proof) in
            bound.iter().enumerate().filter_map(|(index, it)| Some((index, it.proof.as_ref()?)))
        {
            self.use_up(proof, now).map_err(at(index))?;
        }
        Ok(evidence)
    }

    /// WHY: most requests carry one token, many times over; what it proves alone is put together once.
    fn joined(&self, bound: &[Bound]) -> Result<Arc<Evidence>, (usize, TokenFault)> {
        let alone = match bound {
            [only] if !only.stale => Some(&only.proved.alone),
            _ => None,
        };
        if let Some(evidence) = alone.and_then(OnceLock::get) {
            return Ok(Arc::clone(evidence));
        }
        let evidence = Arc::new(join(bound, &self.issuers)?);
        if let Some(alone) = alone {
            alone.get_or_init(|| Arc::clone(&evidence));
        }
        Ok(evidence)
    }

    /// What the tokens of a call prove together with the certificate of the workload that makes it. A workload alone
    /// proves nothing of the subject, unless it is the subject itself.
    ///
    /// # Errors
    /// [`TokenFault::WorkloadMismatch`] when a token names another workload.
    pub fn with_caller(
        &self,
        evidence: Option<&Evidence>,
        caller: &WorkloadId,
        now: Timestamp,
    ) -> Result<Evidence, TokenFault> {
        let name = caller.issuer();
        let issuer = self.issuers.iter().find(|issuer| issuer.name == name);
        let workload = match issuer {
            Some(issuer) => issuer.party(caller.as_str(), PartyKind::Workload, None),
            None => unmapped(name, caller)?,
        };
        let Some(evidence) = evidence else { return Ok(Evidence::of_workload(workload, now)) };
        if evidence.workload.as_ref().is_some_and(|told| told.entity != workload.entity) {
            return Err(TokenFault::WorkloadMismatch);
        }
        let pattern = match evidence.pattern {
            Pattern::User => Pattern::WorkloadAndUser,
            other => other,
        };
        Ok(Evidence { pattern, workload: Some(workload), ..evidence.clone() })
    }

    /// Verifies a security event token and reads what it says.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub async fn security_event(&self, token: &str, now: Timestamp) -> Result<SecurityEvent, Unverified> {
        self.event(token, now).await.map_err(|failure| match failure {
            Failure::Token(fault) => Unverified::Token { index: 0, fault },
            Failure::Fault(fault) => Unverified::Fault(fault),
        })
    }

    async fn event(&self, token: &str, now: Timestamp) -> Result<SecurityEvent, Failure> {
        let (claims, (_, issuer), _) = self.signed(token, Profile::SecurityEvent, now).await?;
        Ok(security_event::read(&claims, issuer, now)?)
    }

    /// Verifies an access token that a caller of the API presents as its own, and reads whom it names. Whether it is
    /// meant for us is left to the entry of that caller.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub async fn caller(&self, token: &str, now: Timestamp) -> Result<Arc<Caller>, Unverified> {
        self.calling(token, now).await.map_err(|failure| match failure {
            Failure::Token(fault) => Unverified::Token { index: 0, fault },
            Failure::Fault(fault) => Unverified::Fault(fault),
        })
    }

    async fn calling(&self, token: &str, now: Timestamp) -> Result<Arc<Caller>, Failure> {
        if token.len() > limits::TOKEN_BYTES {
            return Err(TokenFault::TooLarge.into());
        }
        let hash = TokenHash::of(token);
        if self.revoked.holds(&hash, now) {
            return Err(TokenFault::Revoked.into());
        }
        if let Some(known) = self.callers.get(hash)
            && let Some(issuer) = self.issuers.get(known.entry)
        {
            known.times.check(issuer.leeway_s, now)?;
            if self.still(issuer, known.mark, now).await?.is_some() {
                return Ok(Arc::clone(&known.caller));
            }
        }
        let (claims, (entry, issuer), mark) = self.signed(token, Profile::AccessToken, now).await?;
        let (times, caller) = caller::read(&claims, issuer, now)?;
        let caller = Arc::new(caller);
        self.callers.insert(hash, &Arc::new(Known { entry, times, mark, caller: Arc::clone(&caller) }));
        Ok(caller)
    }

    /// The claims of a token of one kind whose signature holds, the issuer that signed it with its entry, and its key.
    async fn signed(
        &self,
        token: &str,
        profile: Profile,
        now: Timestamp,
    ) -> Result<(Claims, (usize, &Issuer), KeyMark), Failure> {
        let compact = Compact::parse(token)?;
        let claims = Claims(compact.claims()?);
        let name = issuer_of(&claims)?;
        let ours = |(_, issuer): &(usize, &Issuer)| issuer.name == name && issuer.accepts.contains(&profile);
        let (entry, issuer) = self.issuers.iter().enumerate().find(ours).ok_or(TokenFault::IssuerUnknown)?;
        check_header(profile, issuer, &compact.header)?;
        let Check::Keys(ring) = &issuer.check else { return Err(TokenFault::IssuerUnknown.into()) };
        let algorithm = AlgorithmName::parse(&compact.header.alg);
        let algorithm = algorithm.filter(|it| issuer.algorithms.contains(it));
        let algorithm = algorithm.ok_or(TokenFault::AlgorithmNotAllowed)?;
        let (mark, _) = self.check_signature(ring, &compact, algorithm, now).await?;
        Ok((claims, (entry, issuer), mark))
    }

    /// Refuses a token from now on, until it would have expired anyway.
    ///
    /// # Errors
    /// [`IdentityFault::RevocationMemoryFull`]: then the token is still accepted.
    pub fn revoke(&self, token: TokenHash, until: Timestamp, now: Timestamp) -> Result<(), IdentityFault> {
        self.verified.forget(|(hash, _)| *hash == token);
        self.callers.forget(|hash| *hash == token);
        match self.revoked.remember(token, until, now) {
            Remembered::New | Remembered::Known => Ok(()),
            Remembered::Full => Err(IdentityFault::RevocationMemoryFull),
        }
    }

    /// Reads the key sets that are due; a server calls it now and then, so that no decision waits for an issuer.
    pub async fn refresh_due(&self, now: Timestamp) {
        for issuer in &self.issuers {
            if let Check::Keys(ring) = &issuer.check {
                ring.refresh_due(&*self.fetch, self.addresses, now).await;
            }
        }
    }

    /// Reads every key set now and says of each issuer how that went; for a look at an installation before it runs.
    pub async fn try_keys(&self, now: Timestamp) -> Vec<(String, Result<(), IdentityFault>)> {
        let mut tried = Vec::new();
        for issuer in &self.issuers {
            if let Check::Keys(ring) = &issuer.check {
                let keys = ring.current(&*self.fetch, self.addresses, now).await;
                tried.push((issuer.name.clone(), keys.map(drop)));
            }
        }
        tried
    }

    async fn verify_one(&self, presented: &PresentedToken, now: Timestamp) -> Result<Bound, Failure> {
        let kind = TokenType::from_urn(&presented.kind).ok_or(TokenFault::TypeUnsupported)?;
        if presented.token.reveal().len() > limits::TOKEN_BYTES {
            return Err(TokenFault::TooLarge.into());
        }
        let hash = presented.hash();
        if self.revoked.holds(&hash, now) {
            return Err(TokenFault::Revoked.into());
        }
        let (proved, stale) = match self.remembered(hash, kind, now).await? {
            Some(found) => found,
            None => {
                let (proved, stale) = self.prove(presented, kind, hash, now).await?;
                let proved = Arc::new(proved);
                self.verified.insert((hash, kind), &proved);
                (proved, stale)
            }
        };
        let (binding, proof) = self.check_binding(presented, &proved, now)?;
        Ok(Bound { proved, binding, stale, proof })
    }

    /// A token that was verified before, if its time, its key and its answer still hold.
    async fn remembered(
        &self,
        hash: TokenHash,
        kind: TokenType,
        now: Timestamp,
    ) -> Result<Option<(Arc<Proved>, bool)>, Failure> {
        let Some(proved) = self.verified.get((hash, kind)) else { return Ok(None) };
        let Some(issuer) = self.issuers.get(proved.entry) else { return Ok(None) };
        // WHY: first, because without `exp` an answer is over before the token is.
        if proved.key.is_none() && proved.believed_until <= now {
            return Ok(None);
        }
        proved.times.check(issuer.leeway_s, now)?;
        match proved.key {
            Some(mark) => Ok(self.still(issuer, mark, now).await?.map(|stale| (proved, stale))),
            None => Ok(Some((proved, false))),
        }
    }

    /// Whether the keys are stale that a key which verified something is still among; none when it is not.
    async fn still(&self, issuer: &Issuer, mark: KeyMark, now: Timestamp) -> Result<Option<bool>, Failure> {
        let Check::Keys(ring) = &issuer.check else { return Ok(None) };
        let keys = self.keys(ring, now).await?;
        let still = keys.loaded.generation == mark.generation || keys.loaded.set.holds(&mark.thumbprint);
        Ok(still.then_some(keys.stale))
    }

    async fn keys(&self, ring: &KeyRing, now: Timestamp) -> Result<Keys, Failure> {
        if let Some(loaded) = ring.fresh(now) {
            return Ok(Keys { loaded, stale: false });
        }
        Ok(ring.current(&*self.fetch, self.addresses, now).await?)
    }

    async fn prove(
        &self,
        presented: &PresentedToken,
        kind: TokenType,
        hash: TokenHash,
        now: Timestamp,
    ) -> Result<(Proved, bool), Failure> {
        let token = presented.token.reveal();
        if kind == TokenType::AccessToken
            && !looks_like_jws(token)
            && let Some(entry) = self.opaque()
            && introspection::is_bearer_text(token)
        {
            return Ok((self.introspect(entry, token, kind, hash, now).await?, false));
        }
        let compact = Compact::parse(token)?;
        let claims = Claims(compact.claims()?);
        let (entry, profile) = self.route(kind, &claims)?;
        let issuer = self.issuers.get(entry).ok_or(TokenFault::IssuerUnknown)?;
        check_header(profile, issuer, &compact.header)?;
        let ring = match &issuer.check {
            Check::Introspection(_) => {
                return Ok((self.introspect(entry, token, kind, hash, now).await?, false));
            }
            Check::Keys(ring) => ring,
        };
        let algorithm = AlgorithmName::parse(&compact.header.alg);
        let algorithm = algorithm.filter(|it| issuer.algorithms.contains(it));
        let algorithm = algorithm.ok_or(TokenFault::AlgorithmNotAllowed)?;
        let (mark, stale) = self.check_signature(ring, &compact, algorithm, now).await?;
        let case =
            Case { known: &self.issuers, entry, issuer, kind, hash, claims: &claims, now, key: Some(mark) };
        Ok((prove(profile, &case)?, stale))
    }

    async fn check_signature(
        &self,
        ring: &KeyRing,
        compact: &Compact<'_>,
        algorithm: AlgorithmName,
        now: Timestamp,
    ) -> Result<(KeyMark, bool), Failure> {
        let mut keys = self.keys(ring, now).await?;
        let kid = compact.header.kid.as_deref();
        if keys.loaded.set.find(kid).err() == Some(TokenFault::KeyUnknown)
            && let Some(loaded) =
                ring.look_again(&*self.fetch, self.addresses, now, keys.loaded.generation).await
        {
            keys = Keys { loaded, stale: false };
        }
        let key = keys.loaded.set.find(kid)?;
        verify(key, algorithm, compact.signed, compact.signature)?;
        Ok((KeyMark { thumbprint: key.thumbprint, generation: keys.loaded.generation }, keys.stale))
    }

    fn opaque(&self) -> Option<usize> {
        self.issuers.iter().position(|issuer| match &issuer.check {
            Check::Introspection(endpoint) => endpoint.opaque,
            Check::Keys(_) => false,
        })
    }

    async fn introspect(
        &self,
        entry: usize,
        token: &str,
        kind: TokenType,
        hash: TokenHash,
        now: Timestamp,
    ) -> Result<Proved, Failure> {
        let issuer = self.issuers.get(entry).ok_or(TokenFault::IssuerUnknown)?;
        let Check::Introspection(endpoint) = &issuer.check else {
            return Err(TokenFault::IssuerUnknown.into());
        };
        if self.inactive.holds(&hash, now) {
            return Err(TokenFault::Inactive.into());
        }
        let answer = endpoint.ask(&*self.fetch, self.addresses, token).await;
        if matches!(answer, Err(Failure::Token(TokenFault::Inactive))) {
            self.inactive.remember(hash, endpoint.believed_until(now), now);
        }
        let claims = answer?;
        let case = Case { known: &self.issuers, entry, issuer, kind, hash, claims: &claims, now, key: None };
        Ok(endpoint.prove(&case)?)
    }

    /// Which entry judges a token, and as what. What the token says selects; the signature proves.
    fn route(&self, kind: TokenType, claims: &Claims) -> Result<(usize, Profile), TokenFault> {
        let find = |name: &str, profiles: &[Profile]| {
            profiles.iter().find_map(|profile| {
                let fits = |issuer: &Issuer| issuer.name == name && issuer.accepts.contains(profile);
                self.issuers.iter().position(fits).map(|entry| (entry, *profile))
            })
        };
        let found = match kind {
            TokenType::Jwt => {
                if let Some((domain, _)) = claims.text("sub")?.and_then(spiffe::split_id) {
                    find(&format!("spiffe://{domain}"), &[Profile::JwtSvid])
                } else if claims.0.get(kubernetes::CLAIM).is_some() {
                    find(issuer_of(claims)?, &[Profile::ServiceAccount])
                } else {
                    find(issuer_of(claims)?, &[Profile::Delegation, Profile::AccessToken])
                }
            }
            TokenType::AccessToken => find(issuer_of(claims)?, &[Profile::AccessToken]),
            TokenType::IdToken => find(issuer_of(claims)?, &[Profile::IdToken]),
            TokenType::IdJag => find(issuer_of(claims)?, &[Profile::IdJag]),
            TokenType::TxnToken if claims.0.get("iss").is_some() => {
                find(issuer_of(claims)?, &[Profile::TxnToken])
            }
            TokenType::TxnToken => self.trust_domain(claims)?,
        };
        found.ok_or(TokenFault::IssuerUnknown)
    }

    /// Transaction tokens need no `iss`: then the trust domain in `aud` selects, when it selects one entry.
    fn trust_domain(&self, claims: &Claims) -> Result<Option<(usize, Profile)>, TokenFault> {
        let named = claims.audience()?;
        let fits = |issuer: &Issuer| {
            issuer.accepts.contains(&Profile::TxnToken)
                && named.iter().any(|it| issuer.audiences.iter().any(|ours| ours == it))
        };
        let mut entries = self.issuers.iter().enumerate().filter(|(_, issuer)| fits(issuer));
        match (entries.next(), entries.next()) {
            (Some((entry, _)), None) => Ok(Some((entry, Profile::TxnToken))),
            _ => Ok(None),
        }
    }

    fn check_binding(
        &self,
        presented: &PresentedToken,
        proved: &Proved,
        now: Timestamp,
    ) -> Result<(Binding, Option<dpop::Proof>), TokenFault> {
        let confirmation = &proved.confirmation;
        let required = self.issuers.get(proved.entry).is_some_and(|issuer| issuer.require_binding);
        if required && !confirmation.is_bound() {
            return Err(TokenFault::ProofMissing);
        }
        let (mut binding, mut used) = (Binding::Bearer, None);
        if let Some(bound) = confirmation.x5t {
            mtls::check(bound, presented.client_certificate)?;
            binding = Binding::MutualTls;
        }
        if let Some(bound) = confirmation.jkt {
            let proof = presented.dpop.as_ref().ok_or(TokenFault::ProofMissing)?;
            let proof = dpop::check(proof, presented.token.reveal(), bound, now)?;
            if self.proofs.holds(&proof.id, now) {
                return Err(TokenFault::ProofReplayed);
            }
            binding = Binding::Dpop;
            used = Some(proof);
        }
        Ok((binding, used))
    }

    /// Of two requests with one proof exactly one comes through.
    fn use_up(&self, proof: &dpop::Proof, now: Timestamp) -> Result<(), Failure> {
        match self.proofs.remember(proof.id, proof.until, now) {
            Remembered::New => Ok(()),
            Remembered::Known => Err(TokenFault::ProofReplayed.into()),
            Remembered::Full => Err(IdentityFault::ProofMemoryFull.into()),
        }
    }
}

/// A workload of a trust domain that has no entry.
fn unmapped(issuer: String, caller: &WorkloadId) -> Result<Party, TokenFault> {
    let kind = Name::new("workload").map_err(|_| TokenFault::SpiffeIdInvalid)?;
    let (id, entity) = (caller.as_str().to_owned(), EntityRef::new(kind, caller.as_str()));
    Ok(Party { issuer, id, kind: PartyKind::Workload, entity, assurance: None })
}

fn issuer_of(claims: &Claims) -> Result<&str, TokenFault> {
    claims.0.get("iss").map(plain).transpose()?.ok_or(TokenFault::IssuerMissing)
}
