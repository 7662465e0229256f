//! A JWK set: bad keys are left out one by one, an ambiguous set is refused whole.

use std::collections::BTreeMap;

use remit_json::{Json, Limits};

use crate::fault::TokenFault;
use crate::jose::algorithm::Family;
use crate::jose::key::{Key, KeyDefect, Purpose};
use crate::limits;

/// The usable keys of one set.
pub(crate) struct KeySet {
    keys: Vec<Key>,
    /// Ids that exist in the set but name no usable key.
    unusable: Vec<String>,
    /// What was left out, for one warning.
    pub defects: Vec<(usize, KeyDefect)>,
}

/// Why a whole set is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SetDefect {
    #[error("it is not a JWK set in strict JSON")]
    Form,
    #[error("it holds more than {} keys", limits::KEYS)]
    TooMany,
    #[error("it mixes shared secrets with public keys")]
    Mixed,
    #[error("it holds no usable key")]
    Empty,
}

/// How a set is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SetRules {
    pub purpose: Purpose,
    /// Whether the issuer is configured for shared secrets.
    pub symmetric: bool,
    /// Whether a set without keys is a statement (a revoked trust domain) rather than a mistake.
    pub may_be_empty: bool,
}

impl KeySet {
    pub(crate) fn parse(bytes: &[u8], rules: SetRules) -> Result<Self, SetDefect> {
        let bounds = Limits {
            bytes: limits::KEY_SET_BYTES,
            depth: limits::JSON_DEPTH,
            members: limits::KEYS * limits::JSON_DEPTH * 2,
        };
        let json = remit_json::parse(bytes, &bounds).map_err(|_| SetDefect::Form)?;
        let listed = json.as_object().and_then(|set| set.get("keys")).and_then(Json::as_array);
        let listed = listed.ok_or(SetDefect::Form)?;
        if listed.len() > limits::KEYS {
            return Err(SetDefect::TooMany);
        }
        let mut set = Self { keys: Vec::new(), unusable: Vec::new(), defects: Vec::new() };
        let secrets = listed.iter().filter(|jwk| member(jwk, "kty") == Some("oct")).count();
        // WHY: where secrets are allowed, a public key beside them could be taken for one.
        if rules.symmetric && secrets > 0 && secrets < listed.len() {
            return Err(SetDefect::Mixed);
        }
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for kid in listed.iter().filter_map(|jwk| member(jwk, "kid")) {
            *seen.entry(kid).or_default() += 1;
        }
        for (index, jwk) in listed.iter().enumerate() {
            let kid = member(jwk, "kid");
            let ambiguous = kid.is_some_and(|kid| seen.get(kid).is_some_and(|times| *times > 1));
            let read =
                jwk.as_object().ok_or(KeyDefect::Form).and_then(|jwk| Key::from_jwk(jwk, rules.purpose));
            match read {
                Ok(key) if !ambiguous && (key.family() == Family::Secret) == rules.symmetric => {
                    set.keys.push(key);
                    continue;
                }
                Ok(_) => set.defects.push((index, KeyDefect::Purpose)),
                Err(defect) => set.defects.push((index, defect)),
            }
            set.unusable.extend(kid.map(str::to_owned));
        }
        // WHY: a set whose every key is unusable is as good as none, except that it can say so of single ids.
        if listed.is_empty() && !rules.may_be_empty {
            return Err(SetDefect::Empty);
        }
        Ok(set)
    }

    /// The key a token names. Without a name it must be the only one.
    pub(crate) fn find(&self, kid: Option<&str>) -> Result<&Key, TokenFault> {
        let Some(kid) = kid else {
            return match self.keys.as_slice() {
                [only] if self.unusable.is_empty() => Ok(only),
                [] => Err(TokenFault::KeyUnknown),
                _ => Err(TokenFault::KeyIdMissing),
            };
        };
        match self.keys.iter().find(|key| key.kid.as_deref() == Some(kid)) {
            Some(key) => Ok(key),
            None if self.unusable.iter().any(|it| it == kid) => Err(TokenFault::KeyUnusable),
            None => Err(TokenFault::KeyUnknown),
        }
    }

    /// Whether a key that verified something is still in the set.
    pub(crate) fn holds(&self, thumbprint: &[u8; 32]) -> bool {
        self.keys.iter().any(|key| key.thumbprint == *thumbprint)
    }
}

fn member<'j>(jwk: &'j Json<'_>, name: &str) -> Option<&'j str> {
    jwk.as_object().and_then(|jwk| jwk.get(name)).and_then(Json::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: SetRules = SetRules { purpose: Purpose::Signature, symmetric: false, may_be_empty: false };

    fn ec(kid: &str) -> String {
        format!(
            r#"{{"kty":"EC","crv":"P-256","kid":"{kid}","x":"04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY","y":"UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw"}}"#
        )
    }

    const SECRET: &str = r#"{"kty":"oct","kid":"s","k":"-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE"}"#;

    fn read(keys: &[String], rules: SetRules) -> Result<KeySet, SetDefect> {
        KeySet::parse(format!("{{\"keys\":[{}]}}", keys.join(",")).as_bytes(), rules)
    }

    #[test]
    fn one_bad_key_does_not_spoil_the_others() {
        let set = read(&[ec("a"), SECRET.into(), r#"{"kty":"AKP","kid":"q"}"#.into()], RULES).ok().unwrap();
        assert!(set.find(Some("a")).is_ok());
        assert_eq!(set.find(Some("s")).err(), Some(TokenFault::KeyUnusable));
        assert_eq!(set.find(Some("q")).err(), Some(TokenFault::KeyUnusable));
        assert_eq!(set.find(Some("z")).err(), Some(TokenFault::KeyUnknown));
        assert_eq!(set.defects.len(), 2);
    }

    #[test]
    fn one_id_twice_names_no_key() {
        let set = read(&[ec("a"), ec("a"), ec("b")], RULES).ok().unwrap();
        assert_eq!(set.find(Some("a")).err(), Some(TokenFault::KeyUnusable));
        assert!(set.find(Some("b")).is_ok());
    }

    #[test]
    fn without_a_name_only_an_only_key_will_do() {
        assert!(read(&[ec("a")], RULES).ok().unwrap().find(None).is_ok());
        let two = read(&[ec("a"), ec("b")], RULES).ok().unwrap();
        assert_eq!(two.find(None).err(), Some(TokenFault::KeyIdMissing));
        let spoilt = read(&[ec("a"), r#"{"kty":"AKP","kid":"q"}"#.into()], RULES).ok().unwrap();
        assert_eq!(spoilt.find(None).err(), Some(TokenFault::KeyIdMissing), "one of two, the other unusable");
        let none = read(&[], SetRules { may_be_empty: true, ..RULES }).ok().unwrap();
        assert_eq!(none.find(None).err(), Some(TokenFault::KeyUnknown));
    }

    #[test]
    fn secrets_stand_alone_and_only_where_configured() {
        let symmetric = SetRules { symmetric: true, ..RULES };
        assert!(read(&[SECRET.into()], symmetric).ok().unwrap().find(Some("s")).is_ok());
        assert_eq!(read(&[SECRET.into(), ec("a")], symmetric).err(), Some(SetDefect::Mixed));
        let other = SECRET.replace("\"s\"", "\"t\"");
        assert!(read(&[SECRET.into(), other], symmetric).ok().unwrap().find(Some("t")).is_ok());
        let mostly_public = [SECRET.into(), ec("a"), ec("b")];
        assert_eq!(read(&mostly_public, symmetric).err(), Some(SetDefect::Mixed));
        assert!(read(&mostly_public, RULES).ok().unwrap().find(Some("b")).is_ok(), "no secret is taken");
        let only_public = read(&[ec("a")], symmetric).ok().unwrap();
        assert_eq!(only_public.find(Some("a")).err(), Some(TokenFault::KeyUnusable));
    }

    #[test]
    fn a_set_is_bounded_and_not_empty_unless_that_says_something() {
        assert_eq!(read(&[], RULES).err(), Some(SetDefect::Empty));
        assert!(read(&[], SetRules { may_be_empty: true, ..RULES }).is_ok());
        let many: Vec<_> = (0..=limits::KEYS).map(|it| ec(&it.to_string())).collect();
        assert_eq!(read(&many, RULES).err(), Some(SetDefect::TooMany));
        // As many as may be, each with many members that mean nothing to us.
        let more: String = (0..45).map(|it| format!(r#""m{it}":0,"#)).collect();
        let full: Vec<_> = many[1..].iter().map(|key| key.replace('{', &format!("{{{more}"))).collect();
        assert!(read(&full, RULES).ok().unwrap().find(Some("50")).is_ok());
        assert_eq!(KeySet::parse(b"<html>", RULES).err(), Some(SetDefect::Form));
        assert_eq!(KeySet::parse(br#"{"keys":[],"keys":[]}"#, RULES).err(), Some(SetDefect::Form));
    }
}
