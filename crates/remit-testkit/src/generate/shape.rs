//! The declarations of a generated policy set: which types, attributes, actions and limits there are this time.

use std::fmt::Write as _;

use crate::random::Random;

/// Names of the entity types, in declaration order.
pub const TYPES: [&str; 7] = ["user", "agent", "group", "team", "folder", "doc", "device"];
const USER: usize = 0;
const AGENT: usize = 1;
const GROUP: usize = 2;
const TEAM: usize = 3;
const FOLDER: usize = 4;
const DOC: usize = 5;
const DEVICE: usize = 6;

/// Levels with their members, weakest first.
pub const LEVELS: [(&str, [&str; 3]); 2] =
    [("classification", ["public", "internal", "secret"]), ("tier", ["low", "mid", "high"])];

/// The type of a generated value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Bool,
    Int,
    Decimal,
    Text,
    Time,
    Span,
    Ip,
    Level(usize),
    /// An entity of one of these types.
    Entity(Vec<usize>),
    /// A set of these.
    Set(Box<Kind>),
}

impl Kind {
    /// A set of this kind.
    #[must_use]
    pub fn set(self) -> Self {
        Self::Set(Box::new(self))
    }

    fn write(&self) -> String {
        match self {
            Self::Bool => "bool".into(),
            Self::Int => "int".into(),
            Self::Decimal => "decimal".into(),
            Self::Text => "string".into(),
            Self::Time => "time".into(),
            Self::Span => "duration".into(),
            Self::Ip => "ip".into(),
            Self::Level(level) => LEVELS.get(*level).map_or("", |(name, _)| name).into(),
            Self::Entity(types) => {
                let names: Vec<&str> = types.iter().filter_map(|id| TYPES.get(*id)).copied().collect();
                names.join(" | ")
            }
            Self::Set(inner) => format!("set<{}>", inner.write()),
        }
    }
}

/// A named, typed member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldShape {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Declared with `?`.
    pub optional: bool,
}

/// An attribute of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeShape {
    /// Name, type and `?`.
    pub field: FieldShape,
    /// `from …`, or empty.
    pub sources: &'static str,
    /// Declared `membership`.
    pub membership: bool,
    /// Properties of its edges.
    pub edge: Vec<FieldShape>,
}

/// An action.
#[derive(Debug, Clone)]
pub struct ActionShape {
    /// Its name.
    pub name: &'static str,
    /// Resource types.
    pub on: Vec<usize>,
    /// Its properties.
    pub properties: Vec<FieldShape>,
}

/// All declarations.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Attributes per type; index as in `TYPES`.
    pub types: Vec<Vec<AttributeShape>>,
    /// Actions.
    pub actions: Vec<ActionShape>,
    /// Declared members of the context.
    pub context: Vec<FieldShape>,
    /// Limits: name, type and value as written.
    pub limits: Vec<(&'static str, Kind, String)>,
}

fn field(name: &'static str, kind: Kind, optional: bool) -> FieldShape {
    FieldShape { name, kind, optional }
}

fn scalars() -> Vec<(&'static str, Kind)> {
    vec![
        ("active", Kind::Bool),
        ("age", Kind::Int),
        ("balance", Kind::Decimal),
        ("email", Kind::Text),
        ("region", Kind::Text),
        ("joined", Kind::Time),
        ("ttl", Kind::Span),
        ("addr", Kind::Ip),
        ("clearance", Kind::Level(0)),
        ("grade", Kind::Level(1)),
        ("roles", Kind::Text.set()),
        ("scores", Kind::Int.set()),
        ("labels", Kind::Level(0).set()),
    ]
}

type RelationRow = (usize, &'static str, Kind, bool, bool, Vec<FieldShape>);

fn relations() -> Vec<RelationRow> {
    let one = |types: &[usize]| Kind::Entity(types.to_vec());
    let many = |types: &[usize]| Kind::Entity(types.to_vec()).set();
    let bond = vec![
        field("since", Kind::Time, true),
        field("weight", Kind::Int, true),
        field("tag", Kind::Text, true),
    ];
    vec![
        (USER, "member_of", many(&[GROUP]), false, false, vec![]),
        (USER, "manager", one(&[USER]), true, false, vec![]),
        (USER, "friends", many(&[USER]), false, false, bond.clone()),
        (USER, "home", one(&[FOLDER]), true, false, vec![]),
        (AGENT, "member_of", many(&[GROUP, TEAM]), false, false, vec![]),
        (AGENT, "works_for", one(&[USER]), true, false, vec![]),
        (AGENT, "invokes", many(&[FOLDER, DOC]), false, false, vec![field("flow", Kind::Text, true)]),
        (GROUP, "member_of", many(&[GROUP, TEAM]), false, false, vec![]),
        (GROUP, "lead", one(&[USER]), true, false, vec![]),
        (TEAM, "lead", one(&[USER]), true, false, vec![]),
        (FOLDER, "parent", one(&[FOLDER]), true, true, vec![]),
        (FOLDER, "owner", one(&[USER]), true, false, vec![]),
        (FOLDER, "readers", many(&[USER, GROUP]), false, false, bond.clone()),
        (DOC, "parent", one(&[FOLDER]), true, true, vec![]),
        (DOC, "owner", one(&[USER]), true, false, vec![]),
        (DOC, "readers", many(&[USER, GROUP]), false, false, bond),
        (DOC, "links", many(&[DOC]), false, false, vec![field("weight", Kind::Int, true)]),
        (DEVICE, "owner", one(&[USER]), true, false, vec![]),
        (DEVICE, "used_by", many(&[USER, AGENT]), false, false, vec![]),
    ]
}

impl Shape {
    /// Another shape for every state of `random`.
    #[must_use]
    pub fn generate(random: &mut Random) -> Self {
        let types = (0..TYPES.len()).map(|of| attributes(of, random)).collect();
        let amount = field("amount", if random.chance(50) { Kind::Decimal } else { Kind::Int }, false);
        let to = field("to", Kind::Entity(vec![USER]), true);
        let note = field("note", Kind::Text, true);
        let with = field("with", Kind::Entity(vec![USER, GROUP]), true);
        let due = field("due", Kind::Time, true);
        let tags = field("tags", Kind::Text.set(), true);
        let actions = vec![
            ActionShape { name: "read", on: vec![FOLDER, DOC], properties: vec![note.clone()] },
            ActionShape { name: "write", on: vec![DOC], properties: vec![amount.clone(), to, note] },
            ActionShape { name: "share", on: vec![FOLDER, DOC], properties: vec![with, amount, tags] },
            ActionShape { name: "visit", on: vec![USER, DEVICE, GROUP], properties: vec![due] },
        ];
        let mut context = vec![
            field("trace", Kind::Text, true),
            field("risk", Kind::Int, false),
            field("ip", Kind::Ip, true),
            field("at", Kind::Time, true),
            field("who", Kind::Entity(vec![USER]), true),
            field("tags", Kind::Text.set(), true),
            field("level", Kind::Level(0), true),
        ];
        context.retain(|_| random.chance(85));
        let limits = vec![
            ("max", Kind::Int, random.below(60).to_string()),
            ("rate", Kind::Decimal, format!("{}.5", random.below(40))),
            ("home", Kind::Text, format!("{:?}", random.word(&TEXTS))),
            ("age_max", Kind::Span, format!("{}d", 1 + random.below(20))),
            ("deadline", Kind::Time, format!("2026-01-{:02}", 1 + random.below(20))),
            ("net", Kind::Ip, "ip\"10.0.0.0/8\"".to_owned()),
        ];
        Self { types, actions, context, limits }
    }

    /// The declarations as policy text, without `package` line.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = String::new();
        for (name, members) in LEVELS {
            let _ = writeln!(text, "level {name} {{ {} }}", members.join(" < "));
        }
        for (name, _, value) in &self.limits {
            let _ = writeln!(text, "limit {name} = {value}");
        }
        for (name, attributes) in TYPES.iter().zip(&self.types) {
            let _ = writeln!(text, "entity {name} {{");
            for attribute in attributes {
                let _ = writeln!(text, "  {}", attribute.write());
            }
            let _ = writeln!(text, "}}");
        }
        for action in &self.actions {
            let on = Kind::Entity(action.on.clone()).write().replace(" | ", ", ");
            let _ = writeln!(text, "action {} on {on} {{ {} }}", action.name, fields(&action.properties));
        }
        let _ = writeln!(text, "context {{ {} }}", fields(&self.context));
        text
    }

    /// The attribute of that name of a type.
    #[must_use]
    pub fn attribute(&self, of: usize, name: &str) -> Option<&AttributeShape> {
        self.types.get(of)?.iter().find(|attribute| attribute.field.name == name)
    }
}

/// Texts that occur as values, few enough to meet.
pub const TEXTS: [&str; 7] = ["a", "b", "ab", "eu", "in", "eu-west", ""];

fn attributes(of: usize, random: &mut Random) -> Vec<AttributeShape> {
    const SOURCES: [&str; 12] = [
        "",
        "",
        "",
        "",
        "",
        "",
        " from request",
        " from request",
        " from request or graph",
        " from graph or request",
        " from token or request",
        " from graph",
    ];
    let mut all: Vec<AttributeShape> = Vec::new();
    for (name, kind) in scalars() {
        if random.chance(if of == GROUP || of == TEAM { 35 } else { 75 }) {
            let field = field(name, kind, random.chance(30));
            all.push(AttributeShape {
                field,
                sources: random.word(&SOURCES),
                membership: false,
                edge: vec![],
            });
        }
    }
    for (on, name, kind, optional, membership, edge) in relations() {
        // Without a relation of membership, a clause `T in E` is refused.
        if on == of && (membership || name == "member_of" || random.chance(90)) {
            // A relation comes from the graph alone, says the checker.
            all.push(AttributeShape { field: field(name, kind, optional), sources: "", membership, edge });
        }
    }
    all
}

impl AttributeShape {
    fn write(&self) -> String {
        let membership = if self.membership { "membership " } else { "" };
        let edge =
            if self.edge.is_empty() { String::new() } else { format!(" {{ {} }}", fields(&self.edge)) };
        format!("{membership}{}{edge}{}", self.field.write(), self.sources)
    }
}

impl FieldShape {
    fn write(&self) -> String {
        format!("{}: {}{}", self.name, self.kind.write(), if self.optional { "?" } else { "" })
    }
}

fn fields(all: &[FieldShape]) -> String {
    all.iter().map(FieldShape::write).collect::<Vec<_>>().join(", ")
}
