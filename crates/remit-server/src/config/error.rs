//! `ConfigError`: why a configuration is refused, and the sentence the operator reads.

/// Why the server does not start with this configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A key nobody reads; a misspelt limit must not silently be no limit.
    #[error("unknown key `{key}` in {place}{}", .nearest.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    UnknownKey {
        /// The key, with the path to it.
        key: String,
        /// File or variables it stands in.
        place: String,
        /// The known key closest to it.
        nearest: Option<String>,
    },
    /// A file of a later format.
    #[error(
        "the configuration says format {found}, and this build reads up to {known}: run a newer Remit, or write `format = {known}` and only what it knows (schemas/CONFIG.md)"
    )]
    Newer {
        /// What it says.
        found: i128,
        /// What this build reads.
        known: u32,
    },
    /// A file that cannot be read or is no TOML, or a value of the wrong type.
    #[error("configuration is not readable: {message}")]
    Unreadable {
        /// What the reader says, with place and key.
        message: String,
    },
    /// A file named on the command line that is not there.
    #[error("no configuration file at `{path}`")]
    Missing {
        /// The path as given.
        path: String,
    },
    /// A single value outside of what it may be.
    #[error("`{key}` is `{value}`: {expected}")]
    Value {
        /// The key.
        key: String,
        /// What it was set to.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A public URL that cannot name a decision point.
    #[error("public_url: {0}")]
    Identifier(#[from] remit_pdp::authzen::IdentifierError),
    /// An issuer's entry that cannot be used.
    #[error("identity: {message}")]
    Identity {
        /// Which entry, and why.
        message: String,
    },
    /// The file of the key of outcomes cannot be used.
    #[error("transactions.outcome_key_file `{path}`: {message}")]
    OutcomeKey {
        /// The file.
        path: String,
        /// Why; never its content.
        message: String,
    },
    /// The secret of the webhook cannot be used.
    #[error("incidents.webhook.secret_file `{path}`: {message}")]
    Webhook {
        /// The file.
        path: String,
        /// Why; never its content.
        message: String,
    },
    /// What a source outside is asked with cannot be used.
    #[error("sources.{name}: {message}")]
    Source {
        /// The source.
        name: String,
        /// Why; never a secret.
        message: String,
    },
    /// Values that are fine alone and dangerous together.
    #[error("{0}")]
    Unsafe(&'static str),
    /// Two callers that could not be told apart.
    #[error("two peps share the {what} `{value}`")]
    Twice {
        /// What they share.
        what: &'static str,
        /// The shared value.
        value: String,
    },
    /// Nobody could be told how long requests take.
    #[error("telemetry: {message}")]
    Telemetry {
        /// Why.
        message: String,
    },
    /// The certificate or key of the listener cannot be used.
    #[error("tls: {message}")]
    Tls {
        /// Which file, and why.
        message: String,
    },
}
