//! Slow clients, all at once, with others that must be served meanwhile (THREATS O1).

use std::time::Duration;

use super::Target;
use super::case::{Case, EVALUATION, Expect};
use super::wire::Piece;

/// How long a slow client may hold its connection: the longest limit of a decision point that cuts them within 10 s, and some.
const CUT: Duration = Duration::from_secs(14);

pub fn add(target: &Target, cases: &mut Vec<Case>) {
    let (body, credential) = (target.good(), target.credential());
    let head = format!(
        "POST {EVALUATION} HTTP/1.1\r\nHost: pdp\r\n{credential}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut slow = |name: String, pieces: Vec<Piece>| {
        let mut case = Case::new("slow", name, Vec::new(), Expect::Refused(&[400, 408, 0]));
        (case.pieces, case.patience, case.within) = (pieces, CUT, CUT);
        cases.push(case);
    };
    let pause = Duration::from_millis(400);
    for at in 0..8 {
        slow(format!("a head byte by byte, {at}"), vec![Piece::Trickle(head.clone().into_bytes(), pause)]);
        slow(
            format!("a body byte by byte, {at}"),
            vec![Piece::Send(head.clone().into_bytes()), Piece::Trickle(body.clone().into_bytes(), pause)],
        );
        slow(
            format!("half a head, {at}"),
            vec![Piece::Send(head.as_bytes().get(..40).unwrap_or_default().to_vec())],
        );
        slow(format!("nothing at all, {at}"), vec![Piece::Pause(Duration::from_millis(1))]);
        slow(format!("no body, {at}"), vec![Piece::Send(head.clone().into_bytes())]);
    }
    // Large answers that nobody reads: the connection must not be held for ever.
    for at in 0..4 {
        let get = b"GET /openapi.json HTTP/1.1\r\nHost: pdp\r\n\r\n";
        let mut case = Case::new("slow", format!("answers that nobody reads, {at}"), Vec::new(), Expect::Cut);
        (case.pieces, case.within) = (vec![Piece::Flood(get.to_vec(), 20_000), Piece::Pause(CUT)], CUT * 2);
        cases.push(case);
    }
    for at in 0..40 {
        let mut case =
            Case::new("slow", format!("another meanwhile, {at}"), Vec::new(), Expect::Decisions(vec![true]));
        let bytes = target.post(EVALUATION, body.as_bytes());
        // The pause is none of its own making.
        let pause = Duration::from_millis(100 * at);
        case.pieces = vec![Piece::Send(bytes)];
        case.within = Duration::from_secs(1);
        case.before = pause;
        cases.push(case);
    }
}
