//! Every reason code, one table. A published code is never reused and never leaks personal data.

use std::fmt;

macro_rules! reasons {
    ($($variant:ident $code:literal $user:literal $doc:literal;)*) => {
        /// Why a decision came out as it did: a stable machine code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason { $(#[doc = $doc] $variant,)* }

        impl Reason {
            /// The whole table, in declaration order.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant,)*];

            /// The published code.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// A sentence that is safe to show to the person concerned.
            #[must_use]
            pub fn user_text(self) -> &'static str {
                match self { $(Self::$variant => $user,)* }
            }

            /// What the code means, for the documentation.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// Reads a published code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

reasons! {
    Permitted "permitted" "Access is allowed." "a permit applied and nothing forbade it";
    NoPermitApplies "no_permit_applies" "You do not have access to this." "no permit rule is true for the subject";
    PermitUnknown "permit_unknown" "You do not have access to this." "a permit could apply, but a value it reads is missing";
    Forbidden "forbidden" "This is not allowed." "a forbid rule applied";
    ForbidUnknown "forbid_unknown" "This is not allowed." "a forbid rule reads a value that is missing, which counts as applying";
    RequirementFailed "requirement_failed" "A condition for access is not met." "a require rule does not hold";
    RequirementUnknown "requirement_unknown" "A condition for access is not met." "a require rule reads a value that is missing, which counts as failing";
    NotSupportedYet "not_supported_yet" "This kind of request is not supported." "the request carries a delegation chain, an intent, a transaction or tokens, which this release does not decide";
    InvalidItem "invalid_item" "This request is incomplete." "an item of a batch is not a complete question and is answered false";
    UnknownAction "unknown_action" "You do not have access to this." "no policy declares the action for the resource type";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_read_back() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
            assert!(reason.code().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{reason}");
            assert!(!reason.meaning().is_empty() && reason.user_text().ends_with('.'));
        }
        let codes: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|r| r.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
    }
}
