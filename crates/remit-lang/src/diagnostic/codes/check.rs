//! Codes of the checker: the text is of the language, yet refused or remarked under the schema.

use super::{Code, entry};

pub(super) const CODES: &[Code] = &[
    entry("check/unknown-type", "no entity type of this name is declared"),
    entry("check/not-supported-yet", "the form is of the language, but this release does not decide it"),
];
