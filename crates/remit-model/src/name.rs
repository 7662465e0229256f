//! Validated identifiers: types, attributes, actions, rules and packages are never bare strings.

use std::fmt;
use std::sync::Arc;

/// Longest accepted name in bytes. Linked-data URIs are used as names in the field and stay well below it.
pub const MAX_NAME_BYTES: usize = 256;

/// The name of a type, attribute, action, level member, rule or package. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text is empty.
    #[error("a name must not be empty")]
    Empty,
    /// The text is longer than [`MAX_NAME_BYTES`].
    #[error("a name has at most {MAX_NAME_BYTES} bytes, this one has {0}")]
    TooLong(usize),
    /// The text holds a control character.
    #[error("a name must not hold control characters")]
    Control,
}

impl Name {
    /// Takes any non-empty text of at most [`MAX_NAME_BYTES`] without control characters.
    ///
    /// # Errors
    /// [`NameError`] says which of the three rules is broken.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > MAX_NAME_BYTES {
            return Err(NameError::TooLong(text.len()));
        }
        if text.chars().any(char::is_control) {
            return Err(NameError::Control);
        }
        Ok(Self(Arc::from(text)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when the name can stand unquoted in policy text.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let mut chars = self.0.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            && !self.0.ends_with('-')
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_uris_and_refuses_empty_long_and_control() {
        assert!(Name::new("https://data.example/processing#read").is_ok());
        assert_eq!(Name::new(""), Err(NameError::Empty));
        assert_eq!(Name::new("a\u{0}b"), Err(NameError::Control));
        assert_eq!(Name::new(&"x".repeat(257)), Err(NameError::TooLong(257)));
        assert!(Name::new(&"x".repeat(256)).is_ok());
    }

    #[test]
    fn only_identifiers_stand_unquoted() {
        for plain in ["read", "can_read", "step-up", "_x1"] {
            assert!(Name::new(plain).unwrap().is_plain(), "{plain}");
        }
        for quoted in ["tools/call", "1st", "a b", "GET /todos", "x-"] {
            assert!(!Name::new(quoted).unwrap().is_plain(), "{quoted}");
        }
    }
}
