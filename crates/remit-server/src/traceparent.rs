//! `Traceparent`: which trace a request belongs to, as its caller says (W3C Trace Context). What is not exactly a header of
//! the standard says nothing.

use http::HeaderMap;
use http::header::HeaderName;
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// The header's name.
const NAME: HeaderName = HeaderName::from_static("traceparent");

/// The caller's place in a trace.
// SPEC: W3C Trace Context §3.2: version, trace-id, parent-id and flags in lower-case hexadecimal. `tracestate` is of no use
// to anybody behind us and is not read.
pub fn read(headers: &HeaderMap) -> Option<SpanContext> {
    let mut sent = headers.get_all(NAME).iter();
    let (header, None) = (sent.next()?, sent.next()) else { return None };
    let text = header.to_str().ok()?;
    let (known, rest) = text.split_at_checked(55)?;
    let mut parts = known.split('-');
    let [version, trace, span, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let version = number(version, 2)?;
    // A later version may have more after what this one has, and only after a dash.
    let fits = match version {
        0 => rest.is_empty(),
        255 => false,
        _ => rest.is_empty() || rest.starts_with('-'),
    };
    if !fits || parts.next().is_some() {
        return None;
    }
    let trace = TraceId::from_bytes(number(trace, 32)?.to_be_bytes());
    let span = SpanId::from_bytes(u64::try_from(number(span, 16)?).ok()?.to_be_bytes());
    let flags = TraceFlags::new(u8::try_from(number(flags, 2)?).ok()?) & TraceFlags::SAMPLED;
    let read = SpanContext::new(trace, span, flags, true, TraceState::NONE);
    read.is_valid().then_some(read)
}

/// A number of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<u128> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == digits && text.bytes().all(lower)).then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<SpanContext> {
        let header = |value: &&str| (NAME, value.parse().expect("a header"));
        read(&values.iter().map(header).collect())
    }

    #[test]
    fn the_headers_of_the_standard_and_nothing_else() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let read = of(&[good]).expect("good");
        assert_eq!(read.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(read.span_id().to_string(), "00f067aa0ba902b7");
        assert!(read.is_sampled() && read.is_remote());
        assert!(!of(&[&good.replace("-01", "-00")]).expect("good").is_sampled());
        assert!(!of(&[&good.replace("-01", "-fe")]).expect("good").is_sampled(), "other flags say nothing");
        assert!(
            of(&["cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"]).is_some(),
            "a later version"
        );
        for wrong in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        ] {
            assert!(of(&[wrong]).is_none(), "{wrong}");
        }
        assert!(of(&[]).is_none());
        assert!(of(&[good, good]).is_none(), "two headers");
    }
}
