//! What Remit stops: AgentDojo and InjecAgent, published attacks on agents that call tools, streamed call by call.
//!
//! Two worlds that never meet before the score: [`given`] (tools, prompts, clean directory), from which [`intents`]
//! makes the intents, and [`truth`] (the calls that solve a task, the attacker's calls), which [`stream`] sends and
//! [`score`] judges. Not part of the product.

pub mod agentdojo;
pub mod decider;
pub mod detector;
pub mod given;
pub mod goals;
pub mod injecagent;
pub mod intents;
pub mod outcome;
pub mod outgoing;
pub mod score;
pub mod server;
pub mod setting;
pub mod stream;
pub mod table;
pub mod truth;
pub mod value;
