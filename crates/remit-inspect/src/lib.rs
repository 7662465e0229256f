//! Detectors for message content: personal data, secrets, signs of prompt injection.
//!
//! A text goes in, findings come out: kind, span in bytes of that very text, score; beside them one score for
//! injection and the categories that fired. The crate knows no policy and decides nothing; it does no I/O, reads no
//! clock, and its work grows linearly with the text (no backtracking anywhere).
//!
//! ```
//! use remit_inspect::{Inspector, Kind, Options, SourceTrust};
//!
//! let inspector = Inspector::new(&Options::default())?;
//! let findings = inspector.inspect("card 4111 1111 1111 1111, thanks", SourceTrust::User);
//! assert_eq!(findings.count(Kind::PaymentCard), 1);
//! # Ok::<(), remit_inspect::OptionsError>(())
//! ```
#![deny(missing_docs)]

mod checksum;
mod context;
mod finding;
mod fold;
mod injection;
mod inspector;
mod kind;
mod lexicon;
mod limits;
mod options;
mod personal;
mod redact;
mod scan;
mod stream;
mod token;

pub use finding::{Finding, Findings, Injection, Part, Signal};
pub use injection::Category;
pub use inspector::Inspector;
pub use kind::Kind;
pub use limits::Limits;
pub use options::{Options, OptionsError, SourceTrust};
pub use redact::redact;
pub use stream::Stream;
