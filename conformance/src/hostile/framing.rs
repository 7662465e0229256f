//! What is no HTTP, or two readers would read differently: lines, lengths, chunks, smuggling, other protocols (THREATS R14, O3).

use super::Target;
use super::case::{BAD, Case, EVALUATION, Expect};
use super::wire::Piece;

pub fn add(target: &Target, cases: &mut Vec<Case>) {
    first_lines(target, cases);
    lengths(target, cases);
    chunks(target, cases);
    smuggling(target, cases);
    other_protocols(cases);
    endless(target, cases);
}

fn push(
    cases: &mut Vec<Case>,
    group: &'static str,
    name: impl Into<String>,
    text: impl Into<Vec<u8>>,
    expect: Expect,
) {
    cases.push(Case::new(group, name, text.into(), expect));
}

fn first_lines(target: &Target, cases: &mut Vec<Case>) {
    let (body, credential) = (target.good(), target.credential());
    let rest = format!(
        "{credential}Content-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let host = "Host: pdp\r\n";
    for (name, first) in [
        ("version 0.9", format!("POST {EVALUATION}\r\n{host}")),
        ("version 1.2", format!("POST {EVALUATION} HTTP/1.2\r\n{host}")),
        ("version 2.0", format!("POST {EVALUATION} HTTP/2.0\r\n{host}")),
        ("version 11", format!("POST {EVALUATION} HTTP/11\r\n{host}")),
        ("small letters", format!("POST {EVALUATION} http/1.1\r\n{host}")),
        ("no blank", format!("POST{EVALUATION} HTTP/1.1\r\n{host}")),
        ("two blanks", format!("POST  {EVALUATION} HTTP/1.1\r\n{host}")),
        ("a tab", format!("POST\t{EVALUATION}\tHTTP/1.1\r\n{host}")),
        ("a blank in the path", format!("POST {EVALUATION} x HTTP/1.1\r\n{host}")),
        ("nul in the path", format!("POST {EVALUATION}\0 HTTP/1.1\r\n{host}")),
        ("a carriage return in the path", format!("POST {EVALUATION}\r HTTP/1.1\r\n{host}")),
        ("nul before", format!("\0POST {EVALUATION} HTTP/1.1\r\n{host}")),
        ("a blank before", format!(" POST {EVALUATION} HTTP/1.1\r\n{host}")),
        ("a lone carriage return", format!("POST {EVALUATION} HTTP/1.1\r{host}")),
        ("connect", format!("CONNECT evil.example:443 HTTP/1.1\r\n{host}")),
        ("star", format!("OPTIONS * HTTP/1.1\r\n{host}")),
        ("no path", format!("POST  HTTP/1.1\r\n{host}")),
        ("an empty line and then", "\r\n\r\n\r\n".to_owned()),
        ("an authority", format!("POST pdp:80 HTTP/1.1\r\n{host}")),
        ("a file", format!("POST file:///etc/passwd HTTP/1.1\r\n{host}")),
    ] {
        push(cases, "first line", name, format!("{first}{rest}"), Expect::Refused(&[400, 404, 405, 0]));
    }
    push(
        cases,
        "first line",
        "as it is",
        format!("POST {EVALUATION} HTTP/1.1\r\n{host}{rest}"),
        Expect::Decisions(vec![true]),
    );
    // An empty line before a request is passed over (RFC 9112, section 2.2).
    push(
        cases,
        "first line",
        "an empty line before",
        format!("\r\nPOST {EVALUATION} HTTP/1.1\r\n{host}{rest}"),
        Expect::Decisions(vec![true]),
    );
}

fn lengths(target: &Target, cases: &mut Vec<Case>) {
    let (body, credential) = (target.good(), target.credential());
    let head =
        format!("POST {EVALUATION} HTTP/1.1\r\nHost: pdp\r\n{credential}Content-Type: application/json\r\n");
    let (length, more) = (body.len(), body.len() + 5);
    for (name, lines) in [
        ("negative", "Content-Length: -1".to_owned()),
        ("with a plus", format!("Content-Length: +{length}")),
        ("hexadecimal", format!("Content-Length: 0x{length:x}")),
        ("a fraction", format!("Content-Length: {length}.0")),
        ("an exponent", "Content-Length: 1e2".to_owned()),
        ("two numbers", format!("Content-Length: {length} {length}")),
        ("a list of two", format!("Content-Length: {length}, {more}")),
        ("two that differ", format!("Content-Length: {length}\r\nContent-Length: {more}")),
        ("two that differ, longer first", format!("Content-Length: {more}\r\nContent-Length: {length}")),
        ("empty", "Content-Length: ".to_owned()),
        ("letters", "Content-Length: abc".to_owned()),
        ("beyond 64 bits", "Content-Length: 18446744073709551617".to_owned()),
        ("400 digits", format!("Content-Length: {}", "9".repeat(400))),
        ("other digits", "Content-Length: \u{ff11}\u{ff10}".to_owned()),
        ("nul after", format!("Content-Length: {length}\0")),
        ("a blank before the colon", format!("Content-Length : {length}")),
        ("none", "X-Nothing: 1".to_owned()),
        ("nought", "Content-Length: 0".to_owned()),
        ("one short", format!("Content-Length: {}", length - 1)),
    ] {
        push(cases, "lengths", name, format!("{head}{lines}\r\n\r\n{body}"), Expect::Refused(BAD));
    }
    // More is promised than comes: no decision, the time of the body runs out.
    let waits = format!("{head}Content-Length: {more}\r\n\r\n{body}");
    push(cases, "lengths", "five bytes that never come", waits, Expect::Refused(&[408, 0]));
    for lines in [
        format!("Content-Length: {length}"),
        format!("Content-Length:{length}"),
        format!("content-length:\t {length} "),
    ] {
        push(
            cases,
            "lengths",
            format!("{lines:?}"),
            format!("{head}Connection: close\r\n{lines}\r\n\r\n{body}"),
            Expect::Decisions(vec![true]),
        );
    }
}

fn chunks(target: &Target, cases: &mut Vec<Case>) {
    let (body, credential) = (target.good(), target.credential());
    let head = format!(
        "POST {EVALUATION} HTTP/1.1\r\nHost: pdp\r\n{credential}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let size = body.len();
    for (name, chunked) in [
        ("negative", format!("-{size:x}\r\n{body}\r\n0\r\n\r\n")),
        ("a plus", format!("+{size:x}\r\n{body}\r\n0\r\n\r\n")),
        ("0x", format!("0x{size:x}\r\n{body}\r\n0\r\n\r\n")),
        ("beyond 64 bits", format!("FFFFFFFFFFFFFFFFF\r\n{body}\r\n0\r\n\r\n")),
        ("all of 64 bits", format!("FFFFFFFFFFFFFFFF\r\n{body}\r\n0\r\n\r\n")),
        ("no size", format!("\r\n{body}\r\n0\r\n\r\n")),
        ("letters", format!("xyz\r\n{body}\r\n0\r\n\r\n")),
        ("a dot", format!("{size:x}.0\r\n{body}\r\n0\r\n\r\n")),
        ("a blank before", format!(" {size:x}\r\n{body}\r\n0\r\n\r\n")),
        ("a lone line end", format!("{size:x}\n{body}\r\n0\r\n\r\n")),
        ("a lone carriage return", format!("{size:x}\r{body}\r\n0\r\n\r\n")),
        ("data too long", format!("{:x}\r\n{body}\r\n0\r\n\r\n", size - 3)),
        ("no line end after data", format!("{size:x}\r\n{body}0\r\n\r\n")),
        ("nul in the size", format!("{size:x}\0\r\n{body}\r\n0\r\n\r\n")),
        ("20 kB of an extension", format!("{size:x};{}\r\n{body}\r\n0\r\n\r\n", "e".repeat(20_000))),
        ("never ends", format!("{size:x}\r\n{body}\r\n")),
        ("ends at once", "0\r\n\r\n".to_owned()),
        ("broken off", format!("{size:x}\r\n{}", body.get(..size / 2).unwrap_or_default())),
    ] {
        push(cases, "chunks", name, format!("{head}{chunked}"), Expect::Refused(&[400, 408, 413, 431, 0]));
    }
    let close = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    for (name, chunked) in [
        ("one piece", format!("{size:x}\r\n{body}\r\n0\r\n\r\n")),
        ("capital letters", format!("{size:X}\r\n{body}\r\n0\r\n\r\n")),
        ("leading noughts", format!("000{size:x}\r\n{body}\r\n0\r\n\r\n")),
        ("an extension", format!("{size:x};a=b\r\n{body}\r\n0\r\n\r\n")),
        ("trailers", format!("{size:x}\r\n{body}\r\n0\r\nContent-Length: 5\r\nX-Request-ID: t\r\n\r\n")),
        ("byte by byte", body.chars().map(|it| format!("1\r\n{it}\r\n")).collect::<String>() + "0\r\n\r\n"),
    ] {
        push(cases, "chunks", name, format!("{close}{chunked}"), Expect::Decisions(vec![true]));
    }
}

/// The outer request is one that is denied, the inner one would be allowed: any allow means that the inner one was run.
fn smuggling(target: &Target, cases: &mut Vec<Case>) {
    let (bad, good, credential) = (target.bad(), target.good(), target.credential());
    let json = "Content-Type: application/json\r\n";
    let inner = format!(
        "POST {EVALUATION} HTTP/1.1\r\nHost: pdp\r\n{credential}{json}Content-Length: {}\r\n\r\n{good}",
        good.len()
    );
    let head = format!("POST {EVALUATION} HTTP/1.1\r\nHost: pdp\r\n{credential}{json}");
    let chunked = format!("{:x}\r\n{bad}\r\n0\r\n\r\n{inner}", bad.len());
    let whole = format!("{bad}{inner}");
    let (all, outer) = (chunked.len(), bad.len());
    for (name, lines, sent) in [
        ("length, then chunked", format!("Content-Length: {all}\r\nTransfer-Encoding: chunked"), &chunked),
        ("chunked, then length", format!("Transfer-Encoding: chunked\r\nContent-Length: {all}"), &chunked),
        (
            "length of the outer, chunked",
            format!("Content-Length: {outer}\r\nTransfer-Encoding: chunked"),
            &chunked,
        ),
        ("length nought and chunked", "Content-Length: 0\r\nTransfer-Encoding: chunked".to_owned(), &chunked),
        ("xchunked", format!("Content-Length: {all}\r\nTransfer-Encoding: xchunked"), &chunked),
        (
            "a blank before the colon",
            format!("Content-Length: {all}\r\nTransfer-Encoding : chunked"),
            &chunked,
        ),
        ("a tab", format!("Content-Length: {all}\r\nTransfer-Encoding:\tchunked"), &chunked),
        ("vertical tab", format!("Content-Length: {all}\r\nTransfer-Encoding: \x0bchunked"), &chunked),
        ("nul", format!("Content-Length: {all}\r\nTransfer-Encoding: chunked\0"), &chunked),
        ("folded", format!("Content-Length: {all}\r\nTransfer-Encoding:\r\n chunked"), &chunked),
        (
            "chunked, identity",
            format!("Content-Length: {all}\r\nTransfer-Encoding: chunked, identity"),
            &chunked,
        ),
        (
            "identity, chunked",
            format!("Content-Length: {all}\r\nTransfer-Encoding: identity, chunked"),
            &chunked,
        ),
        ("gzip, chunked", "Transfer-Encoding: gzip, chunked".to_owned(), &chunked),
        (
            "chunked twice",
            format!("Content-Length: {all}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x"),
            &chunked,
        ),
        ("quoted", format!("Content-Length: {all}\r\nTransfer-Encoding: \"chunked\""), &chunked),
        ("capital letters", format!("Content-Length: {all}\r\nTransfer-Encoding: CHUNKED"), &chunked),
        ("a lone line end", format!("X: y\nTransfer-Encoding: chunked\r\nContent-Length: {all}"), &chunked),
        (
            "two lengths, the short one last",
            format!("Content-Length: {}\r\nContent-Length: {outer}", whole.len()),
            &whole,
        ),
        (
            "two lengths, the short one first",
            format!("Content-Length: {outer}\r\nContent-Length: {}", whole.len()),
            &whole,
        ),
        ("a list of lengths", format!("Content-Length: {outer}, {}", whole.len()), &whole),
        (
            "a length behind a folded line",
            format!("X: y\r\n Content-Length: {outer}\r\nContent-Length: {}", whole.len()),
            &whole,
        ),
        (
            "an odd name of a length",
            format!("Content_Length: {outer}\r\nContent-Length: {}", whole.len()),
            &whole,
        ),
    ] {
        push(cases, "smuggling", name, format!("{head}{lines}\r\n\r\n{sent}"), Expect::NoAllow);
    }
    let get = format!("GET /healthz HTTP/1.1\r\nHost: pdp\r\nContent-Length: {}\r\n\r\n{inner}", inner.len());
    push(cases, "smuggling", "in the body of a GET", get, Expect::NoAllow);
    let old = format!("{}Transfer-Encoding: chunked\r\n\r\n{chunked}", head.replace("HTTP/1.1", "HTTP/1.0"));
    push(cases, "smuggling", "chunked in version 1.0", old, Expect::NoAllow);
    let refused =
        format!("POST /nowhere HTTP/1.1\r\nHost: pdp\r\nContent-Length: {}\r\n\r\n{inner}", inner.len());
    push(cases, "smuggling", "in the body of what is refused", refused, Expect::NoAllow);
    let unknown =
        format!("POST {EVALUATION} HTTP/1.1\r\nHost: pdp\r\nContent-Length: {}\r\n\r\n{inner}", inner.len());
    push(cases, "smuggling", "in a body of the wrong type", unknown, Expect::NoAllow);
    let last = inner.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    push(
        cases,
        "smuggling",
        "two honest requests in a row",
        format!("{inner}{last}"),
        Expect::Decisions(vec![true, true]),
    );
    let denied = format!("{head}Content-Length: {outer}\r\n\r\n{bad}{last}");
    push(
        cases,
        "smuggling",
        "a denied and a permitted one in a row",
        denied,
        Expect::Decisions(vec![false, true]),
    );
}

fn other_protocols(cases: &mut Vec<Case>) {
    let hello = [0x16, 3, 1, 0, 0x2e, 1, 0, 0, 0x2a, 3, 3].into_iter().chain(std::iter::repeat_n(7, 64));
    let noise = (0_u32..4096).map(|at| (at.wrapping_mul(2_654_435_761) >> 13 & 0xff) as u8);
    for (name, bytes) in [
        ("TLS", hello.collect::<Vec<u8>>()),
        ("noise", noise.collect()),
        ("nul bytes", vec![0; 4096]),
        ("line ends", b"\r\n".repeat(4096)),
        ("SSH", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
        ("redis", b"*1\r\n$4\r\nPING\r\n".to_vec()),
        ("HTTP/2 and then noise", [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &[0xff; 512]].concat()),
        ("HTTP/2, a frame of 16 MB", [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &[0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]].concat()),
        ("half of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM".to_vec()),
        ("upgrade to h2c", b"GET /healthz HTTP/1.1\r\nHost: pdp\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n".to_vec()),
        ("upgrade to a socket", b"GET /healthz HTTP/1.1\r\nHost: pdp\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".to_vec()),
        ("proxy protocol", b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\nGET /healthz HTTP/1.1\r\nHost: pdp\r\n\r\n".to_vec()),
    ] {
        push(cases, "protocols", name, bytes, Expect::NoAllow);
    }
    push(
        cases,
        "protocols",
        "as it is",
        b"GET /healthz HTTP/1.1\r\nHost: pdp\r\nConnection: close\r\n\r\n".to_vec(),
        Expect::Answer(200, ""),
    );
}

fn endless(target: &Target, cases: &mut Vec<Case>) {
    let credential = target.credential();
    let head =
        format!("POST {EVALUATION} HTTP/1.1\r\nHost: pdp\r\n{credential}Content-Type: application/json\r\n");
    let mut flood = |name: &str, lines: &str, piece: Vec<u8>, most: usize| {
        let mut case = Case::new(
            "endless",
            name,
            format!("{head}{lines}").into_bytes(),
            Expect::Refused(&[400, 408, 413, 431, 0]),
        );
        case.pieces.push(Piece::Flood(piece, most));
        cases.push(case);
    };
    let piece = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
    flood("a body in chunks", "Transfer-Encoding: chunked\r\n\r\n", piece, 64 << 20);
    flood(
        "a body of one byte in a chunk",
        "Transfer-Encoding: chunked\r\n\r\n",
        b"1\r\n \r\n".repeat(1000),
        32 << 20,
    );
    flood("1 GB announced", "Content-Length: 1073741824\r\n\r\n", vec![b' '; 1 << 16], 64 << 20);
    flood("headers", "", b"X-More: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(100), 16 << 20);
    flood("one header", "X-Big: ", vec![b'y'; 1 << 16], 16 << 20);
    flood("an extension of a chunk", "Transfer-Encoding: chunked\r\n\r\n1;", vec![b'e'; 1 << 16], 16 << 20);
    flood(
        "trailers",
        "Transfer-Encoding: chunked\r\n\r\n0\r\n",
        b"X-T: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(100),
        16 << 20,
    );
    let body = target.good() + &" ".repeat(60_000);
    let bytes = target.post(EVALUATION, body.as_bytes());
    cases.push(Case::new("endless", "60 kB of blanks", bytes, Expect::Decisions(vec![true])));
}
