//! The signed log over HTTP: what an auditor takes verifies without us, and nobody else gets it.

use remit_pdp::ledger::{Checkpoint, Inclusion, LeafHash, Vkey, consistent};

use crate::client::Ask;
use crate::fixture::{ENDPOINTS, POWERLESS, QUESTION, Running};

const LOG: &str = "/audit/v1/log";

/// The last signed head, once it has so many records.
async fn head(server: &Running, size: u64) -> (Checkpoint, Vec<Vkey>) {
    let keys = server.ask(Ask::get(&format!("{LOG}/vkey"))).await.text().to_owned();
    let keys: Vec<Vkey> = keys.lines().map(|key| Vkey::parse(key).expect("a key")).collect();
    for _ in 0..100 {
        let answer = server.ask(Ask::get(&format!("{LOG}/checkpoint"))).await;
        if answer.status == 200 {
            assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
            assert_eq!(answer.header("cache-control"), "no-store");
            let head = Checkpoint::open(answer.text(), &keys).expect("signed");
            if head.size >= size {
                return (head, keys);
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no head of size {size} was signed");
}

#[tokio::test]
async fn what_an_auditor_takes_verifies_without_us() {
    let server = Running::start(|_| {}).await;
    let (first, _) = head(&server, 1).await;
    for _ in 0..5 {
        assert_eq!(server.ask(Ask::post(ENDPOINTS[0], QUESTION)).await.status, 200);
    }
    let (last, keys) = head(&server, first.size + 5).await;
    let bundle = server.ask(Ask::get(&format!("{LOG}/tile/entries/000.p/{}", last.size))).await;
    assert_eq!((bundle.status, bundle.header("content-type")), (200, "application/octet-stream"));
    assert!(bundle.header("cache-control").contains("immutable"));
    let mut rest = &bundle.body[..];
    let mut index = 0;
    let tile = server.ask(Ask::get(&format!("{LOG}/tile/0/000.p/{}", last.size))).await.body;
    while let Some((length, more)) = rest.split_first_chunk::<2>() {
        let (record, more) = more.split_at(usize::from(u16::from_be_bytes(*length)));
        rest = more;
        let leaf = LeafHash::of(record).0;
        assert_eq!(&tile[index * 32..index * 32 + 32], leaf);
        for query in ["", "?size=7"] {
            let answer = server.ask(Ask::get(&format!("{LOG}/proof/{index}{query}"))).await;
            if answer.status == 404 && index >= 7 {
                continue;
            }
            let proof = Inclusion::parse(answer.text()).expect("a proof");
            assert!(proof.verify(&leaf, &keys).is_ok(), "{index}{query}");
        }
        index += 1;
    }
    assert_eq!(index as u64, last.size);
    let path = format!("{LOG}/consistency?from={}&to={}", first.size, last.size);
    let proof = server.ask(Ask::get(&path)).await.json();
    let hashes: Vec<[u8; 32]> = proof["hashes"]
        .as_array()
        .expect("hashes")
        .iter()
        .map(|it| LeafHash::parse(it.as_str().expect("text").as_bytes()).expect("a hash").0)
        .collect();
    assert_eq!(consistent((first.size, &first.root), (last.size, &last.root), &hashes), Ok(()));
}

#[tokio::test]
async fn only_auditors_see_the_log() {
    let server = Running::start(|config| config.peps[0].governance = false).await;
    head(&server, 1).await;
    for path in
        ["checkpoint", "vkey", "tile/0/000.p/1", "tile/entries/000.p/1", "proof/0", "consistency?from=0&to=1"]
    {
        let path = format!("{LOG}/{path}");
        assert_eq!(server.ask_openly(Ask::get(&path)).await.status, 401, "{path}");
        let key = format!("Bearer {POWERLESS}");
        let answer = Ask::get(&path).header("authorization", &key).send(server.address).await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(server.ask(Ask::get(&path)).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn what_the_log_does_not_have_is_not_found_and_what_is_no_address_is_malformed() {
    let server = Running::start(|_| {}).await;
    let (last, _) = head(&server, 1).await;
    let beyond = last.size + 1_000;
    for path in [
        "tile/0/000".to_owned(),
        "tile/0/001.p/1".to_owned(),
        "tile/entries/../checkpoint".to_owned(),
        "tile/0".to_owned(),
        format!("proof/{beyond}"),
        format!("proof/0?size={beyond}"),
        format!("consistency?from=1&to={beyond}"),
    ] {
        assert_eq!(server.ask(Ask::get(&format!("{LOG}/{path}"))).await.status, 404, "{path}");
    }
    for path in [
        "proof/x",
        "proof/-1",
        "proof/+1",
        "proof/0?size=x",
        "proof/0?other=1",
        "consistency",
        "consistency?from=2&to=1",
    ] {
        assert_eq!(server.ask(Ask::get(&format!("{LOG}/{path}"))).await.status, 400, "{path}");
    }
}
