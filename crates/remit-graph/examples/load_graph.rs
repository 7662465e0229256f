//! Generates a graph as NDJSON in memory, loads and freezes it, and prints seconds and bytes an edge.
//!
//! `cargo run --release -p remit-graph --example load_graph -- 1000000 5000000`
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock and the process status")]
#![expect(clippy::panic, clippy::expect_used, reason = "a measurement that cannot run shall stop")]

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use remit_graph::{Change, Dangling, Document, EdgeData, NodeId, NodeKey, Store, load};
use remit_model::{Attribute, Name, Provenance, Relation, Schema, SchemaBuilder, Timestamp, Ty, TypeId};

fn attribute(builder: &mut SchemaBuilder, of: TypeId, text: &str, ty: Ty, targets: Option<&[TypeId]>) {
    let name = Name::new(text).expect("a name");
    let id = builder.attr(&name).expect("few names");
    let relation = targets.map(|targets| Relation {
        targets: targets.into(),
        many: matches!(ty, Ty::Set(_)),
        membership: text == "member_of",
        properties: Vec::new(),
    });
    let sources = vec![Provenance::Graph];
    let attribute = Attribute { id, name, ty, optional: true, sources, relation };
    builder.add_attribute(of, attribute).expect("unique names");
}

fn schema() -> Arc<Schema> {
    let mut builder = Schema::builder();
    let mut declare = |text| builder.declare_type(Name::new(text).expect("a name")).expect("few types");
    let (user, group, document) = (declare("user"), declare("group"), declare("document"));
    attribute(&mut builder, user, "email", Ty::String, None);
    attribute(&mut builder, user, "department", Ty::String, None);
    attribute(&mut builder, user, "enabled", Ty::Bool, None);
    attribute(&mut builder, document, "title", Ty::String, None);
    attribute(&mut builder, document, "size", Ty::Int, None);
    attribute(&mut builder, user, "member_of", Ty::entity(group).set(), Some(&[group]));
    attribute(&mut builder, group, "member_of", Ty::entity(group).set(), Some(&[group]));
    attribute(&mut builder, document, "owner", Ty::entity(user), Some(&[user]));
    attribute(&mut builder, document, "viewers", Ty::entity(group).set(), Some(&[group]));
    Arc::new(builder.finish())
}

/// Six in ten nodes are users, one a group (in a tree of eight each), three documents.
fn generate(nodes: usize, edges: usize) -> String {
    let (users, groups) = (nodes * 6 / 10, (nodes / 10).max(1));
    let documents = nodes - users - groups;
    let mut text = String::with_capacity(nodes * 140 + edges * 70);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % below.max(1)
    };
    let mut line = |arguments: std::fmt::Arguments<'_>| {
        text.write_fmt(arguments).expect("memory");
        text.push('\n');
    };
    for user in 0..users {
        line(format_args!(
            r#"{{"node":{{"type":"user","id":"u{user}","properties":{{"email":"user{user}@example.com","department":"d{}","enabled":true}}}}}}"#,
            user % 97
        ));
    }
    for group in 0..groups {
        line(format_args!(r#"{{"node":{{"type":"group","id":"g{group}"}}}}"#));
    }
    for document in 0..documents {
        line(format_args!(
            r#"{{"node":{{"type":"document","id":"d{document}","properties":{{"title":"Report {document}","size":{}}}}}}}"#,
            document % 4096
        ));
    }
    let mut left = edges;
    for group in (1..groups).take(left) {
        line(format_args!(
            r#"{{"edge":{{"from":"group:g{group}","relation":"member_of","to":"group:g{}"}}}}"#,
            group / 8
        ));
        left -= 1;
    }
    for document in (0..documents).take(left) {
        line(format_args!(
            r#"{{"edge":{{"from":"document:d{document}","relation":"owner","to":"user:u{}"}}}}"#,
            random(users)
        ));
        left -= 1;
    }
    for edge in 0..left {
        let group = random(groups);
        if edge % 4 == 0 {
            let document = random(documents);
            line(format_args!(
                r#"{{"edge":{{"from":"document:d{document}","relation":"viewers","to":"group:g{group}"}}}}"#
            ));
        } else {
            let user = random(users);
            line(format_args!(
                r#"{{"edge":{{"from":"user:u{user}","relation":"member_of","to":"group:g{group}"}}}}"#
            ));
        }
    }
    text
}

/// Resident and peak memory in bytes.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let number =
            line.and_then(|line| line.split_whitespace().nth(1)).and_then(|text| text.parse::<u64>().ok());
        number.unwrap_or(0) * 1024
    };
    (field("VmRSS"), field("VmHWM"))
}

/// Processor time of this process so far, in seconds: what loading costs on a machine that is busy otherwise.
fn processor() -> f64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = status.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let mut argument = |default| arguments.next().and_then(Result::ok).unwrap_or(default);
    let (nodes, edges) = (argument(1_000_000), argument(5_000_000));
    let (before, _) = memory();
    let text = generate(nodes, edges);
    println!("{nodes} nodes, {edges} edges, {} MB of NDJSON", text.len() / 1_000_000);

    let (started, worked) = (Instant::now(), processor());
    let document = Document::new("generated.ndjson", text.as_bytes());
    let (graph, report) = match load(&schema(), &[document], Dangling::Refuse) {
        Ok(loaded) => loaded,
        Err(errors) => panic!("refused: {:?}", errors.first()),
    };
    println!("load    {:>8.2} s  {report:?}", started.elapsed().as_secs_f64());
    let freezing = Instant::now();
    let mut store = Store::new(graph, 0, Dangling::Refuse);
    let snapshot = store.freeze();
    println!("freeze  {:>8.2} s", freezing.elapsed().as_secs_f64());
    let (elapsed, work) = (started.elapsed().as_secs_f64(), processor() - worked);
    println!("total   {elapsed:>8.2} s, {work:.2} s of processor time");
    drop(text);
    let (after, peak) = memory();
    let held = after.saturating_sub(before);
    println!(
        "memory  {:>8} MB held, {} bytes an edge, peak {} MB with the text",
        held >> 20,
        held / edges.max(1) as u64,
        peak >> 20
    );

    let schema = Arc::clone(snapshot.schema());
    let of = |text: &str| schema.type_id(text).expect("declared");
    let member_of = schema.attr_id("member_of").expect("declared");
    let changing = Instant::now();
    let (user, group) = (NodeKey::new(of("user"), "u0"), NodeKey::new(of("group"), "g0"));
    let data = EdgeData::default();
    store
        .apply(&[Change::UpsertEdge { from: user, relation: member_of, to: group, data }])
        .expect("it is valid");
    println!("change  {:>8.1} ms for a batch of one", changing.elapsed().as_secs_f64() * 1000.0);

    let now = Timestamp::from_unix_seconds(1_800_000_000).expect("in range");
    let (users, groups) = (snapshot.nodes_of(of("user")), snapshot.nodes_of(of("group")));
    let rounds = 1_000_000_u32;
    let asking = Instant::now();
    let mut held = 0_u32;
    for round in 0..rounds {
        let user = users.start + round.wrapping_mul(7919) % (users.end - users.start);
        let group = groups.start + round.wrapping_mul(104_729) % (groups.end - groups.start);
        held += u32::from(black_box(snapshot.is_member(NodeId(user), NodeId(group), now)));
    }
    let each = asking.elapsed().as_secs_f64() * 1e9 / f64::from(rounds);
    println!("member  {each:>8.0} ns each, {held} held");
    let mut scratch = Vec::new();
    let listing = Instant::now();
    let members = snapshot.members(NodeId(groups.start + 1), now, &mut scratch).len();
    println!("members {:>8.2} ms for {members}", listing.elapsed().as_secs_f64() * 1000.0);
}
