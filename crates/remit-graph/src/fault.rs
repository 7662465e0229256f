//! Why a document, or a change, is refused; one cause each, without its place.

use remit_json::JsonError;
use remit_model::EntityRef;

/// One cause of refusal. Texts of the document stand in backticks, cut after 80 characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The text is not JSON as Remit reads it.
    #[error("{0}")]
    Json(JsonError),
    /// A value of another shape is needed here.
    #[error("expected {expected}, found {found}")]
    Shape {
        /// What may stand here.
        expected: &'static str,
        /// What does.
        found: &'static str,
    },
    /// A member that nothing defines.
    #[error("unknown member `{name}`{}", meant(.nearest.as_ref()))]
    UnknownMember {
        /// Its name.
        name: String,
        /// A member of a similar name.
        nearest: Option<String>,
    },
    /// A member that must be there.
    #[error("member `{name}` is missing")]
    MissingMember {
        /// Its name, or its names.
        name: &'static str,
    },
    /// Two members that say the same thing.
    #[error("`{first}` and `{second}` say the same thing: keep one")]
    TwoSpellings {
        /// The one that was read first.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// An id is empty or too long.
    #[error("an id has 1 to {limit} bytes, this one has {found}")]
    IdLength {
        /// The most bytes accepted.
        limit: usize,
        /// How many it has.
        found: usize,
    },
    /// The schema declares no such type.
    #[error("unknown entity type `{name}`{}", meant(.nearest.as_ref()))]
    UnknownType {
        /// The name.
        name: String,
        /// A declared type of a similar name.
        nearest: Option<String>,
    },
    /// A reference as text does not start with a declared type.
    #[error("`{text}` is no reference: write `type:id` with a declared type{}", meant(.nearest.as_ref()))]
    NoReference {
        /// The text.
        text: String,
        /// A declared type of a similar name.
        nearest: Option<String>,
    },
    /// The type has no such attribute.
    #[error("type `{of}` has no attribute `{name}`{}", meant(.nearest.as_ref()))]
    UnknownAttribute {
        /// The entity type.
        of: String,
        /// The name.
        name: String,
        /// An attribute of a similar name.
        nearest: Option<String>,
    },
    /// The type has no such relation.
    #[error("type `{of}` has no relation `{name}`{}", meant(.nearest.as_ref()))]
    UnknownRelation {
        /// The entity type.
        of: String,
        /// The name.
        name: String,
        /// A relation of a similar name.
        nearest: Option<String>,
    },
    /// Edges of the relation carry no such property.
    #[error("edges of `{relation}` have no property `{name}`{}", meant(.nearest.as_ref()))]
    UnknownEdgeProperty {
        /// The relation.
        relation: String,
        /// The name.
        name: String,
        /// A property of a similar name.
        nearest: Option<String>,
    },
    /// A relation stands where properties do.
    #[error("`{name}` is a relation: its values are edges, not properties")]
    IsRelation {
        /// The name.
        name: String,
    },
    /// A property stands where relations do.
    #[error("`{name}` is a property, not a relation")]
    IsProperty {
        /// The name.
        name: String,
    },
    /// The schema does not let the graph say this.
    #[error("`{name}` of `{of}` comes from {sources}, never from the graph")]
    NotFromGraph {
        /// The entity type.
        of: String,
        /// The attribute.
        name: String,
        /// Where it may come from.
        sources: String,
    },
    /// A value is not of the declared type.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// The declared type.
        expected: String,
        /// What stands here.
        found: String,
    },
    /// A property is given twice.
    #[error("property `{name}` is given twice")]
    DuplicateProperty {
        /// Its name.
        name: String,
    },
    /// A node is declared twice.
    #[error("node {node} is declared twice")]
    DuplicateNode {
        /// Its key.
        node: EntityRef,
    },
    /// The relation does not lead to such a node.
    #[error("`{relation}` leads to {expected}, not to `{found}`")]
    WrongTarget {
        /// The relation.
        relation: String,
        /// The types it leads to.
        expected: String,
        /// The type at the end of this edge.
        found: String,
    },
    /// A relation to one has more than one edge.
    #[error("`{relation}` of {from} leads to one node only: this is a second edge")]
    SecondEdge {
        /// The relation.
        relation: String,
        /// Where both edges start.
        from: EntityRef,
    },
    /// An end of an edge is declared nowhere.
    #[error("{} is declared nowhere", .missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and "))]
    Dangling {
        /// The ends without a node.
        missing: Vec<EntityRef>,
    },
    /// The interval of an edge is empty.
    #[error("the edge never holds: `valid_from` must be earlier than `valid_until`")]
    NeverHolds,
    /// An assurance level that is not defined.
    #[error("an assurance level is 1, 2 or 3")]
    AssuranceLevel,
    /// The thing to change or delete is not there.
    #[error("there is no {what}")]
    Absent {
        /// What was named.
        what: String,
    },
    /// The graph would outgrow its ids.
    #[error("a graph has at most {limit} {what}")]
    TooMany {
        /// `nodes`, `edges` or `bytes in a document`.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// The list of faults is cut here.
    #[error("more faults follow: only the first {limit} are listed")]
    More {
        /// How many are listed.
        limit: usize,
    },
}

fn meant(name: Option<&String>) -> String {
    name.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// A text of the document, cut so that it cannot fill a log line.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The candidate closest to `name`, when it is close enough to be what was meant.
pub(crate) fn closest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let name: Vec<char> = name.chars().take(80).collect();
    let bound = (name.len() / 3).max(1);
    let near = candidates.map(|candidate| (distance(&name, candidate), candidate));
    near.filter(|(distance, _)| *distance <= bound).min().map(|(_, candidate)| candidate.to_owned())
}

/// Insertions, deletions and replacements between two texts, ignoring case.
fn distance(left: &[char], right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    if left.len().abs_diff(right.len()) > left.len() {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.iter().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        let mut next = vec![before];
        for (to, above) in right.iter().zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(!from.eq_ignore_ascii_case(to));
            before = replaced.min(above + 1).min(before + 1);
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_close_names_are_suggested() {
        let known = ["email", "roles", "member_of", "manager"];
        let closest = |name| closest(name, known.into_iter());
        assert_eq!(closest("emial").as_deref(), None, "two edits in five letters are too many");
        assert_eq!(closest("emails").as_deref(), Some("email"));
        assert_eq!(closest("memberof").as_deref(), Some("member_of"));
        assert_eq!(closest("MANAGER").as_deref(), Some("manager"));
        assert_eq!(closest("x"), None);
        assert_eq!(distance(&['a', 'b', 'c'], "abd"), 1);
        assert_eq!(distance(&[], ""), 0);
    }
}
