//! Which types go together. Pure questions about [`Ty`].

use std::sync::Arc;

use remit_model::{Ty, TypeId};

/// True when values of the two can be equal. A text may hold a level's member, a time, a duration or an address;
/// then it is read as one.
pub(super) fn comparable(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::Any, _) | (_, Ty::Any) => true,
        (Ty::Entity(a), Ty::Entity(b)) => overlap(a, b),
        (Ty::Set(a), Ty::Set(b)) => comparable(a, b),
        (Ty::String, other) | (other, Ty::String) => read_from_text(other) || *other == Ty::String,
        (a, b) if a.is_number() => b.is_number(),
        (a, b) => a == b,
    }
}

/// True when a text can hold a value of the type.
pub(super) fn read_from_text(ty: &Ty) -> bool {
    matches!(ty, Ty::Level(_) | Ty::Time | Ty::Duration | Ty::Ip)
}

/// True when values of the type have an order.
pub(super) fn ordered(ty: &Ty) -> bool {
    matches!(ty, Ty::Int | Ty::Decimal | Ty::String | Ty::Time | Ty::Duration | Ty::Level(_) | Ty::Any)
}

/// The type that holds values of both, when there is one.
pub(super) fn unify(a: &Ty, b: &Ty) -> Option<Ty> {
    match (a, b) {
        (a, b) if a == b => Some(a.clone()),
        (Ty::Any, _) | (_, Ty::Any) => Some(Ty::Any),
        (Ty::Int, Ty::Decimal) | (Ty::Decimal, Ty::Int) => Some(Ty::Decimal),
        (Ty::Entity(a), Ty::Entity(b)) => Some(Ty::Entity(union(a, b))),
        (Ty::Set(a), Ty::Set(b)) => unify(a, b).map(Ty::set),
        _ => None,
    }
}

/// True when an entity can be of both; empty means any type.
pub(super) fn overlap(a: &[TypeId], b: &[TypeId]) -> bool {
    a.is_empty() || b.is_empty() || a.iter().any(|id| b.binary_search(id).is_ok())
}

/// Entities of either; empty means any type.
pub(super) fn union(a: &[TypeId], b: &[TypeId]) -> Arc<[TypeId]> {
    if a.is_empty() || b.is_empty() {
        return Arc::from([]);
    }
    types(a.iter().chain(b).copied())
}

/// Types in order, each once.
pub(super) fn types(ids: impl IntoIterator<Item = TypeId>) -> Arc<[TypeId]> {
    let mut ids: Vec<TypeId> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into()
}

/// The type of a set's elements.
pub(super) fn element(ty: &Ty) -> Option<&Ty> {
    match ty {
        Ty::Set(inner) => Some(inner),
        _ => None,
    }
}

/// What would be in a value of this type: an element of a set, an address of a network.
pub(super) fn part(ty: &Ty) -> Option<Ty> {
    match ty {
        Ty::Set(inner) => Some((**inner).clone()),
        Ty::Ip => Some(Ty::Ip),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use remit_model::LevelId;

    #[test]
    fn what_can_be_equal() {
        let (user, team) = (Ty::entity(TypeId(0)), Ty::entity(TypeId(1)));
        for (a, b, expected) in [
            (Ty::Int, Ty::Decimal, true),
            (Ty::Int, Ty::String, false),
            (Ty::String, Ty::Time, true),
            (Ty::String, Ty::Bool, false),
            (Ty::Level(LevelId(0)), Ty::Level(LevelId(1)), false),
            (Ty::Level(LevelId(0)), Ty::String, true),
            (user.clone(), team.clone(), false),
            (user.clone(), Ty::Entity([].into()), true),
            (user.clone().set(), team.clone().set(), false),
            (user.clone().set(), user.clone(), false),
            (Ty::Any, Ty::Bool, true),
        ] {
            assert_eq!(comparable(&a, &b), expected, "{a:?} {b:?}");
            assert_eq!(comparable(&b, &a), expected, "{b:?} {a:?}");
        }
    }

    #[test]
    fn what_holds_both() {
        let both = Ty::Entity([TypeId(0), TypeId(1)].into());
        assert_eq!(unify(&Ty::entity(TypeId(1)), &Ty::entity(TypeId(0))), Some(both));
        assert_eq!(unify(&Ty::Int, &Ty::Decimal), Some(Ty::Decimal));
        assert_eq!(unify(&Ty::Int, &Ty::String), None);
    }
}
