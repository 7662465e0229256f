//! InjecAgent.
