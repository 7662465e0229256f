//! A real graph in the capture form, loaded unchanged (source and licence: `data/README.md`).

#![expect(clippy::unwrap_used, reason = "a test that cannot build its schema shall fail")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use remit_graph::{Dangling, Document, load};
use remit_model::{AttrId, Attribute, Field, Provenance, Relation, Schema, SchemaBuilder, Ty, TypeId, Value};
use support::{attr, find, name, now};

const NODES: &[u8] = include_bytes!("data/canbank/nodes.json");
const RELATIONSHIPS: &[u8] = include_bytes!("data/canbank/relationships.json");

/// Type and its string attributes.
const TYPES: &[(&str, &[&str])] = &[
    ("User", &["name", "title", "email"]),
    ("Workflow", &[]),
    ("Agent", &[]),
    ("Skill", &[]),
    ("Tool", &[]),
    ("Entity", &["name"]),
    ("Container", &["name"]),
    ("Department", &["name"]),
    ("Quote", &["price"]),
    ("Folder", &["name"]),
    ("Document", &["name", "description", "url"]),
    ("Taxonomy", &["name", "description"]),
    ("Ticket", &["name", "description"]),
    ("Decision", &["name", "description"]),
    ("Site", &["name"]),
    ("Jurisdiction", &["name", "iso_3166_2"]),
    ("InvestmentCategory", &["name"]),
    ("RegulatoryAgreement", &["name", "description"]),
    ("System", &["name"]),
    ("Customer", &["name", "email"]),
    ("Account", &["account_type", "balance", "interest_rate", "provider", "status", "holdings"]),
    ("AccountTier", &["name"]),
    ("Weather", &["location", "current", "units"]),
];

const NUMBERS: &[(&str, &str)] = &[
    ("AccountTier", "tier"),
    ("AccountTier", "threshold_amount"),
    ("Weather", "latitude"),
    ("Weather", "longitude"),
];

/// Relation, the types it starts at, the types it leads to.
const RELATIONS: &[(&str, &str, &[&str])] = &[
    ("CONTAINS", "Department Folder System Entity Container Site", &[]),
    ("CLASSIFIED_AS", "Document", &["InvestmentCategory"]),
    ("SUBJECT_TO", "Document", &["RegulatoryAgreement"]),
    ("INVOKES", "User Agent Workflow Container Skill Department", &[]),
    ("CAN_TRIGGER", "User Department", &["Workflow"]),
    ("OWNS", "Customer", &["Account"]),
    ("ENFORCED_IN", "RegulatoryAgreement", &["Jurisdiction"]),
    ("IS_TIER", "Account", &["AccountTier"]),
    ("WORKS_IN", "User", &["Department"]),
    ("IS_TYPE", "Account", &["InvestmentCategory"]),
    ("IS_TYPE", "Document", &["Taxonomy"]),
    ("CREATED_BY", "Ticket", &["Customer"]),
    ("REGARDING", "Ticket", &["Account"]),
    ("REPORTS_TO", "User", &["User"]),
    ("CAN_RETRIEVE", "Department", &["Quote"]),
    ("CAN_ACCESS", "Department", &["System", "Folder"]),
    ("CLOSED_BY", "Ticket", &["Decision"]),
    ("EXCEPTION_TO", "Decision", &["Document"]),
    ("MADE", "User", &["Decision"]),
];

fn attribute(builder: &mut SchemaBuilder, of: TypeId, text: &str, ty: Ty, relation: Option<Relation>) {
    let id: AttrId = builder.attr(&name(text)).unwrap();
    let sources = vec![Provenance::Graph];
    builder
        .add_attribute(of, Attribute { id, name: name(text), ty, optional: true, sources, relation })
        .unwrap();
}

fn schema(with_workflow_name: bool) -> Arc<Schema> {
    let mut builder = Schema::builder();
    for (of, _) in TYPES {
        builder.declare_type(name(of)).unwrap();
    }
    for (of, attributes) in TYPES {
        let of = builder.type_id(of).unwrap();
        attributes.iter().for_each(|text| attribute(&mut builder, of, text, Ty::String, None));
    }
    for (of, text) in NUMBERS {
        let of = builder.type_id(of).unwrap();
        attribute(&mut builder, of, text, Ty::Decimal, None);
    }
    let carried: &[&str] = if with_workflow_name {
        &["workflow_name", "discriminating_property"]
    } else {
        &["discriminating_property"]
    };
    for (text, starts, targets) in RELATIONS {
        let mut targets: Vec<_> = targets.iter().map(|of| builder.type_id(of).unwrap()).collect();
        targets.sort();
        let properties =
            carried.iter().map(|text| Field { name: name(text), ty: Ty::String, optional: true });
        let properties = if *text == "INVOKES" { properties.collect() } else { Vec::new() };
        let ty = Ty::Entity(targets.clone().into()).set();
        let relation = Relation { targets: targets.into(), many: true, membership: false, properties };
        for of in starts.split(' ') {
            let of = builder.type_id(of).unwrap();
            attribute(&mut builder, of, text, ty.clone(), Some(relation.clone()));
        }
    }
    Arc::new(builder.finish())
}

fn documents() -> [Document<'static>; 2] {
    [Document::new("relationships.json", RELATIONSHIPS), Document::new("nodes.json", NODES)]
}

#[test]
fn loads_unchanged_and_reports_each_dangling_edge() {
    let (graph, report) = load(&schema(true), &documents(), Dangling::Placeholder).unwrap();
    assert_eq!((report.nodes, report.edges, report.external, report.duplicates), (117, 181, 3, 0));
    assert_eq!((report.dangling_edges, report.dangling.len()), (25, 25));
    let first = &report.dangling[0];
    assert_eq!(first.place.pointer, "/relationships/23");
    assert_eq!(first.place.document, "relationships.json");
    let line = RELATIONSHIPS.split(|b| *b == b'\n').nth(first.place.line - 1).unwrap();
    assert_eq!(line.trim_ascii(), b"{");
    let missing: BTreeSet<String> =
        report.dangling.iter().flat_map(|edge| &edge.missing).map(ToString::to_string).collect();
    assert_eq!(missing.len(), report.placeholders);
    assert!(missing.contains("Department:\"governace\"") && missing.contains("Container:\"workflows\""));

    let snapshot = graph.freeze(1);
    let types = snapshot.schema().types().len();
    let nodes = (0..snapshot.node_count()).map(|n| remit_graph::NodeId(u32::try_from(n).unwrap()));
    let declared = nodes.filter(|n| !snapshot.is_placeholder(*n));
    let used: BTreeSet<_> = declared.map(|n| snapshot.type_of(n)).collect();
    assert_eq!((types, used.len()), (23, 23));
    let invokes = attr(&snapshot, "INVOKES");
    let (from, to) = (find(&snapshot, "Agent:indykiteagent"), find(&snapshot, "Agent:indykiteagent-4"));
    assert_eq!(snapshot.out(from, invokes, now()).filter(|edge| edge.node == to).count(), 2);
    let millicent = find(&snapshot, "User:millicent");
    let email = attr(&snapshot, "email");
    assert_eq!(snapshot.property(millicent, email), Some(&Value::string("millicent@canbank.com")));
    assert_eq!(snapshot.metadata(millicent, email).and_then(|origin| origin.assurance_level), Some(3));
}

#[test]
fn is_refused_where_dangling_edges_are_or_a_name_is_not_declared() {
    let errors = load(&schema(true), &documents(), Dangling::Refuse).unwrap_err();
    assert_eq!(errors.len(), 25);
    let errors = load(&schema(false), &documents(), Dangling::Placeholder).unwrap_err();
    assert!(
        errors.iter().all(|error| error.to_string().contains("have no property `workflow_name`")),
        "{errors:#?}"
    );
}
