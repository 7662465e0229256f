//! Who acts, and with what: chain, delegation, fingerprint, skills. Plain look-ups in the lists of the world.

use remit_lang::checked::{Party, Selector, Term, Within};
use remit_model::{EntityRef, Reason, Value};

use super::eval::Reader;
use super::truth::Truth;
use super::world::Acting;

/// The bound that the engine documents.
const LONGEST: usize = 16;

fn is(kind: &str, entity: &EntityRef) -> bool {
    entity.kind.as_str().to_lowercase() == kind
}

impl Reader<'_> {
    /// The first thing that is wrong with those who act.
    pub(super) fn actor_fails(&self, acting: &Acting) -> Option<Reason> {
        let described = acting.tool.as_ref().is_some_and(|(_, hash)| hash.is_some());
        if acting.chain.is_empty() && !described {
            return None;
        }
        if acting.chain.len() > LONGEST {
            return Some(Reason::ChainTooDeep);
        }
        let mut seen: Vec<&EntityRef> = Vec::new();
        for agent in &acting.chain {
            if !is("agent", agent) || !self.recorded(agent) {
                return Some(Reason::ChainUnknownAgent);
            }
            if seen.contains(&agent) {
                return Some(Reason::ChainLoop);
            }
            if self.declares(agent, "enabled") && self.held(agent, "enabled") != Some(&Value::Bool(true)) {
                return Some(Reason::ChainAgentDisabled);
            }
            seen.push(agent);
        }
        let mut giver = &self.ask.subject.entity;
        for taker in acting.chain.iter().rev() {
            if self.declares(giver, "delegates") && !self.edge(giver, &["delegates"], taker) {
                return Some(Reason::ChainNotDelegated);
            }
            giver = taker;
        }
        if let Some((tool, Some(hash))) = &acting.tool
            && self.declares(tool, "definition_hash")
            && self.held(tool, "definition_hash") != Some(&Value::string(hash))
        {
            return Some(Reason::ToolFingerprintChanged);
        }
        let (agent, tool) = (acting.chain.first()?, self.tool()?);
        let direct = self.edge(agent, &["tools"], &tool);
        (!direct && self.skills_for(agent, &tool).0.is_empty()).then_some(Reason::ToolNotInSkill)
    }

    fn declares(&self, entity: &EntityRef, attribute: &str) -> bool {
        let of = self.type_of(entity).and_then(|of| self.schema().entity_type(of));
        of.is_some_and(|of| of.attributes.iter().any(|declared| declared.name.as_str() == attribute))
    }

    fn held(&self, entity: &EntityRef, attribute: &str) -> Option<&Value> {
        self.world.nodes.get(entity)?.get(attribute)
    }

    fn edge(&self, from: &EntityRef, relations: &[&str], to: &EntityRef) -> bool {
        self.world.edges.iter().any(|edge| {
            edge.from == *from
                && edge.to == *to
                && relations.contains(&edge.relation.as_str())
                && edge.holds_at(self.ask.now)
        })
    }

    /// The tool that is asked for.
    pub(super) fn tool(&self) -> Option<EntityRef> {
        let named = self.ask.acting.as_ref().and_then(|acting| acting.tool.as_ref());
        let resource = &self.ask.resource.entity;
        let is_tool = is("tool", resource) && self.type_of(resource).is_some();
        named.map(|(tool, _)| tool.clone()).or_else(|| is_tool.then(|| resource.clone()))
    }

    /// Everything the agent owns that is a skill, and whether there can be no more.
    pub(super) fn skills(&self, agent: &EntityRef) -> (Vec<EntityRef>, bool) {
        let edges =
            self.world.edges.iter().filter(|edge| {
                edge.from == *agent && edge.relation == "skills" && edge.holds_at(self.ask.now)
            });
        let skills = edges.map(|edge| edge.to.clone()).filter(|end| is("skill", end));
        (skills.collect(), self.recorded(agent))
    }

    /// The skills of the agent that use the tool.
    pub(super) fn skills_for(&self, agent: &EntityRef, tool: &EntityRef) -> (Vec<EntityRef>, bool) {
        let (all, complete) = self.skills(agent);
        let complete = complete && all.iter().all(|skill| self.recorded(skill));
        (all.into_iter().filter(|skill| self.edge(skill, &["tools"], tool)).collect(), complete)
    }

    /// `via`
    pub(super) fn goes_via(&self, via: &Selector) -> Truth {
        let Some(tool) = self.tool() else { return Truth::False };
        let actor = self.party(Party::Actor).entity.clone();
        via.terms.iter().fold(Truth::False, |found, term| {
            let (Term::Type(of) | Term::Entity(of, _) | Term::MemberOf(of, _)) = term;
            let of_skill = self.schema().entity_type(*of).is_some_and(|of| of.name.as_str() == "skill");
            found.or(if of_skill {
                let (skills, complete) = self.skills_for(&actor, &tool);
                let rest = if complete { Truth::False } else { Truth::Unknown };
                skills.iter().fold(rest, |found, skill| found.or(self.term(term, skill, None)))
            } else {
                self.term(term, &tool, None)
            })
        })
    }

    /// `within`
    pub(super) fn is_within(&self, within: &Within) -> bool {
        match self.ask.acting.as_ref().and_then(Acting::intent) {
            None => within.none,
            Some(intent) => {
                let named = intent.template.as_ref().map(ToString::to_string);
                within.intents.iter().any(|id| Some(id.to_string()) == named)
            }
        }
    }
}
