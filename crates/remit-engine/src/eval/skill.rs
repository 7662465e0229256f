//! From an agent to a tool: directly, or over a skill that it owns and that uses the tool.

use remit_graph::NodeId;

use super::Eval;
use crate::query::Party;

impl<'a> Eval<'a> {
    /// The tool that is asked for: the one named, else the resource when it is a tool.
    pub(crate) fn tool(&self) -> Option<Party<'a>> {
        let named = self.query.agency.and_then(|agency| agency.tool).map(|tool| tool.party);
        let resource = self.query.resource;
        named.or_else(|| self.program.cast.is_tool(resource.type_id).then_some(resource))
    }

    /// Gives every skill of the agent; false when the graph does not know all of them.
    pub(crate) fn skills(&self, agent: Option<NodeId>, read: &mut dyn FnMut(NodeId)) -> bool {
        let Some(node) = agent else { return false };
        for relation in &self.program.cast.owns {
            for edge in self.graph.out(node, *relation, self.query.now) {
                if self.program.cast.is_skill(self.graph.type_of(edge.node)) {
                    read(edge.node);
                }
            }
        }
        !self.is_open(node)
    }

    /// Gives every skill of the agent that uses the tool; false when there may be more.
    pub(crate) fn skills_for(
        &self,
        agent: Option<NodeId>,
        tool: Option<NodeId>,
        read: &mut dyn FnMut(NodeId),
    ) -> bool {
        let mut open = false;
        let complete = self.skills(agent, &mut |skill| {
            open |= self.is_open(skill);
            if tool.is_some_and(|tool| self.leads(skill, &self.program.cast.uses, tool)) {
                read(skill);
            }
        });
        complete && !open
    }

    /// Whether the agent has the tool without a skill between.
    pub(crate) fn has_tool(&self, agent: NodeId, tool: NodeId) -> bool {
        self.leads(agent, &self.program.cast.has, tool)
    }

    fn leads(&self, from: NodeId, relations: &[remit_model::AttrId], to: NodeId) -> bool {
        let edges = |relation| self.graph.out(from, relation, self.query.now);
        relations.iter().any(|relation| edges(*relation).any(|edge| edge.node == to))
    }
}
