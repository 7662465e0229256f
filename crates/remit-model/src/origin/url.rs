//! URLs in canonical form (RFC 3986, section 6): case of scheme and host, default port, percent-encoding, dot
//! segments. User information stays, since it is how one host pretends to be another.

use std::fmt::Write as _;

/// The canonical form, when the text is a URL with an authority.
pub(super) fn canonical(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let named = scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !named || rest.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) =
        authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    let (path, query) = tail.split_at(tail.find(['?', '#']).unwrap_or(tail.len()));
    let mut out = format!("{scheme}://");
    if let Some(user) = user {
        out.push_str(user);
        out.push('@');
    }
    push_host(host, &scheme, &mut out)?;
    push_path(&percent(path), &mut out);
    out.push_str(&percent(query));
    Some(out)
}

fn push_host(host: &str, scheme: &str, out: &mut String) -> Option<()> {
    let split = host.rfind(':').filter(|at| !host.get(*at..).is_some_and(|after| after.contains(']')));
    let (name, port) = split.map_or((host, ""), |at| host.split_at(at));
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.is_empty() || name.contains('%') {
        return None;
    }
    out.extend(name.chars().flat_map(char::to_lowercase));
    let port = port.strip_prefix(':').unwrap_or(port);
    if port.is_empty() {
        return Some(());
    }
    let port: u16 = port.bytes().all(|b| b.is_ascii_digit()).then(|| port.parse().ok()).flatten()?;
    let default = match scheme {
        "http" | "ws" => 80,
        "https" | "wss" => 443,
        "ftp" => 21,
        _ => 0,
    };
    if port != default {
        let _ = write!(out, ":{port}");
    }
    Some(())
}

/// Without `.` and `..` segments (RFC 3986, section 5.2.4); the empty path is `/`.
fn push_path(path: &str, out: &mut String) {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    out.push('/');
    out.push_str(&kept.join("/"));
}

/// Unreserved characters decoded, other escapes in upper case.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let code = escape.get(1..3).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    out.push(char::from(byte));
                } else {
                    let _ = write!(out, "%{byte:02X}");
                }
                rest = escape.get(3..).unwrap_or_default();
            }
            None => {
                out.push('%');
                rest = escape.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn rules_of_the_standard() {
        for (written, form) in [
            ("HTTP://A.Example", "http://a.example/"),
            ("http://a.example.:80/", "http://a.example/"),
            ("http://a.example:8080/x", "http://a.example:8080/x"),
            ("https://a.example:/x", "https://a.example/x"),
            ("https://[2001:DB8::1]:443/", "https://[2001:db8::1]/"),
            ("https://a.example/a/./b/../c/..", "https://a.example/a/"),
            ("https://a.example/%2e%2E/x%2fy", "https://a.example/x%2Fy"),
            ("https://a.example?q=A#F", "https://a.example/?q=A#F"),
            ("https://u:p@a.example/", "https://u:p@a.example/"),
        ] {
            assert_eq!(canonical(written).as_deref(), Some(form), "{written}");
        }
    }

    #[test]
    fn what_is_no_url_has_no_form() {
        for other in [
            "a.example/x",
            "1x://a",
            "https://",
            "https://a b/",
            "https://a\\b/",
            "https://a:x/",
            "https://%61/",
        ] {
            assert_eq!(canonical(other), None, "{other}");
        }
    }
}
