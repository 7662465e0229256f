//! `Cast`: which types of a schema are agents, skills and tools, and which relations join them. Types are found by
//! their names `agent`, `skill`, `tool` in any case; relations by the types they join, except `delegates`.

use remit_model::{AttrId, Attribute, Schema, TypeId};

/// Who plays which part in a schema.
#[derive(Debug, Default)]
pub(crate) struct Cast {
    agents: Vec<TypeId>,
    skills: Vec<TypeId>,
    tools: Vec<TypeId>,
    /// Agent to skill.
    pub owns: Vec<AttrId>,
    /// Skill to tool.
    pub uses: Vec<AttrId>,
    /// Agent to tool.
    pub has: Vec<AttrId>,
    enabled: Option<AttrId>,
    delegates: Option<AttrId>,
    definition: Option<AttrId>,
}

impl Cast {
    pub(crate) fn of(schema: &Schema) -> Self {
        let named = |name: &str| -> Vec<TypeId> {
            let types = schema.types().iter().zip(0..);
            let named = types.filter(|(of, _)| of.name.as_str().eq_ignore_ascii_case(name));
            named.map(|(_, at)| TypeId(at)).collect()
        };
        let (agents, skills, tools) = (named("agent"), named("skill"), named("tool"));
        Self {
            owns: relations(schema, &agents, &skills),
            uses: relations(schema, &skills, &tools),
            has: relations(schema, &agents, &tools),
            enabled: schema.attr_id("enabled"),
            delegates: schema.attr_id("delegates"),
            definition: schema.attr_id("definition_hash"),
            agents,
            skills,
            tools,
        }
    }

    pub(crate) fn is_agent(&self, of: Option<TypeId>) -> bool {
        of.is_some_and(|of| self.agents.contains(&of))
    }

    pub(crate) fn is_skill(&self, of: TypeId) -> bool {
        self.skills.contains(&of)
    }

    pub(crate) fn is_tool(&self, of: Option<TypeId>) -> bool {
        of.is_some_and(|of| self.tools.contains(&of))
    }

    /// The types of agents.
    pub(crate) fn agents(&self) -> &[TypeId] {
        &self.agents
    }

    /// The types of tools.
    pub(crate) fn tools(&self) -> &[TypeId] {
        &self.tools
    }

    /// The attribute `enabled` of the type, when it declares one.
    pub(crate) fn enabled(&self, schema: &Schema, of: TypeId) -> Option<AttrId> {
        declared(schema, of, self.enabled).map(|attribute| attribute.id)
    }

    /// The attribute `definition_hash` of the type, when it declares one.
    pub(crate) fn definition(&self, schema: &Schema, of: TypeId) -> Option<AttrId> {
        declared(schema, of, self.definition).map(|attribute| attribute.id)
    }

    /// The relation `delegates` of the type, when it declares one that can end in an agent.
    pub(crate) fn delegates(&self, schema: &Schema, of: TypeId) -> Option<AttrId> {
        let attribute = declared(schema, of, self.delegates)?;
        ends_in(attribute, &self.agents).then_some(attribute.id)
    }
}

fn declared(schema: &Schema, of: TypeId, attr: Option<AttrId>) -> Option<&Attribute> {
    schema.attribute(of, attr?)
}

fn ends_in(attribute: &Attribute, types: &[TypeId]) -> bool {
    let relation = attribute.relation.as_ref();
    relation.is_some_and(|relation| {
        relation.targets.is_empty() || relation.targets.iter().any(|of| types.contains(of))
    })
}

/// The relations from one of the types to one of the others.
fn relations(schema: &Schema, from: &[TypeId], to: &[TypeId]) -> Vec<AttrId> {
    let attributes = from.iter().filter_map(|of| schema.entity_type(*of)).flat_map(|of| &of.attributes);
    let joining = attributes.filter(|attribute| {
        let targets = attribute.relation.as_ref().map(|relation| &relation.targets);
        targets.is_some_and(|targets| targets.iter().any(|of| to.contains(of)))
    });
    let mut found: Vec<AttrId> = joining.map(|attribute| attribute.id).collect();
    found.sort_unstable();
    found.dedup();
    found
}
