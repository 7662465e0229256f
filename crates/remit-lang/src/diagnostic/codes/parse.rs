//! Codes of the guard and the parser: the text is not of the language, or too large to be read.

use super::{Code, entry};

pub(super) const CODES: &[Code] = &[
    entry("parse/file-too-large", "the file has more bytes than a policy file may have"),
    entry("parse/too-many-items", "the file has more items than a policy file may have"),
    entry("parse/item-too-large", "an item has more bytes than an item may have"),
    entry("parse/too-deep", "brackets, quantifiers or other forms are nested deeper than allowed"),
    entry("parse/unclosed", "a bracket, brace, parenthesis or quote is opened and never closed"),
    entry("parse/unopened", "a closing bracket, brace or parenthesis has no opening one before it"),
    entry("parse/unknown-item", "no item of the language begins with this word"),
    entry("parse/unexpected", "the text cannot go on like this"),
    entry("parse/repeated-clause", "a clause of an `expect` stands twice"),
    entry("parse/number", "a number is not written as numbers are"),
    entry("parse/time", "a date or time is not written as dates and times are, or does not exist"),
    entry("parse/duration", "a duration is not written as durations are"),
    entry("parse/escape", "an escape in a text is not one of those that exist"),
    entry("parse/template", "a text with holes has a brace that opens or closes nothing"),
    entry("parse/hidden-character", "an invisible character would make the text read otherwise than it is"),
    entry("parse/control-character", "a control character stands where only a written-out escape may"),
    entry("parse/name", "a name is empty, too long, or holds a control character"),
    entry("parse/too-many-errors", "further errors of the file are not shown"),
];
