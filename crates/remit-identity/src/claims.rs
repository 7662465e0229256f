//! The claims of one payload, read strictly: a wrong type is a refusal, never a missing claim.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use remit_json::{Json, Kind, Object};
use remit_model::{Duration, Number, Timestamp, Value};

use crate::fault::TokenFault;
use crate::issuer::Issuer;
use crate::limits;

const SECOND: i128 = 1_000_000_000;

/// One payload or introspection answer.
pub(crate) struct Claims(pub Object<'static>);

/// When a token counts, before any leeway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Times {
    pub issued: Option<Timestamp>,
    pub not_before: Option<Timestamp>,
    pub expires: Timestamp,
}

impl Claims {
    /// A text claim: not empty, not over-long, without control characters.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, TokenFault> {
        self.0.get(name).map(plain).transpose()
    }

    /// A text claim that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, TokenFault> {
        self.text(name)?.ok_or(TokenFault::ClaimMissing)
    }

    /// A NumericDate (RFC 7519, section 2), with or without a fraction.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, TokenFault> {
        self.0.get(name).map(|value| numeric_date(value).ok_or(TokenFault::ClaimInvalid)).transpose()
    }

    /// `aud` as a list; one text is a list of one.
    pub(crate) fn audience(&self) -> Result<Vec<&str>, TokenFault> {
        let value = self.0.get("aud").ok_or(TokenFault::ClaimMissing)?;
        match &value.kind {
            Kind::Array(items) => items.iter().map(plain).collect(),
            _ => plain(value).map(|one| vec![one]),
        }
    }

    /// `scope` as a set: one text, parted by single blanks.
    pub(crate) fn scopes(&self) -> Result<BTreeSet<String>, TokenFault> {
        let Some(value) = self.0.get("scope") else { return Ok(BTreeSet::new()) };
        let text = value.as_str().ok_or(TokenFault::ClaimInvalid)?;
        if text.chars().any(char::is_control) {
            return Err(TokenFault::ClaimInvalid);
        }
        Ok(text.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
    }

    /// An object claim.
    pub(crate) fn object(&self, name: &str) -> Result<Option<&Object<'static>>, TokenFault> {
        self.0.get(name).map(|value| value.as_object().ok_or(TokenFault::ClaimInvalid)).transpose()
    }

    /// `exp` (required), `nbf` and `iat`, and whether they are good now for this issuer.
    pub(crate) fn times(&self, issuer: &Issuer, now: Timestamp) -> Result<Times, TokenFault> {
        let times = Times {
            issued: self.time("iat")?,
            not_before: self.time("nbf")?,
            expires: self.time("exp")?.ok_or(TokenFault::ClaimMissing)?,
        };
        let lifetime = times.expires.since(times.issued.unwrap_or(now));
        if lifetime > seconds(issuer.max_lifetime_s) {
            return Err(TokenFault::LifetimeTooLong);
        }
        times.check(issuer.leeway_s, now)?;
        Ok(times)
    }

    /// Whether `aud` names us.
    pub(crate) fn check_audience(&self, issuer: &Issuer) -> Result<(), TokenFault> {
        let named = self.audience()?;
        let ours = |audience: &&str| issuer.audiences.iter().any(|it| it == audience);
        if named.iter().any(ours) { Ok(()) } else { Err(TokenFault::AudienceMismatch) }
    }

    /// Every claim as a value that policies can read; `aud`, `scope` and `amr` are sets, times are times.
    pub(crate) fn values(&self) -> Result<BTreeMap<String, Value>, TokenFault> {
        let mut values = BTreeMap::new();
        for member in &self.0 {
            let value = match member.key.as_ref() {
                "exp" | "nbf" | "iat" | "auth_time" | "updated_at" => {
                    numeric_date(&member.value).map(Value::Time)
                }
                "aud" => Some(texts(self.audience()?)),
                "scope" => Some(texts(self.scopes()?.iter().map(String::as_str))),
                _ => value(&member.value),
            };
            if let Some(value) = value {
                values.insert(member.key.clone().into_owned(), value);
            }
        }
        Ok(values)
    }
}

impl Times {
    /// Good from `nbf` to just before `exp`, each moved by the leeway; never before it was issued.
    pub(crate) fn check(&self, leeway_s: u32, now: Timestamp) -> Result<(), TokenFault> {
        let leeway = seconds(leeway_s);
        // WHY: `exp` at exactly now less the leeway is over: RFC 7519 says "on or after".
        if now.since(self.expires) >= leeway {
            return Err(TokenFault::Expired);
        }
        let ahead = |at: Option<Timestamp>| at.is_some_and(|at| at.since(now) > leeway);
        if ahead(self.not_before) || ahead(self.issued) {
            return Err(TokenFault::NotYetValid);
        }
        Ok(())
    }
}

pub(crate) fn seconds(count: u32) -> Duration {
    Duration::from_nanos(i128::from(count) * SECOND)
}

/// A text that may be an id.
pub(crate) fn plain<'j>(value: &'j Json<'_>) -> Result<&'j str, TokenFault> {
    let text = value.as_str().ok_or(TokenFault::ClaimInvalid)?;
    let fine = !text.is_empty() && text.len() <= limits::ID_BYTES && !text.chars().any(char::is_control);
    if fine { Ok(text) } else { Err(TokenFault::ClaimInvalid) }
}

fn numeric_date(value: &Json<'_>) -> Option<Timestamp> {
    let number = value.as_number()?;
    let scale = u32::from(number.scale());
    let nanos = if scale <= 9 {
        number.coefficient().checked_mul(10_i128.pow(9 - scale))?
    } else {
        number.coefficient().div_euclid(10_i128.pow(scale - 9))
    };
    (nanos > 0).then(|| Timestamp::from_unix_nanos(nanos)).flatten()
}

fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Value {
    Value::Set(texts.into_iter().map(Value::string).collect())
}

/// A JSON value as a value of the language; `null` is no value.
pub(crate) fn value(json: &Json<'_>) -> Option<Value> {
    Some(match &json.kind {
        Kind::Null => return None,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(value) => Value::Number(Number::from_parts(value.coefficient(), value.scale().into())?),
        Kind::String(value) => Value::string(value),
        Kind::Array(items) => Value::Set(items.iter().filter_map(value).collect()),
        Kind::Object(members) => {
            let pairs = members
                .iter()
                .filter_map(|member| Some((Arc::<str>::from(member.key.as_ref()), value(&member.value)?)));
            Value::Record(pairs.collect())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuer::tests::issuer;

    fn claims(text: &str) -> Claims {
        let json = remit_json::parse(text.as_bytes(), &remit_json::Limits::default()).unwrap();
        Claims(json.as_object().cloned().unwrap().into_owned())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    #[test]
    fn times_are_judged_to_the_second() {
        let issuer = issuer();
        let judge = |text: &str, now: i64| claims(text).times(&issuer, at(now)).map(|_| ());
        let table = [
            (r#"{"exp":1000}"#, 1029, Ok(())),
            (r#"{"exp":1000}"#, 1030, Err(TokenFault::Expired)),
            (r#"{"exp":1000.5}"#, 1030, Ok(())),
            (r#"{"exp":1000.50000000001}"#, 1030, Ok(())),
            (r#"{"exp":999.99999999999}"#, 1030, Err(TokenFault::Expired)),
            (r#"{"exp":2000,"nbf":1030}"#, 1000, Ok(())),
            (r#"{"exp":2000,"nbf":1031}"#, 1000, Err(TokenFault::NotYetValid)),
            (r#"{"exp":2000,"iat":1031}"#, 1000, Err(TokenFault::NotYetValid)),
            (r#"{"exp":87400,"iat":1000}"#, 1000, Ok(())),
            (r#"{"exp":87401,"iat":1000}"#, 1000, Err(TokenFault::LifetimeTooLong)),
            (r#"{"exp":1800000000000}"#, 1000, Err(TokenFault::ClaimInvalid)),
            (r#"{"exp":"1000"}"#, 1, Err(TokenFault::ClaimInvalid)),
            (r#"{"exp":null}"#, 1, Err(TokenFault::ClaimInvalid)),
            (r#"{"exp":true}"#, 1, Err(TokenFault::ClaimInvalid)),
            (r#"{"exp":-5}"#, 1, Err(TokenFault::ClaimInvalid)),
            (r#"{"exp":0}"#, 1, Err(TokenFault::ClaimInvalid)),
            (r#"{"exp":0.000000001}"#, 1, Ok(())),
            (r#"{"exp":1000,"nbf":"1"}"#, 1, Err(TokenFault::ClaimInvalid)),
            (r#"{}"#, 1, Err(TokenFault::ClaimMissing)),
        ];
        for (text, now, expected) in table {
            assert_eq!(judge(text, now), expected, "{text} at {now}");
        }
    }

    #[test]
    fn an_audience_is_a_text_or_a_list_of_texts_and_names_us() {
        let issuer = issuer();
        let judge = |text: &str| claims(text).check_audience(&issuer);
        assert_eq!(judge(r#"{"aud":"https://pdp.example"}"#), Ok(()));
        assert_eq!(judge(r#"{"aud":["x","https://pdp.example"]}"#), Ok(()));
        assert_eq!(judge(r#"{"aud":"https://pdp.example/"}"#), Err(TokenFault::AudienceMismatch));
        assert_eq!(judge(r#"{"aud":[]}"#), Err(TokenFault::AudienceMismatch));
        assert_eq!(judge(r#"{"aud":["x","y"]}"#), Err(TokenFault::AudienceMismatch));
        assert_eq!(judge(r#"{"aud":[["https://pdp.example"]]}"#), Err(TokenFault::ClaimInvalid));
        assert_eq!(judge(r#"{"aud":{}}"#), Err(TokenFault::ClaimInvalid));
        assert_eq!(judge(r#"{}"#), Err(TokenFault::ClaimMissing));
    }

    #[test]
    fn claims_become_values_with_their_kinds() {
        let values =
            claims(r#"{"iat":5,"scope":"a b","aud":"x","n":1.5,"o":{"k":null,"l":[true]}}"#).values();
        let values = values.unwrap();
        assert_eq!(values["iat"], Value::Time(at(5)));
        assert_eq!(values["scope"], texts(["a", "b"]));
        assert_eq!(values["aud"], texts(["x"]));
        assert_eq!(values["n"], Value::Number(Number::parse("1.5").unwrap()));
        assert_eq!(values["o"].member("k"), None);
        assert_eq!(values["o"].member("l"), Some(&Value::Set([Value::Bool(true)].into())));
    }
}
