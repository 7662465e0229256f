//! The rules, category by category.

use super::Concept;
use crate::injection::Category::{self, self as C};
use crate::injection::words::*;

/// A sequence of concepts.
pub struct Rule {
    pub category: Category,
    /// Weight in a user's own text, and in a text of others, per mille.
    pub weights: (u16, u16),
    /// The first concept, then each with the most tokens it may stand behind the one before.
    pub slots: &'static [(Concept, u8)],
    /// One of these must stand within the sequence, or four tokens around; 0 if nothing must.
    pub near: Concept,
}

const fn rule(
    category: Category,
    weights: (u16, u16),
    slots: &'static [(Concept, u8)],
    near: Concept,
) -> Rule {
    Rule { category, weights, slots, near }
}

pub static RULES: [Rule; 107] = [
    // Earlier instructions shall no longer hold.
    rule(
        C::InstructionOverride,
        (900, 950),
        &[(OVERRIDE, 0), (INSTR, 6)],
        PRIOR | ALL | YOUR | SYSTEM | TOLD,
    ),
    rule(C::InstructionOverride, (850, 900), &[(OVERRIDE, 0), (LIMITS, 6)], PRIOR | YOUR),
    rule(C::InstructionOverride, (850, 900), &[(INSTR | LIMITS, 0), (OVERRIDE, 5)], LANG),
    rule(C::InstructionOverride, (850, 900), &[(OVERRIDE, 0), (ALL, 3), (PRIOR | TOLD, 5)], 0),
    rule(C::InstructionOverride, (600, 750), &[(OVERRIDE, 0), (TOLD, 6)], PRIOR | ALL | INSTR | SYSTEM),
    rule(C::InstructionOverride, (600, 800), &[(OVERRIDE, 0), (PRIOR, 3), (CHAT | NOTE, 2)], 0),
    rule(
        C::InstructionOverride,
        (900, 950),
        &[(OVERRIDE, 0), (SYSTEM, 4), (INSTR | PROMPT | NOTE | LIMITS, 2)],
        0,
    ),
    rule(
        C::InstructionOverride,
        (850, 900),
        &[(NOT, 0), (FOLLOW, 2), (INSTR | LIMITS, 6)],
        PRIOR | YOUR | ALL | SYSTEM,
    ),
    rule(C::InstructionOverride, (700, 800), &[(WITHOUT, 0), (NOTE, 1), (INSTR | PRIOR | LIMITS, 6)], 0),
    rule(C::InstructionOverride, (450, 700), &[(NEW, 0), (INSTR, 2)], YOUR | FOLLOW | NOW | AI),
    rule(C::InstructionOverride, (750, 850), &[(FOLLOW, 0), (NEW, 4), (INSTR | LIMITS, 2)], 0),
    rule(
        C::InstructionOverride,
        (850, 900),
        &[(DISABLE, 0), (YOUR | ALL, 3), (LIMITS | INSTR, 4)],
        AI | YOUR | SYSTEM,
    ),
    rule(C::InstructionOverride, (800, 900), &[(OPEN, 0), (OVERRIDE, 1)], 0),
    rule(C::InstructionOverride, (800, 850), &[(BOUND, 0), (LIMITS | INSTR | POLICY, 5)], NOT | WITHOUT),
    rule(
        C::InstructionOverride,
        (750, 850),
        &[(PRIOR, 0), (INSTR | LIMITS, 2), (BOUND | OVERRIDE | WITHOUT | NOT | DISABLE, 4)],
        NOW | WITHOUT | OVERRIDE,
    ),
    rule(C::InstructionOverride, (650, 800), &[(NOW, 0), (YOU, 3), (FOLLOW, 4)], MUST | LIMITS | INSTR),
    // The model shall tell its own instructions.
    rule(C::PromptExfiltration, (850, 900), &[(REVEAL, 0), (SYSTEM, 6), (PROMPT | INSTR | NOTE, 3)], 0),
    rule(C::PromptExfiltration, (850, 900), &[(REVEAL, 0), (YOUR, 8), (INSTR | PROMPT, 5)], 0),
    rule(C::PromptExfiltration, (350, 550), &[(REVEAL, 0), (YOUR, 4), (LIMITS, 4)], SYSTEM | AI | INSTR),
    rule(
        C::PromptExfiltration,
        (750, 800),
        &[(ASK, 0), (YOUR, 5), (INSTR | PROMPT, 3)],
        SYSTEM | PRIOR | PROMPT,
    ),
    rule(C::PromptExfiltration, (700, 800), &[(REPEAT, 0), (ALL | CHAT, 3), (PRIOR, 4)], 0),
    rule(C::PromptExfiltration, (700, 800), &[(REVEAL, 0), (INSTR | PROMPT, 5), (YOU, 3)], TOLD | PRIOR),
    rule(C::PromptExfiltration, (750, 800), &[(REVEAL, 0), (PROMPT, 4)], YOUR | SYSTEM | PRIOR),
    rule(C::PromptExfiltration, (700, 800), &[(INSTR | PROMPT, 0), (REVEAL, 4)], LANG),
    // The model shall be somebody else.
    rule(C::RoleSwitch, (250, 400), &[(YOU, 0), (ARE, 1), (NOW, 1)], 0),
    rule(
        C::RoleSwitch,
        (800, 850),
        &[(YOU, 0), (ARE, 2), (FREE | PRIVILEGED, 8)],
        NOW | AI | LIMITS | WITHOUT | MODE,
    ),
    rule(C::RoleSwitch, (700, 800), &[(YOU, 0), (ARE, 1), (NOW, 1), (AI | PERSONA | MODE, 8)], 0),
    rule(
        C::RoleSwitch,
        (700, 800),
        &[(NOW, 0), (YOU, 2), (ARE | ACT | PERSONA, 3), (AI | PERSONA | FREE | PRIVILEGED | WITHOUT, 10)],
        0,
    ),
    rule(C::RoleSwitch, (750, 850), &[(ACT, 0), (PRIVILEGED | FREE, 6)], 0),
    rule(C::RoleSwitch, (700, 800), &[(FREE, 0), (MODE | AI | PERSONA, 4)], YOU | ACT | NOW | OPEN),
    rule(C::RoleSwitch, (550, 700), &[(OPEN | YOU, 0), (SYSTEM | FREE, 4), (MODE, 1)], 0),
    rule(
        C::RoleSwitch,
        (650, 750),
        &[(AI | ACT | SAY | PERSONA, 0), (WITHOUT, 8), (LIMITS, 4)],
        YOU | ACT | SAY | YOUR,
    ),
    rule(C::RoleSwitch, (600, 700), &[(YOU, 0), (ARE, 1), (WITHOUT | NOT, 1), (AI | PERSONA, 6)], 0),
    rule(
        C::RoleSwitch,
        (600, 700),
        &[(ACT, 0), (YOU, 3), (ARE, 3), (WITHOUT | FREE | NOT, 8)],
        LIMITS | FREE | AI,
    ),
    rule(C::RoleSwitch, (600, 700), &[(ACT, 0), (AI | PERSONA, 6), (WITHOUT | NOT | FREE | OVERRIDE, 8)], 0),
    // Claimed authority or urgency in place of a check.
    rule(C::AuthorityUrgency, (600, 750), &[(WITHOUT | NOT, 0), (VERIFY, 4)], AUTHORITY | URGENT | VENDOR),
    rule(
        C::AuthorityUrgency,
        (600, 700),
        &[(I, 0), (AM, 1), (AUTHORITY | PRIVILEGED, 5)],
        MUST | OVERRIDE | FOLLOW | REVEAL | URGENT | PERMIT | SYSTEM | DISABLE | DEMAND,
    ),
    rule(
        C::AuthorityUrgency,
        (550, 700),
        &[(AUTHORITY | VENDOR, 0), (URGENT | PERMIT, 12), (FOLLOW | OVERRIDE | CALL | SEND | DISABLE, 12)],
        0,
    ),
    rule(C::AuthorityUrgency, (500, 700), &[(YOU, 0), (MUST, 2), (URGENT, 3)], 0),
    rule(
        C::AuthorityUrgency,
        (550, 700),
        &[(FROM, 0), (VENDOR, 4), (MUST | NOTE | AUTHORITY | SYSTEM | URGENT, 8)],
        AI | YOU | YOUR,
    ),
    rule(C::AuthorityUrgency, (500, 650), &[(URGENT, 0), (FOLLOW | OVERRIDE, 6)], YOU | AI | AUTHORITY | NOT),
    // A tool call inside data.
    rule(C::ToolSmuggling, (250, 450), &[(CALL, 0), (TOOL, 4)], 0),
    rule(C::ToolSmuggling, (450, 850), &[(CALL, 0), (TOOLNAME, 3), (TOOL, 4)], 0),
    // Data shall leave to an address.
    rule(C::DataExfiltration, (750, 900), &[(SEND, 0), (DATA | CHAT, 8), (URL, 14)], 0),
    rule(C::DataExfiltration, (600, 800), &[(DATA, 0), (SEND, 6), (URL, 10)], 0),
    rule(
        C::DataExfiltration,
        (300, 600),
        &[(SEND, 0), (ALL, 3), (DATA, 5)],
        YOUR | CONCEAL | URL | SYSTEM | LANG,
    ),
    rule(C::DataExfiltration, (550, 750), &[(CONCEAL, 0), (SEND, 6)], 0),
    rule(C::DataExfiltration, (550, 700), &[(REVEAL, 0), (ALL | YOUR, 3), (DATA, 4), (URL, 12)], 0),
    // A document that speaks to the model that reads it.
    rule(
        C::IndirectCarrier,
        (350, 700),
        &[(NOTE, 0), (TO | FROM, 1), (AI, 6)],
        MUST | READ | NOT | URGENT | ALL | FOLLOW | LIMITS,
    ),
    rule(
        C::IndirectCarrier,
        (450, 750),
        &[(NOTE, 0), (AI, 2)],
        READ | MUST | YOU | OVERRIDE | FOLLOW | SEND | CALL | REVEAL,
    ),
    rule(C::IndirectCarrier, (600, 800), &[(WHEN, 0), (YOU, 1), (ARE, 1), (AI, 5)], 0),
    rule(
        C::IndirectCarrier,
        (500, 750),
        &[(AI, 0), (READ, 4), (MUST | SEND | CALL | OVERRIDE | REVEAL | SAY | PERMIT, 10)],
        0,
    ),
    rule(C::IndirectCarrier, (500, 750), &[(WHEN, 0), (AI, 4), (READ, 3)], 0),
    // An earlier or later turn shall give force to this one.
    rule(
        C::MultiTurn,
        (650, 750),
        &[
            (I | YOU, 0),
            (AGREED, 4),
            (OVERRIDE | REVEAL | SEND | CALL | NOT | DISABLE | FOLLOW | WITHOUT, 12),
        ],
        YOU,
    ),
    rule(
        C::MultiTurn,
        (600, 700),
        &[(WHEN, 0), (I, 1), (SAY, 3), (YOU, 14)],
        MUST | FOLLOW | REVEAL | SEND | CALL | OVERRIDE | DISABLE,
    ),
    rule(C::MultiTurn, (550, 650), &[(AGAIN, 0), (NOTE | LATER | INSTR | LIMITS, 6), (LATER, 8)], 0),
    rule(
        C::MultiTurn,
        (550, 650),
        &[(LATER, 0), (NOTE | CHAT | SAY, 2), (OVERRIDE | FOLLOW | REVEAL | CALL | SEND | DISABLE, 12)],
        YOU | I,
    ),
    rule(
        C::MultiTurn,
        (550, 650),
        &[(NOT, 0), (SAY | ACT | FOLLOW, 3), (AGAIN, 4)],
        LATER | PRIOR | NOTE | I,
    ),
    rule(
        C::MultiTurn,
        (550, 650),
        &[(AGAIN, 0), (YOU, 8), (REVEAL | OVERRIDE | SEND | DISABLE, 10)],
        PRIOR | AGREED | TOLD | FROM,
    ),
    // The model shall not refuse, warn or ask.
    rule(C::RefusalSuppression, (650, 750), &[(NOT, 0), (REFUSE, 4)], 0),
    rule(
        C::RefusalSuppression,
        (600, 700),
        &[(WITHOUT | NOT, 0), (DISCLAIMER | REFUSE, 6)],
        SAY | YOU | YOUR | REVEAL,
    ),
    rule(C::RefusalSuppression, (700, 800), &[(SAY | OPEN, 0), (SURE, 8)], YOUR | MUST),
    rule(
        C::RefusalSuppression,
        (650, 750),
        &[(NOT, 0), (SAY | REVEAL, 3), (NOT | WEAKREFUSE | REFUSE, 6)],
        YOU | I,
    ),
    rule(
        C::RefusalSuppression,
        (500, 600),
        &[(YOU, 0), (NOT, 2), (WEAKREFUSE, 3)],
        MUST | LIMITS | ALL | FOLLOW,
    ),
    // Rules of access inside data.
    rule(C::PolicyInjection, (350, 700), &[(PERMIT, 0), (ALL, 3), (ACCESS | CALL, 4)], 0),
    rule(C::PolicyInjection, (600, 750), &[(POLICY, 0), (NEW | OVERRIDE, 3), (PERMIT, 12)], ALL | ACCESS),
    rule(C::PolicyInjection, (600, 750), &[(NEW, 0), (POLICY, 3), (PERMIT | ALL, 10)], PERMIT),
    rule(C::PolicyInjection, (600, 750), &[(ALL, 0), (ACCESS, 3), (PERMIT, 4)], NOW | POLICY | MUST | URGENT),
    rule(C::PolicyInjection, (500, 650), &[(POLICY, 0), (PERMIT, 5), (ALL, 4)], ACCESS | CALL),
    // Encodings named beside an order to carry out what they hide.
    rule(C::Obfuscation, (550, 700), &[(DECODE, 0), (FOLLOW | CALL, 8)], 0),
    rule(C::Obfuscation, (450, 600), &[(FOLLOW | CALL, 0), (DECODE, 6)], 0),
    rule(C::InstructionOverride, (750, 850), &[(INSTR | LIMITS, 0), (CANCEL, 6)], YOUR | PRIOR | ALL | YOU),
    rule(C::InstructionOverride, (700, 800), &[(NEW, 0), (INSTR, 2), (FOLLOW, 8)], YOU | NOW),
    rule(C::PromptExfiltration, (600, 700), &[(PROMPT | INSTR, 0), (YOUR, 3), (SYSTEM, 2)], 0),
    rule(C::RoleSwitch, (550, 650), &[(PERSONA, 0), (WITHOUT, 8), (LIMITS, 3)], 0),
    rule(C::RoleSwitch, (700, 800), &[(NOW, 0), (ARE, 2), (PRIVILEGED | FREE | AI, 4)], 0),
    rule(
        C::AuthorityUrgency,
        (550, 700),
        &[(AUTHORITY | VENDOR, 0), (URGENT | PERMIT, 12), (NOT | WITHOUT, 8), (VERIFY, 4)],
        0,
    ),
    rule(C::AuthorityUrgency, (550, 700), &[(VENDOR, 0), (AI | YOU, 8), (FOLLOW | MUST, 4)], 0),
    rule(C::AuthorityUrgency, (550, 700), &[(AUTHORITY, 0), (AI | YOU, 8), (FOLLOW, 4)], 0),
    rule(C::AuthorityUrgency, (550, 650), &[(YOU, 0), (MUST, 2), (FOLLOW, 4)], URGENT | AUTHORITY | DEMAND),
    rule(C::AuthorityUrgency, (600, 750), &[(FROM, 0), (AUTHORITY, 4), (OVERRIDE, 4)], 0),
    rule(C::AuthorityUrgency, (600, 750), &[(OVERRIDE, 0), (VERIFY, 4)], AUTHORITY | URGENT | PERMIT),
    rule(C::DataExfiltration, (650, 800), &[(SAY | SEND, 0), (DATA, 6), (PARAM, 6), (URL, 8)], 0),
    rule(
        C::IndirectCarrier,
        (350, 700),
        &[(NOTE, 0), (FOR, 1), (AI, 6)],
        MUST | READ | NOT | URGENT | ALL | FOLLOW | LIMITS | REVEAL | SAY,
    ),
    rule(C::IndirectCarrier, (550, 750), &[(SYSTEM, 0), (NOTE, 1), (AI, 5)], 0),
    rule(
        C::MultiTurn,
        (600, 700),
        &[(I | YOU, 0), (AGREED, 4), (OVERRIDE | DISABLE | WITHOUT | NOT | REVEAL, 12)],
        VERIFY | LIMITS | INSTR | POLICY | SYSTEM,
    ),
    rule(
        C::MultiTurn,
        (550, 650),
        &[(AGAIN, 0), (HALT, 6), (REVEAL | OVERRIDE | SEND | DISABLE | CALL, 10)],
        YOU,
    ),
    rule(C::ToolSmuggling, (300, 600), &[(CALLS, 0), (TOOL, 4)], 0),
    rule(
        C::InstructionOverride,
        (700, 800),
        &[(INSTR | LIMITS, 0), (NOT | WITHOUT, 4), (APPLY, 4)],
        YOU | YOUR | PRIOR | ALL,
    ),
    rule(
        C::InstructionOverride,
        (700, 800),
        &[(WITHOUT, 0), (INSTR | LIMITS, 4), (APPLY, 4)],
        PRIOR | YOUR | ALL,
    ),
    rule(
        C::InstructionOverride,
        (700, 800),
        &[(ALL, 0), (INSTR | LIMITS, 4), (TOLD, 4)],
        OVERRIDE | NOW | OMIT,
    ),
    rule(C::InstructionOverride, (650, 750), &[(OMIT, 0), (INSTR, 5)], PRIOR | ALL | YOUR | TOLD),
    rule(C::InstructionOverride, (650, 750), &[(INSTR | LIMITS, 0), (PRIOR, 4), (OVERRIDE, 4)], 0),
    rule(C::PromptExfiltration, (600, 700), &[(REVEAL, 0), (INSTR | PROMPT, 5)], VERBATIM | AI),
    rule(C::PromptExfiltration, (600, 700), &[(REVEAL, 0), (INSTR | PROMPT, 6), (YOU | AI, 3), (TOLD, 4)], 0),
    rule(C::PromptExfiltration, (600, 700), &[(REVEAL, 0), (INSTR | PROMPT, 4)], LANG),
    rule(C::RoleSwitch, (650, 750), &[(NOW, 0), (YOUR, 3), (PERSONA, 2)], 0),
    rule(C::RoleSwitch, (650, 750), &[(YOU, 0), (ARE, 2), (AI, 5), (WITHOUT | FREE, 4)], 0),
    rule(C::RoleSwitch, (650, 750), &[(ACT, 0), (WITHOUT | NOT, 8), (LIMITS, 4)], 0),
    rule(C::AuthorityUrgency, (600, 700), &[(PERMIT, 0), (YOU, 2), (OVERRIDE | DISABLE | REVEAL, 4)], 0),
    rule(
        C::AuthorityUrgency,
        (600, 700),
        &[(AUTHORITY | VENDOR, 0), (TOLD | DEMAND, 6), (YOU | AI, 4), (MUST, 2)],
        0,
    ),
    rule(C::AuthorityUrgency, (500, 650), &[(I, 0), (DEMAND, 3), (YOU, 4)], 0),
    rule(C::IndirectCarrier, (500, 700), &[(YOU, 0), (ARE, 2), (AI, 5), (READ, 3)], 0),
    rule(C::IndirectCarrier, (400, 700), &[(INSTR, 0), (FOR | TO, 1), (AI, 3)], 0),
    rule(
        C::MultiTurn,
        (550, 650),
        &[(WHEN, 0), (SAY, 4), (YOU, 8), (MUST, 2)],
        REVEAL | SEND | CALL | OVERRIDE | DISABLE | FOLLOW,
    ),
    rule(C::RefusalSuppression, (600, 700), &[(FORBID, 0), (REFUSE, 6)], 0),
    rule(C::RefusalSuppression, (550, 650), &[(OMIT, 0), (DISCLAIMER, 5)], SAY | YOUR | ALL | YOU),
];
