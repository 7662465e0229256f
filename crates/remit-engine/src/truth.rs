//! Kleene's strong three-valued logic.

/// True, false or unknown. The order false < unknown < true makes `and` the minimum and `or` the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Truth {
    /// Certainly not.
    False,
    /// A value it needs is missing or ill-typed.
    Unknown,
    /// Certainly.
    True,
}

impl Truth {
    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// One of them holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// It does not hold.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{False, True, Unknown};

    #[test]
    fn kleene_tables() {
        let table = [
            (False, False, False, False),
            (False, Unknown, False, Unknown),
            (False, True, False, True),
            (Unknown, Unknown, Unknown, Unknown),
            (Unknown, True, Unknown, True),
            (True, True, True, True),
        ];
        for (of, negated) in [(False, True), (Unknown, Unknown), (True, False)] {
            assert_eq!(of.negate(), negated, "not {of:?}");
        }
        for (a, b, and, or) in table {
            assert_eq!((a.and(b), b.and(a)), (and, and), "{a:?} and {b:?}");
            assert_eq!((a.or(b), b.or(a)), (or, or), "{a:?} or {b:?}");
            assert_eq!(a.and(b).negate(), a.negate().or(b.negate()), "de morgan {a:?} {b:?}");
        }
    }
}
