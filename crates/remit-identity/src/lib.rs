//! Who asks, for whom, through whom: presented tokens to [`Evidence`], the one normal form of every standard.
//!
//! A token travels `PresentedToken → jose (strict JWS, key, signature) → claims → standard/* → Evidence`. What the
//! evidence permits is not known here, nor which entities exist. This is the only crate that sees JOSE.
#![deny(missing_docs)]

mod claims;
pub mod config;
pub mod evidence;
pub mod fault;
pub mod fetch;
mod issuer;
mod join;
mod jose;
pub mod jws;
mod keys;
pub mod limits;
mod memory;
mod mint;
mod proved;
mod standard;
pub mod token;
pub mod url;
mod verifier;

pub use config::{
    ActorClaim, AlgorithmName, Ceiling, ClaimMap, ConfigError, IdentityConfig, Introspection, IssuerConfig,
    KeySource, Profile, SubjectKind,
};
pub use evidence::{
    Assurance, Binding, ChainMember, Evidence, MayAct, Note, Party, PartyKind, Pattern, TokenSummary,
};
pub use fault::{IdentityFault, TokenFault, Unverified};
pub use fetch::{Answer, Fetch, FetchError, FetchReply, FetchRequest, Offline};
pub use mint::Mint;
pub use standard::caller::Caller;
pub use standard::security_event::{SecurityEvent, StateChange};
pub use standard::spiffe::WorkloadId;
pub use token::{CertificateHash, PresentedProof, PresentedToken, TokenHash, TokenType};
pub use url::{AddressRule, UrlError};
pub use verifier::Verifier;
