"""Writes drafts.json: tokens of the standards that Remit reads, from their field lists, signed by joserfc.

    pip install joserfc && python generate.py

The keys in keys.json are test keys; they protect nothing and are made only when the file is missing. The output
differs from run to run in the ECDSA signatures, never in what they sign.
"""

import base64
import hashlib
import json
import pathlib

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

HERE = pathlib.Path(__file__).parent
NOW = 1_800_000_000
PDP = "https://pdp.example"
AS, IDP, TTS = "https://as.example", "https://idp.example", "https://tts.example"
K8S, SPIFFE = "https://kubernetes.default.svc.cluster.local", "spiffe://example.org"
DOMAIN = "trust-domain.example"
URN = "urn:ietf:params:oauth:token-type:"
ALGORITHMS = ["ES256", "ES512", "EdDSA", "RS256", "PS256", "HS256"]


def make_keys():
    path = HERE / "keys.json"
    if not path.exists():
        made = {
            "as": ECKey.generate_key("P-256", {"kid": "as-1", "alg": "ES256", "use": "sig"}, private=True),
            "as2": OKPKey.generate_key("Ed25519", {"kid": "as-2", "alg": "EdDSA", "use": "sig"}, private=True),
            "idp": RSAKey.generate_key(2048, {"kid": "idp-1", "use": "sig"}, private=True),
            "tts": ECKey.generate_key("P-521", {"kid": "tts-1", "alg": "ES512", "use": "sig"}, private=True),
            "k8s": RSAKey.generate_key(2048, {"kid": "k8s-1", "alg": "RS256", "use": "sig"}, private=True),
            "spiffe": ECKey.generate_key("P-256", {"kid": "svid-1"}, private=True),
            "client": ECKey.generate_key("P-256", {}, private=True),
            "other": ECKey.generate_key("P-256", {}, private=True),
        }
        path.write_text(json.dumps({k: v.as_dict(private=True) for k, v in made.items()}, indent=1) + "\n")
    kinds = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
    return {name: kinds[jwk["kty"]].import_key(jwk) for name, jwk in json.loads(path.read_text()).items()}


KEYS = make_keys()


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sign(key, alg, typ, claims, header=None):
    head = {"alg": alg}
    if typ is not None:
        head["typ"] = typ
    kid = KEYS[key].as_dict(private=False).get("kid")
    if kid:
        head["kid"] = kid
    head.update(header or {})
    # joserfc refuses a key for what its `alg` does not say; these tokens shall be wrong in their own way.
    jwk = {k: v for k, v in KEYS[key].as_dict(private=True).items() if k not in ("use", "alg")}
    signer = type(KEYS[key]).import_key(jwk)
    payload = json.dumps(claims, separators=(",", ":")).encode()
    registry = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    return jws.serialize_compact(head, payload, signer, registry=registry)


def without(claims, *names):
    return {k: v for k, v in claims.items() if k not in names}


def times(**more):
    return {"iat": NOW - 60, "exp": NOW + 240, **more}


def token(kind, text, **more):
    return {"type": URN + kind, "token": text, **more}


CASES = []


def case(standard, title, tokens, **expect):
    CASES.append({"id": f"{standard}-{len(CASES) + 1:03}", "title": title, "tokens": tokens, "expect": expect})


# RFC 9068 and RFC 8693 ------------------------------------------------------------------------------------------
ACCESS = {"iss": AS, "aud": PDP, "sub": "alice", "client_id": "agent-1", "jti": "j-1", "scope": "read pay", **times()}


def access(more=None, drop=(), typ="at+jwt", key="as", alg="ES256"):
    return token("access_token", sign(key, alg, typ, without({**ACCESS, **(more or {})}, *drop)))


def act(*ids):
    """Current actor first, as RFC 8693 nests them."""
    nested = None
    for one in reversed(ids):
        nested = {"sub": one, **({"act": nested} if nested else {})}
    return {"act": nested}


case("rfc9068", "a user alone", [access()], pattern="user", subject="user:alice", scopes=["pay", "read"])
case("rfc9068", "signed with the second key of the issuer", [access(key="as2", alg="EdDSA")], pattern="user", subject="user:alice")
case("rfc9068", "the client on its own behalf", [access({"sub": "agent-1"})], pattern="agent", subject="agent:agent-1")
case("rfc9068", "typ is missing", [access(typ=None)], code="typ_mismatch")
case("rfc9068", "an ID token in the place of an access token", [access(typ="JWT")], code="typ_mismatch")
case("rfc9068", "presented as what it is not", [token("saml2", access()["token"])], code="token_type_unsupported")
case("rfc9068", "an issuer that is not configured", [access({"iss": "https://as.example.evil"})], code="issuer_unknown")
case("rfc9068", "for somebody else", [access({"aud": "https://other.example"})], code="audience_mismatch")
case("rfc9068", "over", [access({"iat": NOW - 600, "exp": NOW - 30})], code="expired")
case("rfc9068", "twenty minutes are normal", [access({"iat": NOW, "exp": NOW + 1200})], pattern="user", subject="user:alice")
case("rfc8693", "one actor", [access(act("agent-1"))], pattern="user+agent", subject="user:alice", chain=["agent-1"])
case("rfc8693", "three actors, the current one first", [access({**act("c", "b", "a"), "client_id": "c"})], pattern="user+agent", subject="user:alice", chain=["c", "b", "a"])
case("rfc8693", "a chain that names its issuer", [access({"act": {"sub": "agent-1", "iss": AS}})], pattern="user+agent", chain=["agent-1"])
case("rfc8693", "an actor of a stranger", [access({"act": {"sub": "agent-1", "iss": "https://evil.example"}})], code="act_invalid")
case("rfc8693", "five actors where four are allowed", [access(act("e", "d", "c", "b", "a"))], code="act_too_deep")
case("rfc8693", "the actor that may act", [access({**act("agent-1"), "may_act": {"sub": "agent-1"}})], pattern="user+agent", chain=["agent-1"], may_act="agent-1")
case("rfc8693", "another actor than the one that may", [access({**act("agent-1"), "may_act": {"sub": "agent-2"}})], code="may_act_mismatch")
case("rfc8693", "may_act with a member that cannot be compared", [access({**act("agent-1"), "may_act": {"sub": "agent-1", "email": "a@b.example"}})], code="may_act_mismatch")
case("rfc8693", "client_id is not the actor", [access({**act("agent-1"), "client_id": "agent-9"})], pattern="user+agent", chain=["agent-1"], notes=["client_is_not_actor"])

# Two tokens, as gateways for agents send them --------------------------------------------------------------------
DELEGATION = {"iss": AS, "aud": PDP, "sub": "alice", "jti": "d-1", **times()}


def delegation(more=None, typ="JWT"):
    return token("jwt", sign("as", "ES256", typ, {**DELEGATION, **(more or {})}))


case("delegation", "the user's token and the delegation beside it", [access(), delegation(act("b", "a"))], pattern="user+agent", subject="user:alice", chain=["b", "a"], scopes=["pay", "read"], summaries=2)
case("delegation", "the access token holds the earlier part of the chain", [access(act("a")), delegation(act("b", "a"))], pattern="user+agent", chain=["b", "a"])
case("delegation", "both have scopes: those of both count", [access(), delegation({**act("a"), "scope": "pay audit"})], pattern="user+agent", scopes=["pay"])
case("delegation", "the user was swapped", [access(), delegation({"sub": "mallory", **act("a")})], code="subject_mismatch", index=1)
case("delegation", "two chains that do not fit", [access(act("x")), delegation(act("b", "a"))], code="chain_conflict", index=0)
case("delegation", "spliced: the user's token lets another agent act", [access({"may_act": {"sub": "z"}}), delegation(act("b", "a"))], code="may_act_mismatch", index=0)
case("delegation", "the user's token lets the first agent act", [access({"may_act": {"sub": "a"}}), delegation(act("b", "a"))], pattern="user+agent", chain=["b", "a"])
case("delegation", "a DPoP proof in the place of a delegation token", [delegation(typ="dpop+jwt")], code="typ_mismatch")

# RFC 9396 and the AuthZEN profile --------------------------------------------------------------------------------
PAYMENT = {"type": "payment_initiation", "locations": ["https://bank.example/payments"], "actions": ["initiate", "status"], "instructedAmount": {"currency": "EUR", "amount": "123.50"}}
ONE = {"type": "authzen_evaluation", "request": {"subject": {"type": "user", "id": "alice"}, "action": {"name": "pay"}, "resource": {"type": "account", "id": "9"}}}
MANY = {"type": "AuthZEN_Evaluations", "request": {"subject": {"type": "user", "id": "alice"}, "evaluations": [{"action": {"name": "read"}, "resource": {"type": "account", "id": "9"}}, {"action": {"name": "pay"}, "resource": {"type": "account", "id": "9"}}]}}
case("rar", "a payment, as RFC 9396 has it", [access({"authorization_details": [PAYMENT]})], pattern="user", details=[PAYMENT])
case("rar", "one evaluation", [access({"authorization_details": [ONE]})], pattern="user", details=[ONE])
case("rar", "several evaluations, the type in another case", [access({"authorization_details": [MANY, PAYMENT]})], pattern="user", details=[MANY, PAYMENT])
case("rar", "a member beside `type` and `request`", [access({"authorization_details": [{**ONE, "extra": 1}]})], code="authorization_details_invalid")
case("rar", "an unknown type", [access({"authorization_details": [ONE, {"type": "account_information"}]})], code="authorization_details_invalid")
case("rar", "the delegation narrows what the access token says", [access({"authorization_details": [MANY]}), delegation({**act("a"), "authorization_details": [ONE]})], pattern="user+agent", details=[ONE], bounds=1)

# RFC 9449 --------------------------------------------------------------------------------------------------------
CLIENT = KEYS["client"]
JKT = CLIENT.thumbprint()
URL = "https://rs.example/accounts/9"
BOUND = access({"cnf": {"jkt": JKT}, "jti": "bound"})
ATH = b64(hashlib.sha256(BOUND["token"].encode()).digest())
PUBLIC = CLIENT.as_dict(private=False)
PROOF = {"htm": "POST", "htu": URL, "iat": NOW, "ath": ATH}
COUNT = [0]


def proof(more=None, drop=(), typ="dpop+jwt", jwk=None, key="client", method="POST", url=URL + "?page=2", raw=None):
    COUNT[0] += 1
    claims = without({"jti": f"proof-{COUNT[0]}", **PROOF, **(more or {})}, *drop)
    head = {"jwk": {k: v for k, v in (jwk or PUBLIC).items() if k in ("kty", "crv", "x", "y", "d")}}
    text = raw or sign(key, "ES256", typ, claims, head)
    return [{**BOUND, "dpop": {"proof": text, "method": method, "url": url}}]


case("dpop", "the right key, method, URL and token", proof(), pattern="user", subject="user:alice", binding="dpop")
case("dpop", "no proof", [BOUND], code="proof_missing")
case("dpop", "two proofs in one", proof(raw="a.b.c,d.e.f"), code="proof_invalid")
for missing in ("jti", "htm", "htu", "iat", "ath"):
    case("dpop", f"{missing} is missing", proof(drop=(missing,)), code="proof_invalid")
case("dpop", "typ of a plain JWT", proof(typ="JWT"), code="proof_invalid")
case("dpop", "a symmetric algorithm", proof(raw=f"{b64(json.dumps({'typ': 'dpop+jwt', 'alg': 'HS256', 'jwk': PUBLIC}).encode())}.e30.AAAA"), code="proof_invalid")
case("dpop", "signed with another key than the header shows", proof(key="other"), code="proof_signature_invalid")
case("dpop", "the header shows the private key", proof(jwk=CLIENT.as_dict(private=True)), code="proof_invalid")
case("dpop", "another method", proof(method="GET"), code="proof_target_mismatch")
case("dpop", "another URL", proof(url="https://rs.example/accounts/10"), code="proof_target_mismatch")
case("dpop", "a query in htu", proof({"htu": URL + "?page=2"}), code="proof_target_mismatch")
case("dpop", "too old", proof({"iat": NOW - 61}), code="proof_stale")
case("dpop", "from the future", proof({"iat": NOW + 61}), code="proof_stale")
case("dpop", "for another token", proof({"ath": b64(hashlib.sha256(b"x").digest())}), code="proof_token_mismatch")
case("dpop", "a key the token is not bound to", proof(key="other", jwk=KEYS["other"].as_dict(private=False)), code="proof_key_mismatch")
AGAIN = proof()
case("dpop", "seen for the first time", AGAIN, pattern="user", binding="dpop")
case("dpop", "seen for the second time", AGAIN, code="proof_replayed")

# RFC 8705 --------------------------------------------------------------------------------------------------------
CERTIFICATE = hashlib.sha256(b"a client certificate in DER").digest()
PINNED = access({"cnf": {"x5t#S256": b64(CERTIFICATE)}})
case("mtls", "the right certificate", [{**PINNED, "client_cert_sha256": b64(CERTIFICATE)}], pattern="user", binding="mtls")
case("mtls", "the right certificate, as proxies write it", [{**PINNED, "client_cert_sha256": CERTIFICATE.hex()}], pattern="user", binding="mtls")
case("mtls", "another certificate", [{**PINNED, "client_cert_sha256": hashlib.sha256(b"x").hexdigest()}], code="certificate_mismatch")
case("mtls", "no certificate", [PINNED], code="proof_missing")
case("mtls", "a binding of an unknown kind", [access({"cnf": {"kid": "1"}})], code="binding_invalid")

# ID-JAG ----------------------------------------------------------------------------------------------------------
JAG = {"iss": IDP, "sub": "U019488227", "aud": PDP, "client_id": "f53f191f9311af35", "jti": "9e43f81b64a33f20116179", "scope": "chat.read chat.history", "resource": "https://api.chat.example/", "auth_time": NOW - 500, "amr": ["mfa", "phrh", "hwk", "user"], "email": "user@example.com", **times()}


def jag(more=None, drop=(), typ="oauth-id-jag+jwt"):
    return token("id-jag", sign("idp", "RS256", typ, without({**JAG, **(more or {})}, *drop)))


case("id-jag", "a grant across domains", [jag()], pattern="user", subject="user:U019488227", client="f53f191f9311af35")
case("id-jag", "with the agent that acts", [jag({"act": {"sub": "agent-1"}})], pattern="user+agent", chain=["agent-1"], notes=["client_is_not_actor"])
case("id-jag", "two audiences", [jag({"aud": [PDP, "https://other.example"]})], code="audience_mismatch")
case("id-jag", "without a client", [jag(drop=("client_id",))], code="claim_missing")
case("id-jag", "without jti", [jag(drop=("jti",))], code="claim_missing")
case("id-jag", "an access token in its place", [jag(typ="at+jwt")], code="typ_mismatch")
case("id-jag", "in the place of an access token", [token("access_token", jag()["token"])], code="issuer_unknown")
case("id-jag", "bound, and no proof", [jag({"cnf": {"jkt": JKT}})], code="proof_missing")

# Transaction tokens ----------------------------------------------------------------------------------------------
TXN = {"iss": TTS, "aud": DOMAIN, "txn": "97053963-771d-49cc-a4e3-20aad399c312", "sub": "d084sdrt234fsaw34tr23t", "req_wl": "apigateway.trust-domain.example", "scope": "trade.stocks", "rctx": {"req_ip": "69.151.72.123", "authn": "urn:ietf:rfc:6749"}, "tctx": {"action": "BUY", "ticker": "MSFT", "quantity": 100}, **times()}


def txn(more=None, drop=(), typ="txntoken+jwt"):
    return token("txn_token", sign("tts", "ES512", typ, without({**TXN, **(more or {})}, *drop)))


AGENTIC = {"prov": {"manifest_hash": "sha256:1b2c", "model_id": "m-7", "version": "1.4"}, "posture": {"tee": True, "assurance": "high"}, "identity": {"workload_id": "agent-2", "origin_node": "n1"}}
CHAIN = {"current_actor": AGENTIC, "originator": {**AGENTIC, "posture": {"assurance": "medium"}, "identity": {"workload_id": "agent-1"}}, "chain_metadata": {"hop_count": 2, "min_assurance_level": "low", "txn_path": ["agent-1", "agent-2"]}}
case("txn", "a trade", [txn()], pattern="user", subject="user:d084sdrt234fsaw34tr23t", txn=TXN["txn"], purpose="trade.stocks", scopes=[])
case("txn", "without an issuer the trust domain selects", [txn(drop=("iss",))], pattern="user", txn=TXN["txn"])
case("txn", "another trust domain", [txn({"aud": "other.example"})], code="audience_mismatch")
for missing in ("iat", "txn", "sub", "scope", "req_wl", "exp"):
    case("txn", f"{missing} is missing", [txn(drop=(missing,))], code="claim_missing")
case("txn", "typ of a plain JWT", [txn(typ="JWT")], code="typ_mismatch")
case("txn", "in the place of an access token", [token("access_token", txn()["token"])], code="issuer_unknown")
case("txn-agents", "one agent with its posture", [txn({"act": {"sub": "agent-2"}, "agentic_ctx": AGENTIC})], pattern="user+agent", chain=["agent-2"], assurance="high")
case("txn-agents", "a chain is as weak as its weakest member", [txn({**act("agent-2", "agent-1"), "agentic_ctx": CHAIN})], pattern="user+agent", chain=["agent-2", "agent-1"], assurance="low")
case("txn-agents", "a workload that comes back is a loop", [txn({"act": {"sub": "agent-2"}, "agentic_ctx": {**CHAIN, "chain_metadata": {"txn_path": ["agent-1", "agent-2", "agent-1"]}}})], code="act_invalid")
case("txn-agents", "an assurance that is none", [txn({"act": {"sub": "agent-2"}, "agentic_ctx": {**AGENTIC, "posture": {"assurance": "splendid"}}})], code="claim_invalid")

# SPIFFE ----------------------------------------------------------------------------------------------------------
SVID = {"sub": "spiffe://example.org/ns/prod/sa/planner", "aud": [PDP], **times()}


def svid(more=None, drop=(), typ=None, alg="ES256", header=None):
    return token("jwt", sign("spiffe", alg, typ, without({**SVID, **(more or {})}, *drop), header))


case("spiffe", "a workload", [svid()], pattern="workload", subject="workload:spiffe://example.org/ns/prod/sa/planner")
case("spiffe", "a workload and the user it calls for", [access(), svid(typ="JOSE")], pattern="workload+user", subject="user:alice", workload="spiffe://example.org/ns/prod/sa/planner")
case("spiffe", "a workload, an agent and a user", [access(act("agent-1")), svid(typ="JWT")], pattern="user+agent", subject="user:alice", workload="spiffe://example.org/ns/prod/sa/planner", chain=["agent-1"])
case("spiffe", "a header it must not have", [svid(header={"jku": "https://example.org/keys"})], code="header_forbidden")
case("spiffe", "typ of an access token", [svid(typ="at+jwt")], code="typ_mismatch")
case("spiffe", "for somebody else", [svid({"aud": ["https://other.example"]})], code="audience_mismatch")
case("spiffe", "the trust domain is no workload", [svid({"sub": "spiffe://example.org"})], code="spiffe_id_invalid")
case("spiffe", "a trust domain that is not configured", [svid({"sub": "spiffe://example.com/a"})], code="issuer_unknown")
case("spiffe", "without exp", [svid(drop=("exp",))], code="claim_missing")

# Kubernetes ------------------------------------------------------------------------------------------------------
ACCOUNT = {"iss": K8S, "sub": "system:serviceaccount:prod:planner", "aud": [PDP], "jti": "ea28ed49-2e11", "nbf": NOW - 60, "kubernetes.io": {"namespace": "prod", "serviceaccount": {"name": "planner", "uid": "14ee3fa4"}, "pod": {"name": "planner-5d8", "uid": "778a530c"}, "node": {"name": "n1", "uid": "646e7c5e"}}, **times()}


def account(more=None):
    return token("jwt", sign("k8s", "RS256", None, {**ACCOUNT, **(more or {})}))


case("kubernetes", "a service account", [account()], pattern="workload", subject="workload:system:serviceaccount:prod:planner")
case("kubernetes", "name and claims differ", [account({"sub": "system:serviceaccount:prod:admin"})], code="workload_invalid")
case("kubernetes", "for the API server alone", [account({"aud": [K8S]})], code="audience_mismatch")

def published(name):
    # joserfc knows no `use` but `sig` and `enc`; SPIFFE bundles have their own.
    return {**KEYS[name].as_dict(private=False), **({"use": "jwt-svid"} if name == "spiffe" else {})}


JWKS = {AS: ("as", "as2"), IDP: ("idp",), TTS: ("tts",), K8S: ("k8s",), SPIFFE: ("spiffe",)}
OUT = {
    "about": "Tokens of the standards that Remit reads, written from their field lists and signed by joserfc; see generate.py. Licence: CC0-1.0.",
    "now": NOW,
    "jwks": {issuer: {"keys": [published(name) for name in names]} for issuer, names in JWKS.items()},
    "cases": CASES,
}
(HERE / "drafts.json").write_text(json.dumps(OUT, indent=1) + "\n")
print(len(CASES), "cases")
