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
    NotSupportedYet "not_supported_yet" "This kind of request is not supported." "a search for subjects, or the properties of a subject, carry agents, an intent, a transaction or tokens, which only an evaluation decides";
    InvalidItem "invalid_item" "This request is incomplete." "an item of a batch is not a complete question and is answered false";
    UnknownAction "unknown_action" "You do not have access to this." "no policy declares the action for the resource type";
    TokenInvalid "token_invalid" "Your sign-in could not be verified." "a token that the request carries does not verify";
    SessionRevoked "session_revoked" "Please sign in again." "the session that a token is from was ended: it was revoked, a credential changed or the risk became high";
    ChainUnknownAgent "chain_unknown_agent" "The agent that acts for you is not known." "a member of the delegation chain is not an agent of the graph";
    ChainAgentDisabled "chain_agent_disabled" "The agent that acts for you is disabled." "a member of the delegation chain is disabled";
    ChainLoop "chain_loop" "The agent that acts for you may not do this." "an agent stands twice in the delegation chain";
    ChainTooDeep "chain_too_deep" "The agent that acts for you may not do this." "the delegation chain has more hops than are allowed";
    ChainNotDelegated "chain_not_delegated" "The agent that acts for you may not do this." "a member of the chain was not given its task by the one before";
    ChainShrunk "chain_shrunk" "The agent that acts for you may not do this." "an agent seen earlier in the transaction has left the delegation chain";
    ChainReordered "chain_reordered" "The agent that acts for you may not do this." "the agents seen earlier in the transaction stand in another order";
    AttributionLost "attribution_lost" "It is no longer clear for whom this is done." "the person on whose behalf the transaction runs disappeared or turned into a service account";
    AssuranceTooLow "assurance_too_low" "Please sign in with a stronger method." "the weakest assurance of subject and chain is below what is asked";
    SkillMissing "skill_missing" "The agent that acts for you cannot do this." "no skill of the agent fulfils the task";
    ToolNotInSkill "tool_not_in_skill" "The agent that acts for you cannot use this tool." "no skill of the agent uses the tool";
    ToolFingerprintChanged "tool_fingerprint_changed" "This tool has changed and awaits approval." "the tool's definition is not the one that was approved";
    SkillNotNeeded "skill_not_needed" "This is not part of what was asked for." "no open task of the intent needs a skill that uses the tool";
    IntentUnknown "intent_unknown" "This is not part of what was asked for." "the request names an intent that is not declared";
    IntentExpired "intent_expired" "The time for this task is over." "the intent is not valid at this time";
    IntentNotCovering "intent_not_covering" "This is not part of what was asked for." "no task of the intent contains the request";
    IntentWidened "intent_widened" "This goes beyond what was asked for." "an intent asks for more than the one it is derived from";
    IntentRequired "intent_required" "It must be stated what this is for." "a rule asks for an intent and the request carries none that counts";
    TaskOutOfOrder "task_out_of_order" "Another step must come first." "a task that must be done first is not done";
    TaskRepeated "task_repeated" "This has already been done." "the task has been done as often as the intent allows";
    BudgetExceeded "budget_exceeded" "This exceeds the limit that was set." "the step would spend more than is left of a budget";
    ArgumentNotAllowed "argument_not_allowed" "A detail of this request is not allowed." "an argument is outside what the task allows";
    ArgumentOriginUnknown "argument_origin_unknown" "It is not clear where a detail of this request comes from." "an argument does not come from any source that the task names";
    TransactionUnknown "transaction_unknown" "This task is not known." "no transaction has this id";
    TransactionExpired "transaction_expired" "The time for this task is over." "the transaction has expired";
    TransactionRevoked "transaction_revoked" "This task has been stopped." "the transaction, or one it is derived from, has been revoked";
    TransactionClosed "transaction_closed" "This task is finished." "the transaction, or one it is derived from, has been closed";
    TransactionForeign "transaction_foreign" "This task is not yours." "the transaction belongs to another subject";
    LabelForbids "label_forbids" "This is not allowed after what was read before." "a label of the transaction forbids the step";
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
