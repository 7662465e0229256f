//! Tokens of nine standards, signed by an independent library: what each proves, and each single fault's code.

use std::collections::BTreeSet;
use std::sync::Arc;

use remit_identity::{
    AlgorithmName, Binding, CertificateHash, Evidence, IdentityConfig, IssuerConfig, KeySource, Offline,
    PresentedToken, Profile, Unverified, Verifier,
};
use serde_json::Value;

use crate::{NOW, at, data};

const PDP: &str = "https://pdp.example";

pub fn config(file: &Value) -> IdentityConfig {
    let keys = |issuer: &str| KeySource::Inline(file["jwks"][issuer].to_string());
    let entry = |issuer: &str, accepts: &[Profile], audience: &str| {
        IssuerConfig::new(issuer, accepts, &[audience], keys(issuer))
    };
    let mut server = entry("https://as.example", &[Profile::AccessToken, Profile::Delegation], PDP);
    server.details_types = vec!["payment_initiation".into()];
    let mut tts = entry("https://tts.example", &[Profile::TxnToken], "trust-domain.example");
    tts.algorithms = vec![AlgorithmName::ES512];
    IdentityConfig {
        issuers: vec![
            server,
            tts,
            entry("https://idp.example", &[Profile::IdJag], PDP),
            entry("https://kubernetes.default.svc.cluster.local", &[Profile::ServiceAccount], PDP),
            entry("spiffe://example.org", &[Profile::JwtSvid], PDP),
        ],
        allow_private_addresses: false,
    }
}

pub fn presented(token: &Value) -> PresentedToken {
    let mut it = PresentedToken::new(token["type"].as_str().unwrap(), token["token"].as_str().unwrap());
    if let Some(dpop) = token.get("dpop") {
        let text = |name: &str| dpop[name].as_str().unwrap();
        it = it.with_proof(text("proof"), text("method"), text("url"));
    }
    if let Some(hash) = token.get("client_cert_sha256") {
        it = it.with_certificate(CertificateHash::parse(hash.as_str().unwrap()).unwrap());
    }
    it
}

#[tokio::test]
async fn each_standard_proves_what_it_says_and_each_fault_has_its_code() {
    let file = data("drafts/drafts.json");
    let verifier = Verifier::new(&config(&file), Arc::new(Offline)).unwrap();
    let mut standards = BTreeSet::new();
    for case in file["cases"].as_array().unwrap() {
        let shown = format!("{} {}", case["id"], case["title"]);
        let tokens: Vec<_> = case["tokens"].as_array().unwrap().iter().map(presented).collect();
        let verdict = verifier.verify(&tokens, at(NOW)).await;
        let expected = &case["expect"];
        match verdict {
            Ok(evidence) => {
                assert!(expected.get("code").is_none(), "{shown}: accepted");
                expected.as_object().unwrap().iter().for_each(|(name, value)| {
                    assert_eq!(&told(&evidence, name), value, "{shown}: {name}");
                });
            }
            Err(Unverified::Token { index, fault }) => {
                assert_eq!(Some(fault.code()), expected["code"].as_str(), "{shown}");
                assert_eq!(Value::from(index), expected.get("index").cloned().unwrap_or(0.into()), "{shown}");
            }
            Err(Unverified::Fault(fault)) => panic!("{shown}: {fault}"),
        }
        standards.insert(case["id"].as_str().unwrap().rsplit_once('-').unwrap().0.to_owned());
    }
    assert_eq!(standards.len(), 11, "{standards:?}");
}

/// One member of the evidence in the spelling of the file.
fn told(evidence: &Evidence, name: &str) -> Value {
    match name {
        "pattern" => evidence.pattern.as_str().into(),
        "subject" => {
            let entity = &evidence.subject.as_ref().unwrap().entity;
            format!("{}:{}", entity.kind.as_str(), entity.id).into()
        }
        "workload" => evidence.workload.as_ref().unwrap().id.clone().into(),
        "chain" => evidence.chain.iter().flatten().map(|member| member.id.clone()).collect(),
        "may_act" => evidence.may_act.as_ref().unwrap().id.clone().into(),
        "client" => evidence.client_id.clone().into(),
        "scopes" => evidence.scopes.iter().cloned().collect(),
        "purpose" => evidence.purpose.clone().into(),
        "txn" => evidence.txn.clone().into(),
        "details" => serde_json::from_str(evidence.intent_details.as_ref().unwrap()).unwrap(),
        "bounds" => evidence.intent_bounds.len().into(),
        "notes" => evidence.notes.iter().map(|note| note.code()).collect(),
        "assurance" => evidence.weakest_assurance().unwrap().as_str().into(),
        "summaries" => evidence.tokens.len().into(),
        "binding" => match evidence.binding {
            Binding::Bearer => "bearer".into(),
            Binding::Dpop => "dpop".into(),
            Binding::MutualTls => "mtls".into(),
        },
        other => panic!("nothing is known of `{other}`"),
    }
}

#[tokio::test]
async fn no_output_of_evidence_holds_a_token() {
    let file = data("drafts/drafts.json");
    let verifier = Verifier::new(&config(&file), Arc::new(Offline)).unwrap();
    let token = &file["cases"][0]["tokens"][0];
    let presented = presented(token);
    let evidence = verifier.verify(std::slice::from_ref(&presented), at(NOW)).await.unwrap();
    let shown = format!("{evidence:?} {presented:?}");
    let signature = token["token"].as_str().unwrap().rsplit('.').next().unwrap();
    assert!(!shown.contains(signature));
    assert!(shown.contains(&presented.hash().to_string()));
}

#[tokio::test]
async fn the_workload_that_calls_is_added_and_a_token_of_another_is_refused() {
    use remit_identity::{Pattern, TokenFault, WorkloadId};
    let file = data("drafts/drafts.json");
    let verifier = Verifier::new(&config(&file), Arc::new(Offline)).unwrap();
    let prove = async |id: &str| {
        let case = file["cases"].as_array().unwrap().iter().find(|case| case["id"] == id).unwrap();
        let tokens: Vec<_> = case["tokens"].as_array().unwrap().iter().map(presented).collect();
        verifier.verify(&tokens, at(NOW)).await.unwrap()
    };
    let caller =
        |path: &str| WorkloadId::of([format!("spiffe://example.org{path}").as_str()], "example.org").unwrap();
    let planner = caller("/ns/prod/sa/planner");
    let alone = verifier.with_caller(None, &planner, at(NOW)).unwrap();
    assert_eq!((alone.pattern, alone.subject), (Pattern::Workload, None));
    assert_eq!(alone.workload.unwrap().entity.id.as_ref(), planner.as_str());
    for (case, pattern) in [
        ("rfc9068-001", Pattern::WorkloadAndUser),
        ("rfc8693-011", Pattern::UserAndAgent),
        ("spiffe-083", Pattern::Workload),
    ] {
        let proved = prove(case).await;
        let together = verifier.with_caller(Some(&proved), &planner, at(NOW)).unwrap();
        assert_eq!((together.pattern, &together.subject), (pattern, &proved.subject), "{case}");
        assert_eq!(together.workload.unwrap().id, planner.as_str(), "{case}");
    }
    let other =
        verifier.with_caller(Some(&*prove("spiffe-083").await), &caller("/ns/prod/sa/other"), at(NOW));
    assert_eq!(other.err(), Some(TokenFault::WorkloadMismatch));
}
