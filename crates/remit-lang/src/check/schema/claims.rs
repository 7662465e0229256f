//! The claims of verified tokens: those that standards define, and those that `token` blocks declare.

use std::collections::BTreeMap;

use remit_model::{Field, Name, SchemaBuilder, Ty};

use crate::ast::ItemKind;
use crate::source::Span;

use super::super::findings::Findings;
use super::super::package::{Packages, Unit};
use super::type_expr::Names;
use super::{DeclarationError, Owners};

/// Claims of RFC 7519, 8693, 9068 and OpenID Connect. `scope` and `aud` are sets, whatever form they travel in; `age`
/// is how long ago the token was issued.
fn standard() -> [(&'static str, Ty); 17] {
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
    let mut declared: BTreeMap<Name, (Field, Option<Span>)> = BTreeMap::new();
    for (name, ty) in standard() {
        if let Ok(name) = Name::new(name) {
            declared.insert(name.clone(), (Field { name, ty, optional: true }, None));
        }
    }
    for unit in units {
        let names = Names { packages, owners, package: unit.package };
        for item in unit.items {
            let ItemKind::Token(fields) = &item.kind else { continue };
            for (field, name, _) in names.fields(builder, "claim", fields, findings) {
                let at = name.span;
                match declared.get(&field.name) {
                    Some((known, Some(first))) if *known != field => {
                        let (kind, name, first) = ("claim", name.node.clone(), *first);
                        findings.error(DeclarationError::Disagrees { kind, name, at, first });
                    }
                    Some((known, None)) if known.ty != field.ty => {
                        findings.error(DeclarationError::StandardClaim { name: name.node.clone(), at });
                    }
                    Some((_, Some(_))) => {}
                    Some((_, None)) | None => drop(declared.insert(field.name.clone(), (field, Some(at)))),
                }
            }
        }
    }
    declared.into_values().for_each(|(field, _)| builder.declare_claim(field));
}
