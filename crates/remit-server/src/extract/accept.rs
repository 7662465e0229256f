//! Whether an `Accept` header lets an error be JSON.

use http::HeaderValue;

/// True without a header, and when any acceptable range covers `application/json`.
pub fn accepts_json(accept: Option<&HeaderValue>) -> bool {
    let Some(accept) = accept else { return true };
    let Ok(text) = accept.to_str() else { return true };
    text.trim().is_empty() || text.split(',').any(covers_json)
}

fn covers_json(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let refused = parts.any(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        name.trim().eq_ignore_ascii_case("q") && value.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0)
    });
    let covers =
        matches!(media.as_str(), "*/*" | "application/*" | "application/json") || media.ends_with("+json");
    covers && !refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_the_default_and_can_be_refused() {
        assert!(accepts_json(None));
        let table = [
            ("", true),
            ("application/json", true),
            ("*/*", true),
            ("text/html, application/*;q=0.5", true),
            ("APPLICATION/JSON; charset=utf-8", true),
            ("application/problem+json", true),
            ("text/plain", false),
            ("text/html,text/plain;q=0.9", false),
            ("application/json;q=0, text/plain", false),
        ];
        for (accept, expected) in table {
            assert_eq!(accepts_json(Some(&HeaderValue::from_static(accept))), expected, "{accept}");
        }
    }
}
