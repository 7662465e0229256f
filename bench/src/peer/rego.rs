//! regorus in process: program compiled for its virtual machine, data preloaded with every membership worked out
//! beforehand, inputs prebuilt.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::program::Program;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, PolicyLengthConfig, Value};

use crate::world::{Ask, At, Entity, Plain, World};

const ALLOW: &str = "data.bench.allow";

/// regorus with a world loaded.
pub struct Rego {
    vm: RegoVM,
}

impl std::fmt::Debug for Rego {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rego").finish_non_exhaustive()
    }
}

/// Text to a program of the virtual machine; its bounds on the length of a policy are lifted.
///
/// # Errors
/// What regorus says.
///
/// # Panics
/// Never.
pub fn program(text: &str) -> anyhow::Result<Arc<Program>> {
    let mut engine = Engine::new();
    engine.set_policy_length_config(PolicyLengthConfig {
        max_col: NonZeroU32::MAX,
        max_file_bytes: NonZeroUsize::MAX,
        max_lines: NonZeroUsize::MAX,
    });
    let refused = |error: &dyn std::fmt::Display| anyhow::anyhow!("{error}");
    engine.add_policy("world.rego".to_owned(), text.to_owned()).map_err(|error| refused(&error))?;
    let compiled = engine.compile_with_entrypoint(&ALLOW.into()).map_err(|error| refused(&error))?;
    Compiler::compile_from_policy(&compiled, &[ALLOW]).map_err(|error| refused(&error))
}

impl Rego {
    /// Loads a world.
    ///
    /// # Errors
    /// What regorus refuses.
    pub fn load(world: &World) -> anyhow::Result<Self> {
        let program = program(&world.rego)?;
        let mut vm = RegoVM::new();
        vm.load_program(program);
        vm.set_data(data(world)).map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Self { vm })
    }

    /// A question, prepared.
    #[must_use]
    pub fn input(world: &World, ask: &Ask) -> Value {
        let of = |at| Value::from(key(world.at(at)));
        object([
            ("subject", of(ask.subject)),
            ("action", Value::from(ask.action)),
            ("resource", of(ask.resource)),
        ])
    }

    /// Input to answer.
    ///
    /// # Panics
    /// When the machine stops with an error.
    pub fn decide(&mut self, input: &Value) -> bool {
        self.vm.set_input(input.clone());
        let answer = self.vm.execute_entry_point_by_index(0).expect("the program runs");
        answer == Value::Bool(true)
    }

    /// Body to answer: serde_json into a struct, input built, decided.
    ///
    /// # Panics
    /// When the body is no evaluation.
    pub fn decide_body(&mut self, body: &[u8]) -> bool {
        let body: super::cedar::Body<'_> = serde_json::from_slice(body).expect("it is an evaluation");
        let of = |party: &super::cedar::Party<'_>| Value::from(format!("{}/{}", party.kind, party.id));
        let input = object([
            ("subject", of(&body.subject)),
            ("action", Value::from(body.action.name)),
            ("resource", of(&body.resource)),
        ]);
        self.decide(&input)
    }
}

fn key(entity: &Entity) -> String {
    format!("{}/{}", entity.kind, entity.id)
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::from(
        members.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<BTreeMap<_, _>>(),
    )
}

/// `entity`: every entity by key; `member`: by key, everything an entity is a member of, itself included.
fn data(world: &World) -> Value {
    // WHY: keys are shared values, so that a set of references costs pointers and not texts.
    let keys: Vec<Value> = world.entities.iter().map(|entity| Value::from(key(entity))).collect();
    let set =
        |all: &[At]| Value::from(all.iter().map(|at| keys[*at as usize].clone()).collect::<BTreeSet<_>>());
    let (mut entities, mut members) = (BTreeMap::new(), BTreeMap::new());
    for (entity, at) in world.entities.iter().zip(0..) {
        let one = entity.one.iter().map(|(name, to)| (Value::from(*name), keys[*to as usize].clone()));
        let many =
            entity.many.iter().chain(&entity.flattened).map(|(name, all)| (Value::from(*name), set(all)));
        let plain = entity.properties.iter().map(|(name, value)| (Value::from(*name), plain(value)));
        let all: BTreeMap<Value, Value> = plain.chain(one).chain(many).collect();
        if !all.is_empty() {
            entities.insert(keys[at as usize].clone(), Value::from(all));
        }
        if matches!(entity.kind, "user" | "document") {
            members.insert(keys[at as usize].clone(), set(&closure(world, at)));
        }
    }
    object([("entity", Value::from(entities)), ("member", Value::from(members))])
}

fn plain(value: &Plain) -> Value {
    match value {
        Plain::Text(text) => Value::from(text.as_str()),
        Plain::Flag(flag) => Value::from(*flag),
        Plain::Texts(texts) => {
            Value::from(texts.iter().map(|text| Value::from(*text)).collect::<BTreeSet<_>>())
        }
    }
}

fn closure(world: &World, at: At) -> Vec<At> {
    let mut all = vec![at];
    let mut next = 0;
    while let Some(of) = all.get(next) {
        for parent in &world.at(*of).parents {
            if !all.contains(parent) {
                all.push(*parent);
            }
        }
        next += 1;
    }
    all
}
