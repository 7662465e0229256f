"""Microsoft Presidio's pattern recognisers on the same corpora: how much they find, how often they cry wolf, how fast.

    python3 -m venv v && v/bin/pip install presidio-analyzer && v/bin/python bench/presidio.py

Pattern recognisers only: no language model is loaded, so names, places and dates by meaning are not asked of it, nor is
its context boost. A kind counts for it where it has a recogniser; the figure of merit is its own score of 0.4 or more
(its default threshold is 0).
"""
import inspect, json, os, time
import tldextract

# It would fetch a list of domain suffixes; the one in the package does.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())

import presidio_analyzer.predefined_recognizers as predefined
from presidio_analyzer import PatternRecognizer

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "corpus")
KINDS = {
    "payment_card": "CREDIT_CARD", "iban": "IBAN_CODE", "crypto_wallet": "CRYPTO", "aadhaar": "IN_AADHAAR", "pan": "IN_PAN",
    "gstin": "IN_GSTIN", "voter_id": "IN_VOTER", "passport": "IN_PASSPORT", "ssn": "US_SSN", "nhs_number": "UK_NHS", "uk_nino": "UK_NINO",
    "spanish_dni": "ES_NIF", "italian_codice_fiscale": "IT_FISCAL_CODE", "polish_pesel": "PL_PESEL", "finnish_hetu": "FI_PERSONAL_IDENTITY_CODE",
    "singapore_nric": "SG_NRIC_FIN", "australia_tfn": "AU_TFN", "australia_medicare": "AU_MEDICARE", "phone": "PHONE_NUMBER", "email": "EMAIL_ADDRESS",
    "ip_address": "IP_ADDRESS", "korea_rrn": "KR_RRN", "mac_address": "MAC_ADDRESS",
}


def recognisers():
    made = []
    for name, cls in inspect.getmembers(predefined, inspect.isclass):
        if not hasattr(cls, "analyze") or "Phone" not in name and not issubclass(cls, PatternRecognizer):
            continue
        try:
            made.append(cls())
        except Exception as error:  # one that needs a service or a model
            print("left out", name, type(error).__name__)
    return made


def scan(all_of, text):
    found = []
    for one in all_of:
        found += one.analyze(text, one.supported_entities, None) or []
    return found


def load(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def main():
    all_of = recognisers()
    print(len(all_of), "recognisers")
    rows = {}
    for case in load("personal.jsonl"):
        entity = KINDS.get(case["kind"])
        if entity is None:
            continue
        start = case["text"].rindex(case["value"])
        good = any(it.entity_type == entity and it.score >= 0.4 and it.start <= start and it.end >= start + len(case["value"]) for it in scan(all_of, case["text"]))
        row = rows.setdefault(case["kind"], [0, 0])
        row[0] += good
        row[1] += 1
    for kind, (good, count) in sorted(rows.items()):
        print(f"{kind:<26}{good:>4}/{count:<4}{100 * good / count:6.1f} %")
    good, count = sum(it[0] for it in rows.values()), sum(it[1] for it in rows.values())
    print(f"{'recall, its kinds':<26}{good:>4}/{count:<4}{100 * good / count:6.1f} %")
    harmless = load("harmless.jsonl")
    wolf = sum(any(it.score >= 0.4 for it in scan(all_of, case["text"])) for case in harmless)
    print(f"{'harmless reported':<26}{wolf:>4}/{len(harmless):<4}{100 * wolf / len(harmless):6.1f} %")
    text = " ".join(case["text"] for case in load("personal.jsonl")[:400])[:4096]
    times = []
    for _ in range(7):
        began = time.process_time()
        scan(all_of, text)
        times.append(time.process_time() - began)
    middle = sorted(times)[len(times) // 2]
    print(f"4 KiB of dense text: {middle * 1e3:.1f} ms CPU, {4096 / middle / 1e6:.3f} MB/s")


main()
