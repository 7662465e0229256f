#!/usr/bin/env python3
"""Checks what a Remit ledger hands out, with nothing but Python: an export, or a proof of one record.

    verify.py export FOLDER VKEY        a folder made by `remit ledger export`
    verify.py proof PROOF RECORD VKEY   a C2SP tlog-proof, and the bytes of the record it is for

Written from RFC 6962, RFC 8032 and the texts of C2SP (signed-note, tlog-checkpoint, tlog-proof), not from Remit's code.
Exit code 0: believed; 1: not, and why; 2: wrong use.
"""
import base64, hashlib, json, sys

class Refused(Exception):
    pass

def need(true, why):
    if not true:
        raise Refused(why)

# --- Ed25519 (RFC 8032, section 5.1 and its sample code) ---
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def point(data):
    sign, y = divmod(int.from_bytes(data, "little"), 1 << 255)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    need(y < P and (x * x - square) % P == 0 and (x or not sign), "a point is not on the curve")
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)

def times(s, p):
    q = (0, 1, 1, 0)
    while s:
        q, p, s = add(q, p) if s & 1 else q, add(p, p), s >> 1
    return q

BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def ed25519(public, text, signature):
    need(len(signature) == 64, "a signature is not 64 bytes long")
    s = int.from_bytes(signature[32:], "little")
    need(s < Q, "a signature is not canonical")
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % Q
    left, right = times(s, BASE), add(point(signature[:32]), times(h, point(public)))
    for at in (0, 1):
        need((left[at] * right[2] - right[at] * left[2]) % P == 0, "the signature does not fit")

# --- notes and heads (C2SP) ---
b64 = lambda text: base64.b64decode(text, validate=True)

def opened(note, vkey):
    name, number, key = vkey.strip().split("+", 2)
    key = b64(key)
    need(key[0] == 1 and len(key) == 33, "the key is not an Ed25519 key")
    ident = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    need(ident.hex() == number, "the key has another id")
    text, signatures = note[: note.rindex("\n\n") + 1], note[note.rindex("\n\n") + 2 :]
    need(signatures.endswith("\n"), "the note is cut")
    for line in signatures[:-1].split("\n"):
        dash, who, signature = line.split(" ")
        need(dash == "\u2014", "a line is not a signature")
        signature = b64(signature)
        if who == name and signature[:4] == ident:
            ed25519(key[1:], text.encode(), signature[4:])
            return text, name
    raise Refused("the key did not sign this")

def head(note, vkey):
    text, name = opened(note, vkey)
    origin, size, root = text.split("\n")[:3]
    need(origin == name, "the head is of another log")
    return int(size), b64(root)

# --- the tree (RFC 6962, section 2.1) ---
leaf = lambda record: hashlib.sha256(b"\0" + record).digest()
node = lambda left, right: hashlib.sha256(b"\1" + left + right).digest()
split = lambda n: 1 << (n - 1).bit_length() - 1

def included(low, high, index, path, hash):
    if high - low == 1:
        need(not path, "the proof is too long")
        return hash
    need(path, "the proof is too short")
    middle = low + split(high - low)
    if index < middle:
        return node(included(low, middle, index, path[:-1], hash), path[-1])
    return node(path[-1], included(middle, high, index, path[:-1], hash))

def spanned(low, high, first, leaves, proof):
    if high <= first or first + len(leaves) <= low:
        need(proof, "the proof is too short")
        return proof.pop(0)
    if high - low == 1:
        return leaves[low - first]
    middle = low + split(high - low)
    left = spanned(low, middle, first, leaves, proof)
    return node(left, spanned(middle, high, first, leaves, proof))

def export(folder, vkey):
    read = lambda name: open(f"{folder}/{name}", encoding="utf-8", newline="").read()
    text, _ = opened(read("manifest"), vkey)
    said = dict(line.split(" ", 1) for line in text.splitlines()[1:])
    size, root = head(read("checkpoint"), vkey)
    need(said["head"] == f"{size} {base64.b64encode(root).decode()}", "manifest and head do not belong together")
    data = open(f"{folder}/records.jsonl", "rb").read()
    first, last = int(said["first"]), int(said["last"])
    lines = data.split(b"\n")
    need(lines.pop() == b"" and len(lines) == last - first + 1, "records are missing or too many")
    for index, line in enumerate(lines, first):
        record = json.loads(line)
        need(record["seq"] == index, f"record {index} carries another number")
        before = leaf(lines[index - first - 1]).hex() if index > first else record["prev"]
        need(record["prev"] == before, f"record {index} does not follow the one before it")
    need(hashlib.sha256(data).hexdigest() == said["records"], f"record {last} is not the one of the manifest")
    proof = [b64(line) for line in read("range.proof").splitlines()]
    need(last < size and spanned(0, size, first, [leaf(line) for line in lines], proof) == root, "another root")
    need(not proof, "the proof is too long")
    return f"records {first} to {last} stand in the log of {size}"

def proof(path, record, vkey):
    lines, note = open(path, encoding="utf-8", newline="").read().split("\n\n", 1)
    first, *lines = lines.split("\n")
    need(first == "c2sp.org/tlog-proof@v1", "not a proof")
    lines = lines[1:] if lines[0].startswith("extra ") else lines
    index = int(lines[0].removeprefix("index "))
    size, root = head(note, vkey)
    found = index < size and included(0, size, index, [b64(it) for it in lines[1:]], leaf(open(record, "rb").read()))
    need(found == root, "the proof leads to another root")
    return f"record {index} stands in the log of {size}"

if __name__ == "__main__":
    command = {("export", 4): export, ("proof", 5): proof}.get(("".join(sys.argv[1:2]), len(sys.argv)))
    if not command:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        print(command(*sys.argv[2:]))
    except (Refused, ValueError, LookupError, OSError) as why:
        sys.exit(f"refused: {why}")
