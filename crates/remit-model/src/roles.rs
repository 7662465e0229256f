//! Which declared types play the parts of agents, skills and tools, and which relations join them. Found by name
//! and by where relations lead; knows no policy.

use crate::{AttrId, Schema, TypeId};

/// The types and relations of the agents' world, as far as a schema declares them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// The type named `agent`, in any case of its letters.
    pub agent: Option<TypeId>,
    /// The type named `skill`.
    pub skill: Option<TypeId>,
    /// The type named `tool`.
    pub tool: Option<TypeId>,
    /// Relations of agents that can end in a skill.
    pub skills: Vec<AttrId>,
    /// Relations of skills that can end in a tool.
    pub tools: Vec<AttrId>,
}

impl Roles {
    /// Finds the parts in a schema.
    #[must_use]
    pub fn of(schema: &Schema) -> Self {
        let named = |name: &str| {
            let exact = schema.type_id(name);
            exact.or_else(|| {
                let mut like = schema.types().iter().filter(|of| of.name.as_str().eq_ignore_ascii_case(name));
                // Two spellings of one name leave open which is meant; then neither is.
                let found = like.next().filter(|_| like.next().is_none())?;
                schema.type_id(found.name.as_str())
            })
        };
        let (agent, skill, tool) = (named("agent"), named("skill"), named("tool"));
        let leading = |from: Option<TypeId>, to: Option<TypeId>| -> Vec<AttrId> {
            let (Some(from), Some(to)) = (from.and_then(|id| schema.entity_type(id)), to) else {
                return Vec::new();
            };
            let relations = from.attributes.iter().filter(|attribute| {
                attribute.relation.as_ref().is_some_and(|relation| relation.targets.contains(&to))
            });
            relations.map(|attribute| attribute.id).collect()
        };
        Self { agent, skill, tool, skills: leading(agent, skill), tools: leading(skill, tool) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Attribute, Name, Provenance, Relation, Ty};

    fn schema(types: [&str; 3]) -> Schema {
        let mut builder = Schema::builder();
        let name = |text: &str| Name::new(text).unwrap();
        let [agent, skill, tool] = types.map(|of| builder.declare_type(name(of)).unwrap());
        for (from, relation, to) in [(agent, "can", skill), (agent, "knows", agent), (skill, "with", tool)] {
            let id = builder.attr(&name(relation)).unwrap();
            let targets: Arc<[TypeId]> = Arc::from([to]);
            let of =
                Relation { targets: Arc::clone(&targets), many: true, membership: false, properties: vec![] };
            let attribute = Attribute {
                id,
                name: name(relation),
                ty: Ty::Entity(targets).set(),
                optional: false,
                sources: vec![Provenance::Graph],
                relation: Some(of),
            };
            builder.add_attribute(from, attribute).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn types_are_found_by_name_and_relations_by_where_they_lead() {
        let schema = schema(["Agent", "Skill", "tool"]);
        let roles = Roles::of(&schema);
        assert_eq!((roles.agent, roles.tool), (schema.type_id("Agent"), schema.type_id("tool")));
        assert_eq!(roles.skills, vec![schema.attr_id("can").unwrap()]);
        assert_eq!(roles.tools, vec![schema.attr_id("with").unwrap()]);
    }

    #[test]
    fn what_is_not_declared_plays_no_part() {
        let roles = Roles::of(&schema(["robot", "skill", "tool"]));
        assert_eq!((roles.agent, roles.skills), (None, vec![]));
        assert_eq!(Roles::of(&schema(["Agent", "AGENT", "tool"])).agent, None, "which one is open");
    }
}
