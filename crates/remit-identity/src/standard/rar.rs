//! `authorization_details` (RFC 9396) and its AuthZEN types: checked for shape, handed on as text.

use remit_json::{Json, Object};

use crate::claims::Claims;
use crate::fault::TokenFault;
use crate::issuer::Issuer;
use crate::limits;

/// The types whose meaning Remit knows; compared without case, as their draft says.
const AUTHZEN: [&str; 2] = ["authzen_evaluation", "authzen_evaluations"];

/// The details of a token as JSON text. An unknown type or a wrong shape refuses the whole token.
pub(crate) fn details(claims: &Claims, issuer: &Issuer) -> Result<Option<String>, TokenFault> {
    let Some(value) = claims.0.get("authorization_details") else { return Ok(None) };
    let items = value.as_array().ok_or(TokenFault::DetailsInvalid)?;
    if items.len() > limits::DETAILS {
        return Err(TokenFault::DetailsInvalid);
    }
    let fits = |item: &Json<'_>| item.as_object().is_some_and(|item| is_known(item, issuer));
    if items.iter().all(fits) { Ok(Some(value.to_string())) } else { Err(TokenFault::DetailsInvalid) }
}

fn is_known(item: &Object<'_>, issuer: &Issuer) -> bool {
    let Some(kind) = item.get("type").and_then(Json::as_str) else { return false };
    if AUTHZEN.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
        // SPEC: AuthZEN profile for RAR: exactly `type` and `request`.
        return item.len() == 2 && item.get("request").is_some_and(|it| it.as_object().is_some());
    }
    issuer.details_types.iter().any(|known| known == kind) && has_common_shape(item)
}

/// SPEC: RFC 9396 §2.2: four members are lists of texts, one is a text.
fn has_common_shape(item: &Object<'_>) -> bool {
    let texts = |value: &Json<'_>| {
        value.as_array().is_some_and(|items| items.iter().all(|item| item.as_str().is_some()))
    };
    let lists = ["locations", "actions", "datatypes", "privileges"];
    lists.iter().all(|name| item.get(name).is_none_or(texts))
        && item.get("identifier").is_none_or(|it| it.as_str().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuer::tests::config;

    #[test]
    fn known_types_in_the_right_shape_pass_and_anything_else_refuses_the_whole() {
        let mut config = config();
        config.details_types = vec!["payment".into()];
        let issuer = Issuer::new(&config).unwrap();
        let judge = |details: &str| {
            let text = format!("{{\"authorization_details\":{details}}}");
            let json = remit_json::parse(text.as_bytes(), &remit_json::Limits::default()).unwrap();
            super::details(&Claims(json.as_object().cloned().unwrap().into_owned()), &issuer)
        };
        for good in [
            r#"[]"#,
            r#"[{"type":"payment","actions":["pay"],"identifier":"x","amount":{"value":1}}]"#,
            r#"[{"type":"authzen_evaluation","request":{"action":{"name":"pay"}}}]"#,
            r#"[{"type":"AuthZEN_Evaluations","request":{}},{"type":"payment"}]"#,
        ] {
            assert_eq!(judge(good).unwrap().as_deref(), Some(good), "{good}");
        }
        let many = format!("[{}{{\"type\":\"payment\"}}]", r#"{"type":"payment"},"#.repeat(limits::DETAILS));
        for bad in [
            r#"{}"#,
            r#"null"#,
            r#"[1]"#,
            r#"[{}]"#,
            r#"[{"type":7}]"#,
            r#"[{"type":"Payment"}]"#,
            r#"[{"type":"payment"},{"type":"other"}]"#,
            r#"[{"type":"payment","actions":"pay"}]"#,
            r#"[{"type":"payment","locations":[1]}]"#,
            r#"[{"type":"authzen_evaluation","request":{},"extra":1}]"#,
            r#"[{"type":"authzen_evaluation"}]"#,
            r#"[{"type":"authzen_evaluation","request":[]}]"#,
            &many,
        ] {
            assert_eq!(judge(bad), Err(TokenFault::DetailsInvalid), "{bad}");
        }
        let empty = Claims(Object::new());
        assert_eq!(super::details(&empty, &issuer), Ok(None));
    }
}
