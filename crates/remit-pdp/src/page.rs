//! Page tokens: opaque to the PEP, bound by a MAC to the query, the caller and the revisions they were made at.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;

use crate::bundle::hex;

/// Tag bytes kept; 128 bits are beyond guessing and keep tokens short.
const TAG_BYTES: usize = 16;
/// Bytes of the position before the tag.
const POSITION_BYTES: usize = 8;

/// Makes and opens page tokens. The key lives as long as the process: after a restart walks begin anew.
#[derive(Debug)]
pub struct Pager {
    key: hmac::Key,
}

/// Everything a token is tied to; a change in any makes it invalid.
#[derive(Debug, Clone, Copy)]
pub struct Binding<'a> {
    /// Which search.
    pub kind: &'a str,
    /// The caller.
    pub pep: &'a str,
    /// The query in canonical text, page members excluded.
    pub query: &'a str,
    /// The page limit of the walk.
    pub limit: u64,
    /// Revision of the policies.
    pub policy_revision: u64,
    /// Revision of the graph.
    pub graph_revision: u64,
}

impl Pager {
    /// Draws a fresh key.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn new() -> Result<Self, aws_lc_rs::error::Unspecified> {
        Ok(Self { key: hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())? })
    }

    /// A token for the page that starts after `position` results.
    #[must_use]
    pub fn seal(&self, position: u64, binding: &Binding<'_>) -> String {
        let mut bytes = position.to_be_bytes().to_vec();
        bytes.extend_from_slice(&binding.limit.to_be_bytes());
        let tag = self.tag(position, binding);
        bytes.extend(tag.as_ref().iter().take(TAG_BYTES));
        hex(&bytes)
    }

    /// The position and the page limit of the walk, when token and binding belong together. The limit in
    /// `binding` is ignored: a follow-up page may leave it out, so the token carries it.
    #[must_use]
    pub fn open(&self, token: &str, binding: &Binding<'_>) -> Option<(u64, u64)> {
        let bytes = unhex(token)?;
        let (head, tag) = bytes.split_at_checked(2 * POSITION_BYTES)?;
        let (position, limit) = head.split_at_checked(POSITION_BYTES)?;
        let position = u64::from_be_bytes(position.try_into().ok()?);
        let limit = u64::from_be_bytes(limit.try_into().ok()?);
        let expected = self.tag(position, &Binding { limit, ..*binding });
        let expected = expected.as_ref().get(..TAG_BYTES)?;
        aws_lc_rs::constant_time::verify_slices_are_equal(expected, tag).ok()?;
        Some((position, limit))
    }

    fn tag(&self, position: u64, binding: &Binding<'_>) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        // INVARIANT: every part is preceded by its length, so that no two bindings share a byte string.
        for part in [binding.kind, binding.pep, binding.query] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        for number in [position, binding.limit, binding.policy_revision, binding.graph_revision] {
            context.update(&number.to_be_bytes());
        }
        context.sign()
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let lower = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if !lower || text.len() != 2 * (2 * POSITION_BYTES + TAG_BYTES) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINDING: Binding<'_> = Binding {
        kind: "subject",
        pep: "gateway",
        query: "{\"action\":\"read\"}",
        limit: 10,
        policy_revision: 3,
        graph_revision: 7,
    };

    #[test]
    fn a_token_opens_under_its_own_binding_only() {
        let pager = Pager::new().unwrap();
        let token = pager.seal(20, &BINDING);
        assert_eq!(pager.open(&token, &BINDING), Some((20, 10)));
        assert_eq!(pager.open(&token, &Binding { limit: 0, ..BINDING }), Some((20, 10)));
        let foreign = [
            Binding { kind: "resource", ..BINDING },
            Binding { pep: "other", ..BINDING },
            Binding { query: "{}", ..BINDING },
            Binding { policy_revision: 4, ..BINDING },
            Binding { graph_revision: 8, ..BINDING },
        ];
        for binding in foreign {
            assert_eq!(pager.open(&token, &binding), None, "{binding:?}");
        }
        assert_eq!(Pager::new().unwrap().open(&token, &BINDING), None, "another key");
    }

    #[test]
    fn every_changed_character_is_refused() {
        let pager = Pager::new().unwrap();
        let token = pager.seal(20, &BINDING);
        for at in 0..token.len() {
            let mut forged: Vec<char> = token.chars().collect();
            forged[at] = if forged[at] == '0' { '1' } else { '0' };
            let forged: String = forged.into_iter().collect();
            assert_eq!(pager.open(&forged, &BINDING), None, "{at}");
        }
        for bad in ["", "zz", &token.to_uppercase(), &token[2..], "é"] {
            assert_eq!(pager.open(bad, &BINDING), None, "{bad}");
        }
    }
}
