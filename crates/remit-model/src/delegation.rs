//! `DelegationChain`: who acts for whom, current actor first.

use serde::{Deserialize, Serialize};

use crate::EntityRef;

/// The agents that act for the subject. Never empty: without agents there is no chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationChain {
    current: EntityRef,
    earlier: Vec<EntityRef>,
}

impl DelegationChain {
    /// `earlier` runs from the one before the current actor to the first agent.
    #[must_use]
    pub fn new(current: EntityRef, earlier: Vec<EntityRef>) -> Self {
        Self { current, earlier }
    }

    /// The agent that asks now.
    #[must_use]
    pub fn current(&self) -> &EntityRef {
        &self.current
    }

    /// The agent the subject delegated to first.
    #[must_use]
    pub fn origin(&self) -> &EntityRef {
        self.earlier.last().unwrap_or(&self.current)
    }

    /// Every agent, current first.
    pub fn iter(&self) -> impl Iterator<Item = &EntityRef> {
        std::iter::once(&self.current).chain(&self.earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Name;

    #[test]
    fn current_is_first_and_origin_last() {
        let agent = |id| EntityRef::new(Name::new("agent").unwrap(), id);
        let chain = DelegationChain::new(agent("b"), vec![agent("a")]);
        assert_eq!(chain.current(), &agent("b"));
        assert_eq!(chain.origin(), &agent("a"));
        assert_eq!(DelegationChain::new(agent("a"), vec![]).origin(), &agent("a"));
        assert_eq!(chain.iter().count(), 2);
    }
}
