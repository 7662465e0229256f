//! The types of a graph: read from its documents, or as far as policies themselves name both ends of every edge. Knows
//! which relations lead from where to where, and of which type a property is.

use std::collections::{BTreeMap, BTreeSet};

use remit_json::{Json, Kind, Object};

use super::policy::Reader;

/// Types by name.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) types: BTreeMap<String, NodeType>,
    /// From type and relation to where it leads.
    pub(super) relations: BTreeMap<(String, String), Relation>,
    /// Edges that name a node which no document holds.
    pub(super) dangling: usize,
    /// Read from documents, rather than from what policies say.
    pub(super) known: bool,
}

/// A type of node.
#[derive(Debug, Default)]
pub(super) struct NodeType {
    pub(super) properties: BTreeMap<String, Property>,
    pub(super) nodes: usize,
    /// How many are marked as identities.
    pub(super) identities: usize,
}

/// A property of nodes or edges.
#[derive(Debug, Default)]
pub(super) struct Property {
    /// The types of its values, as the language names them.
    pub(super) types: BTreeSet<&'static str>,
    /// How many have it.
    pub(super) count: usize,
    /// Some value is resolved elsewhere.
    pub(super) external: bool,
}

/// Edges of one name from one type.
#[derive(Debug, Default)]
pub(super) struct Relation {
    pub(super) targets: BTreeSet<String>,
    pub(super) properties: BTreeMap<String, Property>,
    pub(super) count: usize,
}

impl Property {
    /// The type that holds every value, when there is one.
    pub(super) fn ty(&self) -> Option<&'static str> {
        match self.types.iter().copied().collect::<Vec<_>>().as_slice() {
            [] if self.external => Some("string"),
            [one] => Some(one),
            ["decimal", "int"] => Some("decimal"),
            ["set<decimal>", "set<int>"] => Some("set<decimal>"),
            _ => None,
        }
    }
}

impl Graph {
    /// Where a relation leads from a type, read forwards or backwards.
    pub(super) fn ends(&self, from: &str, relation: &str, backwards: bool) -> BTreeSet<String> {
        if !backwards {
            let key = (from.to_owned(), relation.to_owned());
            return self.relations.get(&key).map(|it| it.targets.clone()).unwrap_or_default();
        }
        let leading =
            self.relations.iter().filter(|((_, name), it)| name == relation && it.targets.contains(from));
        leading.map(|((of, _), _)| of.clone()).collect()
    }

    /// The type of that name, made when it is new.
    pub(super) fn of(&mut self, name: &str) -> &mut NodeType {
        self.types.entry(name.to_owned()).or_default()
    }

    /// Adds what a document holds.
    pub(super) fn read(
        &mut self,
        json: &Json<'_>,
        nodes: &mut BTreeSet<(String, String)>,
        reader: &mut Reader<'_, '_, '_>,
    ) {
        let Some(object) = json.as_object() else {
            let at = reader.place(json.at);
            return reader.findings.refuse("kbac/graph", at, "a graph document is an object");
        };
        for node in list(object, &["nodes"]) {
            match self.node(node) {
                Some(key) => drop(nodes.insert(key)),
                None => {
                    let at = reader.place(node.at);
                    reader.findings.refuse(
                        "kbac/graph",
                        at,
                        "a node has a `type` and an `external_id` or `id`",
                    );
                }
            }
        }
    }

    /// Adds the edges of a document; nodes of all documents are known by then.
    pub(super) fn read_edges(
        &mut self,
        json: &Json<'_>,
        nodes: &BTreeSet<(String, String)>,
        reader: &mut Reader<'_, '_, '_>,
    ) {
        let Some(object) = json.as_object() else { return };
        for edge in list(object, &["relationships", "edges"]) {
            if self.edge(edge, nodes).is_none() {
                let at = reader.place(edge.at);
                reader.findings.refuse("kbac/graph", at, "an edge has a source, a type and a target");
            }
        }
    }

    fn node(&mut self, json: &Json<'_>) -> Option<(String, String)> {
        let object = json.as_object()?;
        let key = key(json)?;
        let of = self.of(&key.0);
        of.nodes += 1;
        of.identities += usize::from(object.get("is_identity").and_then(Json::as_bool) == Some(true));
        properties(object, &mut of.properties);
        // Plain edges of our own spelling, `"relations": {"member_of": ["team:x"]}`, name types by what stands before the colon.
        let relations = object.get("relations").and_then(Json::as_object);
        for member in relations.into_iter().flatten() {
            let targets = member.value.as_array().map_or(std::slice::from_ref(&member.value), |items| items);
            for target in targets {
                let kind =
                    target.as_str().and_then(|text| text.split_once(':')).map(|(kind, _)| kind.to_owned());
                let kind = kind.or_else(|| self::key(target).map(|key| key.0))?;
                self.link(&key.0, &member.key, &kind);
            }
        }
        Some(key)
    }

    fn edge(&mut self, json: &Json<'_>, nodes: &BTreeSet<(String, String)>) -> Option<()> {
        let object = json.as_object()?;
        let from = key(object.get("source").or_else(|| object.get("from"))?)?;
        let to = key(object.get("target").or_else(|| object.get("to"))?)?;
        let relation = object.get("type").or_else(|| object.get("relation"))?.as_str()?;
        self.dangling += usize::from(!nodes.contains(&from) || !nodes.contains(&to));
        let found = self.link(&from.0, relation, &to.0);
        properties(object, &mut found.properties);
        Some(())
    }

    /// Adds an edge between types.
    pub(super) fn link(&mut self, from: &str, relation: &str, to: &str) -> &mut Relation {
        self.of(from);
        self.of(to);
        let found = self.relations.entry((from.to_owned(), relation.to_owned())).or_default();
        found.targets.insert(to.to_owned());
        found.count += 1;
        found
    }
}

fn list<'j>(object: &'j Object<'j>, names: &[&str]) -> &'j [Json<'j>] {
    names.iter().find_map(|name| object.get(name)).and_then(Json::as_array).unwrap_or(&[])
}

/// Type and id of a node or of a reference to one.
fn key(json: &Json<'_>) -> Option<(String, String)> {
    if let Some((kind, id)) = json.as_str().and_then(|text| text.split_once(':')) {
        return Some((kind.to_owned(), id.to_owned()));
    }
    let object = json.as_object()?;
    let id = object.get("external_id").or_else(|| object.get("id"))?.as_str()?;
    Some((object.get("type")?.as_str()?.to_owned(), id.to_owned()))
}

/// Adds the properties of a node or an edge, in either spelling.
fn properties(object: &Object<'_>, out: &mut BTreeMap<String, Property>) {
    match object.get("properties").map(|it| &it.kind) {
        Some(Kind::Array(items)) => {
            for item in items {
                let Some(members) = item.as_object() else { continue };
                let Some(name) = members.get("type").and_then(Json::as_str) else { continue };
                let property = out.entry(name.to_owned()).or_default();
                property.count += 1;
                match members.get("value") {
                    Some(value) => drop(ty(value).map(|ty| property.types.insert(ty))),
                    None => property.external = true,
                }
            }
        }
        Some(Kind::Object(members)) => {
            for member in members {
                let property = out.entry(member.key.to_string()).or_default();
                property.count += 1;
                let value = member.value.as_object().and_then(|it| it.get("value")).unwrap_or(&member.value);
                property.types.extend(ty(value));
            }
        }
        Some(Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_)) | None => {}
    }
}

/// The type that a value has.
fn ty(json: &Json<'_>) -> Option<&'static str> {
    Some(match &json.kind {
        Kind::Bool(_) => "bool",
        Kind::Number(number) if number.scale() == 0 => "int",
        Kind::Number(_) => "decimal",
        Kind::String(_) => "string",
        Kind::Array(items) => {
            let types: BTreeSet<_> = items.iter().map(ty).collect();
            match types.into_iter().collect::<Vec<_>>().as_slice() {
                [] | [Some("string")] => "set<string>",
                [Some("int")] => "set<int>",
                [Some("decimal")] | [Some("decimal"), Some("int")] => "set<decimal>",
                [Some("bool")] => "set<bool>",
                _ => "mixed values",
            }
        }
        Kind::Null => return None,
        Kind::Object(_) => "an object",
    })
}
