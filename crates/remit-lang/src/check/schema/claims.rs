//! What is known beforehand and can be declared further: the claims of verified tokens (those that standards define, and
//! those of `token` blocks), the members of messages (those that are computed, and those of `message` blocks).

use std::collections::BTreeMap;

use remit_model::{Field, MessageFact, Name, SchemaBuilder, Ty};

use crate::ast::{self, ItemKind};
use crate::source::Span;

use super::super::findings::Findings;
use super::super::package::{Packages, Unit};
use super::type_expr::Names;
use super::{DeclarationError, Owners};

/// Claims of RFC 7519, 8693, 9068 and OpenID Connect. `scope` and `aud` are sets, whatever form they travel in; `age`
/// is how long ago the token was issued, `bound` whether it is bound to who presents it (`cnf`) and that was proved.
fn standard() -> [(&'static str, Ty); 18] {
    [
        ("iss", Ty::String),
        ("sub", Ty::String),
        ("aud", Ty::String.set()),
        ("azp", Ty::String),
        ("client_id", Ty::String),
        ("jti", Ty::String),
        ("typ", Ty::String),
        ("sid", Ty::String),
        ("txn", Ty::String),
        ("acr", Ty::String),
        ("amr", Ty::String.set()),
        ("scope", Ty::String.set()),
        ("auth_time", Ty::Time),
        ("iat", Ty::Time),
        ("nbf", Ty::Time),
        ("exp", Ty::Time),
        ("age", Ty::Duration),
        ("bound", Ty::Bool),
    ]
}

/// Declares all claims. A standard one may be declared again with its own type, never with another.
pub(super) fn claims(
    builder: &mut SchemaBuilder,
    packages: &Packages,
    owners: &Owners,
    units: &[Unit<'_>],
    findings: &mut Findings,
) {
    let blocks = Blocks {
        kind: "claim",
        fields: |kind| match kind {
            ItemKind::Token(fields) => Some(fields),
            _ => None,
        },
        refused: |name, at| DeclarationError::StandardClaim { name, at },
    };
    let all = blocks.with(standard().into_iter(), builder, (packages, owners, units), findings);
    all.into_iter().for_each(|field| builder.declare_claim(field));
}

/// What a message carries: of whatever form, unless a block says more.
const CARRIED: [&str; 5] = ["attachments", "content", "metadata", "parts", "rationale"];

/// Declares all members of messages; true when a block declares some. What is computed keeps its type.
pub(super) fn message(
    builder: &mut SchemaBuilder,
    packages: &Packages,
    owners: &Owners,
    units: &[Unit<'_>],
    findings: &mut Findings,
) -> bool {
    let computed = MessageFact::ALL.iter().map(|fact| (fact.name(), fact.ty()));
    let known = computed.chain(CARRIED.map(|name| (name, Ty::Any)));
    let blocks = Blocks {
        kind: "member of messages",
        fields: |kind| match kind {
            ItemKind::Message(fields) => Some(fields),
            _ => None,
        },
        refused: |name, at| DeclarationError::ComputedMember { name, at },
    };
    let all = blocks.with(known, builder, (packages, owners, units), findings);
    all.into_iter().for_each(|field| builder.declare_message(field));
    let mut items = units.iter().flat_map(|unit| unit.items);
    items.any(|item| (blocks.fields)(&item.kind).is_some())
}

/// One kind of block that adds to what is known.
struct Blocks {
    kind: &'static str,
    /// What an item of this kind declares.
    fields: fn(&ItemKind) -> Option<&[ast::Field]>,
    /// The error of who gives something known another type.
    refused: fn(String, Span) -> DeclarationError,
}

impl Blocks {
    /// What is known and what is declared, in order of name.
    fn with(
        &self,
        known: impl Iterator<Item = (&'static str, Ty)>,
        builder: &SchemaBuilder,
        (packages, owners, units): (&Packages, &Owners, &[Unit<'_>]),
        findings: &mut Findings,
    ) -> Vec<Field> {
        let mut declared: BTreeMap<Name, (Field, Option<Span>)> = BTreeMap::new();
        for (name, ty) in known {
            if let Ok(name) = Name::new(name) {
                declared.insert(name.clone(), (Field { name, ty, optional: true }, None));
            }
        }
        for unit in units {
            let names = Names { packages, owners, package: unit.package };
            for fields in unit.items.iter().filter_map(|item| (self.fields)(&item.kind)) {
                for (field, name, _) in names.fields(builder, self.kind, fields, findings) {
                    let at = name.span;
                    match declared.get(&field.name) {
                        Some((known, Some(first))) if *known != field => {
                            let (kind, name, first) = (self.kind, name.node.clone(), *first);
                            findings.error(DeclarationError::Disagrees { kind, name, at, first });
                        }
                        Some((known, None)) if ![&Ty::Any, &field.ty].contains(&&known.ty) => {
                            findings.error((self.refused)(name.node.clone(), at));
                        }
                        Some((_, Some(_))) => {}
                        Some((_, None)) | None => {
                            drop(declared.insert(field.name.clone(), (field, Some(at))));
                        }
                    }
                }
            }
        }
        declared.into_values().map(|(field, _)| field).collect()
    }
}
