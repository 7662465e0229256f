//! Entries of issuers: what is refused at start, and how an entry changes what a token proves.

use std::sync::Arc;

use remit_identity::{
    ActorClaim, AlgorithmName, Assurance, Evidence, IdentityConfig, Introspection, IssuerConfig, KeySource,
    Offline, Pattern, PresentedToken, Profile, SubjectKind, TokenFault, TokenType, Unverified, Verifier,
};
use serde_json::{Value, json};

use crate::issuer::{Signer, key_set};
use crate::{NOW, at};

const HS256_KEY: &str =
    r#"{"keys":[{"kty":"oct","kid":"s","k":"-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE"}]}"#;

type Change = fn(&mut IssuerConfig);

fn entry(signer: &Signer) -> IssuerConfig {
    let source = KeySource::Inline(key_set(&[signer]));
    IssuerConfig::new("https://as.example", &[Profile::AccessToken], &["https://pdp.example"], source)
}

fn start(issuers: Vec<IssuerConfig>) -> Result<Verifier, String> {
    let config = IdentityConfig { issuers, allow_private_addresses: false };
    Verifier::new(&config, Arc::new(Offline)).map_err(|error| error.to_string())
}

async fn prove(change: impl FnOnce(&mut IssuerConfig), claims: &Value) -> Result<Arc<Evidence>, TokenFault> {
    let signer = Signer::new("k");
    let mut entry = entry(&signer);
    change(&mut entry);
    let verifier = start(vec![entry]).unwrap();
    match verifier.verify(&[signer.access(claims)], at(NOW)).await {
        Ok(evidence) => Ok(evidence),
        Err(Unverified::Token { fault, .. }) => Err(fault),
        Err(Unverified::Fault(fault)) => panic!("{fault}"),
    }
}

#[test]
fn entries_that_clash_or_cannot_work_are_refused_at_start() {
    let signer = Signer::new("k");
    let introspection = |opaque| Introspection {
        endpoint: "https://as.example/introspect".into(),
        authorization: None,
        authorization_file: None,
        ttl_s: 30,
        opaque,
    };
    let changed = |change: fn(&mut IssuerConfig)| {
        let mut entry = entry(&signer);
        change(&mut entry);
        start(vec![entry])
    };
    assert!(start(vec![entry(&signer)]).is_ok());
    let refusals: [(Change, &str); 11] = [
        (|it| it.issuer.clear(), "`issuer` is empty"),
        (|it| it.audiences.clear(), "`audiences` is empty"),
        (|it| it.audiences = vec![String::new()], "`audiences` is empty"),
        (|it| it.algorithms.clear(), "`algorithms` is empty"),
        (|it| it.keys = None, "exactly one of"),
        (|it| it.leeway_s = 301, "at most 300"),
        (|it| it.max_actors = 17, "at most 16"),
        (|it| it.algorithms.push(AlgorithmName::HS256), "symmetric algorithms stand alone"),
        (|it| it.accepts.push(Profile::JwtSvid), "an entry of their own"),
        (|it| it.ceiling.assurance = Some("splendid".into()), "`splendid` is not a valid"),
        (|it| it.keys = Some(KeySource::Inline("{}".into())), "`keys` are not usable"),
    ];
    for (change, expected) in refusals {
        let error = changed(change).err().unwrap();
        assert!(error.contains(expected), "{error}");
    }
    let twice = start(vec![entry(&signer), entry(&signer)]).err().unwrap();
    assert!(twice.contains("two entries"), "{twice}");
    let both = IssuerConfig { introspection: Some(introspection(false)), ..entry(&signer) };
    assert!(start(vec![both]).err().unwrap().contains("exactly one of"));
    let asked = |name: &str| IssuerConfig {
        issuer: name.into(),
        keys: None,
        introspection: Some(introspection(true)),
        ..entry(&signer)
    };
    assert!(start(vec![asked("https://a.example")]).is_ok());
    let two = start(vec![asked("https://a.example"), asked("https://b.example")]).err().unwrap();
    assert!(two.contains("both want the opaque tokens"), "{two}");
}

#[tokio::test]
async fn shared_secrets_are_taken_only_where_they_are_configured() {
    // Signed with the secret above over this very text, by another library.
    let token = "eyJhbGciOiJIUzI1NiIsImtpZCI6InMiLCJ0eXAiOiJhdCtqd3QifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUiLCJhdWQiOiJodHRwczovL3BkcC5leGFtcGxlIiwic3ViIjoiYWxpY2UiLCJpYXQiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMDYwMH0.2j_XB3DfNZNtWT_xhk07jLRordA1sc4Y6Z163my122I";
    let presented = PresentedToken::new(TokenType::AccessToken.urn(), token);
    let mut entry = entry(&Signer::new("k"));
    let refused = start(vec![entry.clone()]).unwrap().verify(std::slice::from_ref(&presented), at(NOW)).await;
    let fault = TokenFault::AlgorithmNotAllowed;
    assert_eq!(refused, Err(Unverified::Token { index: 0, fault }));
    entry.algorithms = vec![AlgorithmName::HS256];
    entry.keys = Some(KeySource::Inline(HS256_KEY.into()));
    let verifier = start(vec![entry]).unwrap();
    assert!(verifier.verify(&[presented], at(NOW)).await.is_ok());
}

#[tokio::test]
async fn an_entry_says_where_ids_sit_and_what_they_become() {
    let shown = |evidence: &Evidence| {
        let subject = evidence.subject.as_ref().unwrap().entity.to_string();
        let chain: Vec<_> = evidence.chain.iter().flatten().map(|it| it.entity.to_string()).collect();
        (evidence.pattern, subject, chain)
    };
    let client = json!({"client_id": "agent:p", "azp": "agent:z", "sub": "user:a"});
    let plain = prove(|_| {}, &client).await.unwrap();
    assert_eq!(shown(&plain), (Pattern::User, r#"user:"user:a""#.into(), vec![]));
    let change = |it: &mut IssuerConfig| {
        it.claims.actor = ActorClaim::ClientId;
        it.claims.typed_ids = true;
    };
    let mapped = prove(change, &client).await.unwrap();
    let expected = (Pattern::UserAndAgent, r#"user:"a""#.into(), vec![r#"agent:"p""#.into()]);
    assert_eq!(shown(&mapped), expected);
    let azp = prove(|it| it.claims.actor = ActorClaim::Azp, &client).await.unwrap();
    assert_eq!(azp.chain.as_ref().unwrap()[0].id, "agent:z");
    let agents = prove(|it| it.claims.subject_kind = SubjectKind::Agent, &json!({})).await.unwrap();
    assert_eq!(agents.pattern, Pattern::Agent);
    assert_eq!(agents.current_actor().unwrap().to_string(), r#"agent:"alice""#);
    let upn = |it: &mut IssuerConfig| it.claims.subject = "upn".into();
    let named = prove(upn, &json!({"upn": "alice@corp.example"})).await.unwrap();
    assert_eq!(named.subject.as_ref().unwrap().entity.to_string(), r#"user:"alice@corp.example""#);
    assert_eq!(prove(upn, &json!({})).await.err(), Some(TokenFault::ClaimMissing));
}

#[tokio::test]
async fn a_ceiling_bounds_scopes_assurance_and_patterns() {
    let scoped = json!({"scope": "read pay", "loa": 3});
    let change = |it: &mut IssuerConfig| {
        it.claims.assurance = Some("loa".into());
        it.ceiling.scopes = Some(["read".to_owned()].into());
        it.ceiling.assurance = Some("medium".into());
        it.ceiling.patterns = Some(["user".to_owned()].into());
    };
    let evidence = prove(change, &scoped).await.unwrap();
    assert_eq!(evidence.scopes, ["read".to_owned()].into());
    assert_eq!(evidence.weakest_assurance(), Some(Assurance::Medium));
    let with_agent = json!({"act": {"sub": "agent"}});
    assert_eq!(prove(change, &with_agent).await.err(), Some(TokenFault::AboveCeiling));
    assert!(prove(|_| {}, &with_agent).await.is_ok());
    let free = prove(|it| it.claims.assurance = Some("loa".into()), &scoped).await.unwrap();
    assert_eq!((free.scopes.len(), free.weakest_assurance()), (2, Some(Assurance::High)));
}

#[test]
fn configuration_reads_from_toml_like_text_and_refuses_unknown_members() {
    let text = json!({
        "issuers": [{
            "issuer": "https://as.example",
            "accepts": ["access_token", "delegation", "id_token"],
            "audiences": ["https://pdp.example"],
            "keys": {"url": "https://as.example/keys"},
            "algorithms": ["ES256", "EdDSA"],
            "claims": {"actor": "client_id", "user_type": "person"},
            "ceiling": {"scopes": ["read"]}
        }]
    });
    let config: IdentityConfig = serde_json::from_value(text.clone()).unwrap();
    assert!(config.check().is_ok());
    assert_eq!(config.issuers[0].leeway_s, 30);
    let mut misspelt = text;
    misspelt["issuers"][0]["audience"] = json!("x");
    assert!(serde_json::from_value::<IdentityConfig>(misspelt).is_err());
}
