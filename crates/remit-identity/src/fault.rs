//! Why no evidence came out: the token is at fault, or we are. Neither holds any text of a token.

macro_rules! faults {
    ($($variant:ident $code:literal $text:literal;)*) => {
        /// Why a token is refused. Each refusal has its own stable code; none repeats what the token said.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
        pub enum TokenFault { $(#[doc = $text] #[error($text)] $variant,)* }

        impl TokenFault {
            /// The whole table, in declaration order.
            pub const ALL: &'static [TokenFault] = &[$(TokenFault::$variant,)*];

            /// The published code that a record and an answer carry.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

faults! {
    TooLarge "token_too_large" "the token is longer than accepted";
    Malformed "token_malformed" "the token is not a compact JWS of three strict base64url parts";
    HeaderInvalid "header_invalid" "the header is not one object of the expected members";
    HeaderForbidden "header_forbidden" "the header holds a member that this kind of token must not have";
    CriticalHeader "critical_header" "the header demands an extension that is not supported";
    Compressed "token_compressed" "the payload is compressed";
    PayloadInvalid "payload_invalid" "the payload is not one strict JSON object";
    TypeUnsupported "token_type_unsupported" "tokens of this type are not accepted";
    TypMismatch "typ_mismatch" "the header names another kind of token";
    IssuerMissing "issuer_missing" "the token names no issuer";
    IssuerUnknown "issuer_unknown" "the issuer is not configured for this type of token";
    AlgorithmNotAllowed "algorithm_not_allowed" "the algorithm is not allowed for the issuer";
    AlgorithmMismatch "algorithm_mismatch" "the algorithm is not the one the key is for";
    KeyIdMissing "key_id_missing" "the token names no key and the issuer has more than one";
    KeyIdInvalid "key_id_invalid" "the key id is empty, too long or not a string";
    KeyUnknown "key_unknown" "the issuer has no such key";
    KeyUnusable "key_unusable" "the key is weak, ambiguous or not meant for signatures";
    SignatureInvalid "signature_invalid" "the signature does not verify";
    ClaimMissing "claim_missing" "a required claim is missing";
    ClaimInvalid "claim_invalid" "a claim has the wrong type or shape";
    Expired "expired" "the token has expired";
    NotYetValid "not_yet_valid" "the token is not valid yet";
    LifetimeTooLong "lifetime_too_long" "the token lives longer than the issuer's entry allows";
    AudienceMismatch "audience_mismatch" "the token is meant for somebody else";
    Inactive "inactive" "the issuer says that the token is not active";
    Revoked "revoked" "the token was revoked here";
    ActInvalid "act_invalid" "the actor chain is malformed";
    ActTooDeep "act_too_deep" "the actor chain is longer than the issuer's entry allows";
    MayActMismatch "may_act_mismatch" "the acting party is not the one the token allows to act";
    DetailsInvalid "authorization_details_invalid" "the authorization details are malformed or of an unknown type";
    BindingInvalid "binding_invalid" "the confirmation claim is malformed or of an unknown kind";
    ProofMissing "proof_missing" "the token is bound to a key and no proof of possession came with it";
    ProofInvalid "proof_invalid" "the proof of possession is malformed";
    ProofSignature "proof_signature_invalid" "the signature of the proof does not verify";
    ProofKey "proof_key_mismatch" "the proof was made with another key than the token is bound to";
    ProofTarget "proof_target_mismatch" "the proof is for another method or URL";
    ProofNonce "proof_nonce_mismatch" "the proof does not carry the nonce that was asked for";
    ProofToken "proof_token_mismatch" "the proof is for another token";
    ProofStale "proof_stale" "the proof is too old or from the future";
    ProofReplayed "proof_replayed" "the proof was used before";
    CertificateMismatch "certificate_mismatch" "the client certificate is not the one the token is bound to";
    SpiffeIdInvalid "spiffe_id_invalid" "the subject is not a SPIFFE id of the trust domain";
    WorkloadInvalid "workload_invalid" "the service account's name and its claims differ";
    WorkloadMismatch "workload_mismatch" "the token names another workload than the one that calls";
    SubjectMismatch "subject_mismatch" "two tokens name different subjects";
    ChainConflict "chain_conflict" "two tokens name different chains";
    TransactionConflict "transaction_conflict" "two tokens name different transactions";
    TooManyTokens "too_many_tokens" "there are more tokens, or more of one type, than accepted";
    AboveCeiling "above_ceiling" "the issuer may not vouch for this kind of identity";
}

/// We could not tell: never a deny, never an allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityFault {
    /// No usable key set: never read, or the last good one is older than the stale limit.
    #[error("the keys of issuer `{issuer}` are not available: {cause}")]
    KeysUnavailable {
        /// The configured issuer.
        issuer: String,
        /// The last thing that went wrong.
        cause: String,
    },
    /// The introspection endpoint did not answer, or not as RFC 7662 demands.
    #[error("the introspection endpoint of issuer `{issuer}` gives no answer: {cause}")]
    IntrospectionUnavailable {
        /// The configured issuer.
        issuer: String,
        /// What went wrong.
        cause: String,
    },
    /// The memory for proofs is full: accepting one more could accept it twice.
    #[error("no room is left to remember proofs of possession")]
    ProofMemoryFull,
    /// The memory for revoked tokens is full: the oldest would have to be accepted again.
    #[error("no room is left to remember revoked tokens")]
    RevocationMemoryFull,
}

/// What [`Verifier::verify`](crate::Verifier::verify) says instead of evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// A token does not verify: the decision is a deny with reason `token_invalid`.
    #[error("token {index}: {fault}")]
    Token {
        /// Which of the presented tokens, from 0.
        index: usize,
        /// Why.
        fault: TokenFault,
    },
    /// We could not tell: the answer is a fault.
    #[error(transparent)]
    Fault(#[from] IdentityFault),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_unique_and_plain() {
        let codes: std::collections::BTreeSet<_> = TokenFault::ALL.iter().map(|fault| fault.code()).collect();
        assert_eq!(codes.len(), TokenFault::ALL.len());
        for code in codes {
            assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{code}");
        }
    }

    #[test]
    fn the_published_table_holds_every_code_and_no_other() {
        let page = include_str!("../README.md");
        let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| `")).collect();
        let told = |fault: &TokenFault| format!("| `{}` | {fault} |", fault.code());
        assert_eq!(rows, TokenFault::ALL.iter().map(told).collect::<Vec<_>>());
    }
}
