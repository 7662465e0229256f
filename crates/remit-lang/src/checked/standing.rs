//! What conditions ask of consents and signals.

use remit_model::signal::Trait;

use super::Expr;

/// `signals.subject.count("login_failed", 15m)` …, without whose signals they are.
#[derive(Debug, Clone)]
pub enum Fact {
    /// `count(kind, window)`: how many there were.
    Count {
        /// The kind, a text.
        kind: Box<Expr>,
        /// The window, a duration.
        window: Box<Expr>,
    },
    /// `devices(window)`, `addresses(window)`, `regions(window)`, `tools(window)`: how many different ones.
    Distinct(Trait, Box<Expr>),
    /// `hops(window)`: the longest chain of agents.
    Hops(Box<Expr>),
    /// `token_addresses(token, window)`: at how many addresses a token was shown.
    TokenAddresses {
        /// Its id, a text.
        token: Box<Expr>,
        /// The window, a duration.
        window: Box<Expr>,
    },
    /// `travel(window)`: the greatest speed in km/h.
    Travel(Box<Expr>),
    /// `new_device`, `new_address`, `new_region`, `new_tool`: the last one was never familiar.
    IsNew(Trait),
    /// `risk`: what the last change of it said; unknown without one.
    Risk,
}

impl Fact {
    /// The expressions in it.
    #[must_use]
    pub fn parts(&self) -> Vec<&Expr> {
        match self {
            Self::Count { kind, window } => vec![kind, window],
            Self::TokenAddresses { token, window } => vec![token, window],
            Self::Distinct(_, window) | Self::Travel(window) | Self::Hops(window) => vec![window],
            Self::IsNew(_) | Self::Risk => Vec::new(),
        }
    }

    /// How it is written, without arguments.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Count { .. } => "count",
            Self::Distinct(what, _) => plural(*what),
            Self::Travel(_) => "travel",
            Self::Hops(_) => "hops",
            Self::TokenAddresses { .. } => "token_addresses",
            Self::IsNew(what) => newness(*what),
            Self::Risk => "risk",
        }
    }
}

/// The function that counts different ones.
fn plural(what: Trait) -> &'static str {
    match what {
        Trait::Device => "devices",
        Trait::Address => "addresses",
        Trait::Region => "regions",
        Trait::Tool => "tools",
    }
}

/// The value that tells whether the last is new.
fn newness(what: Trait) -> &'static str {
    match what {
        Trait::Device => "new_device",
        Trait::Address => "new_address",
        Trait::Region => "new_region",
        Trait::Tool => "new_tool",
    }
}
