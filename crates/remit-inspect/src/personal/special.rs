//! Special categories of personal data (GDPR article 9 and 10): a term and, near it, words that tie it to a person.

use crate::Kind;
use crate::context::{self as say, Context};
use crate::scan::{Hit, Scan};
use crate::token::Token;

/// A term, what must stand near it, what it says then.
const RULES: [(Context, Context, Kind); 9] = [
    (say::HEALTH, say::PERSONAL | say::TESTRESULT, Kind::Health),
    (say::GENETIC, say::PERSONAL | say::DNATERM, Kind::Genetic),
    (say::BIOMETRIC, say::PERSONAL | say::BIODATA, Kind::Biometric),
    (say::BELIEF, say::PERSONAL | say::RELIGION, Kind::Belief),
    (say::POLITICAL, say::PARTY, Kind::Political),
    (say::ETHNIC, say::PERSONAL | say::SCHEDULED, Kind::Ethnicity),
    (say::SEXUAL, say::PERSONAL | say::ORIENTATION, Kind::Sexuality),
    (say::UNIONWORD, say::TRADE | say::UNION, Kind::UnionMembership),
    (say::CRIME, say::CONVICT, Kind::CriminalRecord),
];

/// All terms.
pub const TERMS: Context = say::HEALTH
    | say::GENETIC
    | say::BIOMETRIC
    | say::BELIEF
    | say::POLITICAL
    | say::ETHNIC
    | say::SEXUAL
    | say::UNIONWORD
    | say::CRIME;

/// The term at that place.
pub fn detect(scan: &Scan<'_>, at: usize, meaning: Context, hits: &mut Vec<Hit>) {
    let Some(token) = scan.token(at) else { return };
    for (term, tie, kind) in RULES {
        if meaning & term == 0 || !scan.near_within(at, at, tie, 8, 7) {
            continue;
        }
        let technical =
            matches!(kind, Kind::Health | Kind::Biometric) && scan.near_within(at, at, say::CODEWORD, 4, 4);
        let personal = scan.near_within(at, at, say::PERSONAL, 8, 7);
        let needs_person = !matches!(kind, Kind::UnionMembership | Kind::CriminalRecord | Kind::Political);
        let score = match (technical, personal) {
            (true, _) => 300,
            (false, true) => 700,
            (false, false) if needs_person => 450,
            (false, false) => 600,
        };
        // `breast cancer` is one thing.
        let part = at.checked_sub(1).filter(|it| kind == Kind::Health && scan.context(*it) & say::BODY != 0);
        let start = part.and_then(|it| scan.token(it)).map_or(token.start(), Token::start);
        hits.push(Hit { kind, start, end: token.end(), score });
        return;
    }
}
