//! Which content types carry a request (AuthZEN 1.0 §10.1).

/// Whether a `Content-Type` header says JSON. Parameters do not change the type; an absent header
/// says nothing, so it is refused. Anything refused is answered with 400.
pub fn is_json(content_type: Option<&str>) -> bool {
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn t_03_other_content_types_are_refused() {
        let others = ["text/plain", "", "application/jsonp", "text/json", "application/json, text/plain"];
        assert!(!is_json(None));
        assert!(others.iter().all(|other| !is_json(Some(other))));
    }

    #[test]
    fn t_04_parameters_and_case_do_not_matter() {
        let same = [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            " application/json ;",
        ];
        assert!(same.iter().all(|same| is_json(Some(same))));
    }
}
