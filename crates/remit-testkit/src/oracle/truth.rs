//! Three-valued truth (Kleene's strong logic), spelled out as tables.

/// True, false, or not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Truth {
    /// Certainly so.
    True,
    /// Certainly not so.
    False,
    /// It depends on something that is missing or ill-typed.
    Unknown,
}

impl Truth {
    /// From a plain bool.
    #[must_use]
    pub fn of(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }

    /// False beats unknown beats true.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            (Self::Unknown | Self::True, Self::Unknown) | (Self::Unknown, Self::True) => Self::Unknown,
        }
    }

    /// True beats unknown beats false.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.negated().and(other.negated()).negated()
    }

    /// Unknown stays unknown.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<Option<bool>> for Truth {
    fn from(value: Option<bool>) -> Self {
        value.map_or(Self::Unknown, Self::of)
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{False, True, Unknown};

    #[test]
    fn the_tables() {
        let and = [
            (True, True, True),
            (True, False, False),
            (True, Unknown, Unknown),
            (False, False, False),
            (False, Unknown, False),
            (Unknown, Unknown, Unknown),
        ];
        for (a, b, expected) in and {
            assert_eq!((a.and(b), b.and(a)), (expected, expected));
            assert_eq!(a.negated().or(b.negated()), expected.negated(), "De Morgan");
        }
    }
}
