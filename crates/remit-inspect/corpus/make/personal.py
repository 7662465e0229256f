"""Writes ../personal.jsonl (one value of personal data or secret in a sentence) and ../harmless.jsonl (hard negatives).

Values are synthetic: drawn from a seeded generator with check digits computed here, apart from the detectors, after each
scheme's published rule; telephone numbers from ranges reserved for fiction where a country has them. Sentences are our
own. Carriers for tuning and held-out carriers are different lists, written before the detectors were tuned.
"""
import base64, hashlib, json, os, random, string, uuid as U
from datetime import date, timedelta

R = random.Random(20261126)
TUNE, HELD = "tune", "held"
D = string.digits

def ds(n): return "".join(R.choice(D) for _ in range(n))
def pick(*a): return R.choice(a)
def up(n, alphabet=string.ascii_uppercase): return "".join(R.choice(alphabet) for _ in range(n))
def luhn_digit(s):
    t = 0
    for i, c in enumerate(reversed(s)):
        d = int(c) * (2 if i % 2 == 0 else 1)
        t += d - 9 if d > 9 else d
    return str(-t % 10)
def with_luhn(s): return s + luhn_digit(s)
def wsum(s, w): return sum(int(a) * b for a, b in zip(s, w))
def chunks(s, *sizes, sep=" "):
    out, i = [], 0
    for n in sizes: out.append(s[i:i + n]); i += n
    if i < len(s): out.append(s[i:])
    return sep.join(out)
def day(lo=1940, hi=2004): return date(lo, 1, 1) + timedelta(days=R.randrange((date(hi, 12, 31) - date(lo, 1, 1)).days))
def until(make, test):
    while True:
        v = make()
        r = test(v)
        if r: return v if r is True else r

# ---- values -------------------------------------------------------------------------------------------------
def card():
    kind = R.randrange(6)
    if kind == 0: s, sizes = with_luhn("4" + ds(14)), (4, 4, 4)
    elif kind == 1: s, sizes = with_luhn(pick("51", "52", "53", "54", "55") + ds(13)), (4, 4, 4)
    elif kind == 2: s, sizes = with_luhn(pick("34", "37") + ds(12)), (4, 6)
    elif kind == 3: s, sizes = with_luhn("6011" + ds(11)), (4, 4, 4)
    elif kind == 4: s, sizes = with_luhn(pick("3530", "3566") + ds(11)), (4, 4, 4)
    else: s, sizes = with_luhn("6521" + ds(11)), (4, 4, 4)
    return pick(chunks(s, *sizes), chunks(s, *sizes, sep="-"), s, chunks(s, *sizes, sep="\u00a0"), script(chunks(s, *sizes)))
def script(s):
    zero = pick(0xff10, 0x660, 0x966)
    return "".join(chr(zero + int(c)) if c in D else c for c in s)
def iban():
    c, n, body = pick(("DE", 22, lambda: ds(18)), ("GB", 22, lambda: up(4) + ds(14)), ("FR", 27, lambda: ds(23)), ("NL", 18, lambda: up(4) + ds(10)),
                      ("ES", 24, lambda: ds(20)), ("CH", 21, lambda: ds(17)), ("AT", 20, lambda: ds(16)), ("IT", 27, lambda: up(1) + ds(22)), ("PL", 28, lambda: ds(24)))
    b = body(); num = "".join(str(int(x, 36)) for x in b + c + "00")
    s = c + f"{98 - int(num) % 97:02}" + b
    assert len(s) == n
    return pick(s, " ".join(s[i:i + 4] for i in range(0, n, 4)))
D5 = [[0,1,2,3,4,5,6,7,8,9],[1,2,3,4,0,6,7,8,9,5],[2,3,4,0,1,7,8,9,5,6],[3,4,0,1,2,8,9,5,6,7],[4,0,1,2,3,9,5,6,7,8],[5,9,8,7,6,0,4,3,2,1],[6,5,9,8,7,1,0,4,3,2],[7,6,5,9,8,2,1,0,4,3],[8,7,6,5,9,3,2,1,0,4],[9,8,7,6,5,4,3,2,1,0]]
P8 = [[0,1,2,3,4,5,6,7,8,9],[1,5,7,6,2,8,3,0,9,4],[5,8,0,3,7,9,6,1,4,2],[8,9,1,6,0,4,3,5,2,7],[9,4,5,3,1,2,6,8,7,0],[4,2,8,6,5,7,3,9,0,1],[2,7,9,3,8,0,6,4,1,5],[7,0,4,6,9,1,3,2,5,8]]
INV = [0,4,3,2,1,5,6,7,8,9]
def verhoeff(s):
    c = 0
    for i, ch in enumerate(reversed(s)): c = D5[c][P8[(i + 1) % 8][int(ch)]]
    return s + str(INV[c])
def aadhaar():
    s = verhoeff(pick(*"23456789") + ds(10))
    return pick(chunks(s, 4, 4), chunks(s, 4, 4, sep="-"), chunks(s, 4, 4), script(chunks(s, 4, 4)))
def aadhaar_plain(): return verhoeff(pick(*"23456789") + ds(10))
def pan(): return up(3) + pick(*"PCHFATBLJG") + up(1) + ds(4) + up(1)
def gstin():
    s = pick("27", "29", "07", "33", "24") + pan() + pick(*"123") + "Z"
    t = 0
    for i, c in enumerate(s):
        p = int(c, 36) * (1 if i % 2 == 0 else 2); t += p // 36 + p % 36
    return s + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[-t % 36]
def ifsc(): return pick("SBIN", "HDFC", "ICIC", "UTIB", "PUNB", "KKBK", "YESB", "CNRB") + "0" + pick(ds(6), ds(6), up(2) + ds(4))
def upi(): return pick("asha", "rahul.k", "meera99", "9876543210", "shop-42", "dev_iyer") + "@" + pick("okicici", "oksbi", "ybl", "paytm", "okaxis", "upi", "apl", "okhdfcbank")
def voter(): return up(3) + ds(7)
def licence():
    k = R.randrange(3)
    if k == 0: s = pick("KA01", "MH12", "DL05", "TN09", "GJ01") ; n = str(R.randrange(1995, 2023)) + ds(7); return pick(f"{s} {n}", f"{s}-{n}", f"{s}{n}")
    if k == 1:
        d = day(); return pick("MORGA", "SMITH", "JONES", "TAYLO") + str(d.year)[2] + f"{d.month + pick(0, 50):02}{d.day:02}" + str(d.year)[3] + up(2) + pick("9", "8") + up(2)
    return up(1) + ds(pick(7, 12))
def passport(): return pick(up(1) + ds(7), up(1) + ds(8), ds(9), up(2) + ds(7))
def ssn():
    a = until(lambda: R.randrange(1, 900), lambda v: v != 666)
    s = f"{a:03}-{R.randrange(1, 100):02}-{R.randrange(1, 10000):04}"
    return pick(s, s, s.replace("-", " "))
def sin(): s = with_luhn(pick(*"1234567") + ds(7)); return pick(chunks(s, 3, 3), chunks(s, 3, 3, sep="-"), s)
def curp():
    d = day(1950, 1999)
    return "".join([up(1), pick(*"AEIOU"), up(2)]) + d.strftime("%y%m%d") + pick("H", "M") + pick("DF", "JC", "NL") + up(3, "BCDFGHJKLMNPQRSTVWXYZ") + "0" + ds(1)
def cpf():
    s = ds(9)
    for n in (10, 11): s += str(wsum(s, range(n, 1, -1)) * 10 % 11 % 10)
    return pick(f"{s[:3]}.{s[3:6]}.{s[6:9]}-{s[9:]}", s)
def cuit():
    def make():
        s = pick("20", "23", "27") + ds(8); c = 11 - wsum(s, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
        return s + str({11: 0}.get(c, c))
    s = until(make, lambda v: len(v) == 11); return pick(chunks(s, 2, 8, sep="-"), s)
def rut():
    s = str(R.randrange(7_000_000, 25_000_000)); c = 11 - sum(int(a) * b for a, b in zip(reversed(s), [2, 3, 4, 5, 6, 7, 2, 3])) % 11
    c = {11: "0", 10: "K"}.get(c, str(c)); f = f"{int(s):,}".replace(",", ".")
    return f"{f}-{c}"
def nhs():
    def make():
        s = pick(*"4567") + ds(8); c = 11 - wsum(s, range(10, 1, -1)) % 11; return s + str({11: 0}.get(c, c))
    s = until(make, lambda v: len(v) == 10); return pick(chunks(s, 3, 3), s, chunks(s, 3, 3, sep="-"))
def nino():
    p = until(lambda: up(2, "ABCEGHJKLMNOPRSTWXYZ"), lambda v: v not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ") and v[1] != "O")
    n = ds(6); x = pick(*"ABCD"); return pick(p + n + x, f"{p} {n[:2]} {n[2:4]} {n[4:]} {x}")
def steuer():
    def make():
        a = R.sample(D, 9)
        if a[0] == "0": return None
        i = R.randrange(9); a.insert(R.randrange(1, 10), a[i]); s = "".join(a); p = 10
        if "0" == s[0] : return None
        for c in s:
            t = (int(c) + p) % 10 or 10; p = t * 2 % 11
        return s + str((11 - p) % 10)
    s = until(make, lambda v: v is not None); return pick(s, chunks(s, 2, 3, 3))
def nir():
    s = pick("1", "2") + f"{R.randrange(40, 99):02}{R.randrange(1, 13):02}{R.randrange(1, 96):02}{R.randrange(1, 900):03}{R.randrange(1, 999):03}"
    s += f"{97 - int(s) % 97:02}"; return pick(s, chunks(s, 1, 2, 2, 2, 3, 3))
LET = "TRWAGMYFPDXBNJZSQVHLCKE"
def dni():
    n = R.randrange(10_000_000, 99_999_999)
    if R.random() < .3:
        k = R.randrange(3); m = ds(7); return "XYZ"[k] + m + LET[int(str(k) + m) % 23]
    return pick(f"{n}{LET[n % 23]}", f"{n}-{LET[n % 23]}")
def fiscale():
    d = day(); s = up(6, "BCDFGHLMNPRSTVZ") + d.strftime("%y") + "ABCDEHLMPRST"[d.month - 1] + f"{d.day + pick(0, 40):02}" + pick("H501", "F205", "A562", "L219")
    odd = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [1,0,5,7,9,13,15,17,19,21] + [1,0,5,7,9,13,15,17,19,21,2,4,18,20,11,3,6,8,12,14,16,10,22,25,24,23]))
    even = {c: (int(c) if c in D else ord(c) - 65) for c in odd}
    return s + chr(65 + sum(odd[c] if i % 2 == 0 else even[c] for i, c in enumerate(s)) % 26)
def bsn():
    return until(lambda: pick(*"12") + ds(8), lambda s: (wsum(s[:8], range(9, 1, -1)) - int(s[8])) % 11 == 0)
def belgian():
    d = day(1950, 1999); s = d.strftime("%y%m%d") + f"{R.randrange(1, 998):03}"; s += f"{97 - int(s) % 97:02}"
    return pick(f"{s[:2]}.{s[2:4]}.{s[4:6]}-{s[6:9]}.{s[9:]}", s)
def pesel():
    d = day(1940, 1999); s = d.strftime("%y%m%d") + ds(4); return s + str(-wsum(s, [1, 3, 7, 9] * 3) % 10)
def personnummer():
    d = day(1940, 1999); s = with_luhn(d.strftime("%y%m%d") + ds(3)); return pick(s[:6] + "-" + s[6:], str(d.year)[:2] + s[:6] + "-" + s[6:])
def cpr(): return day(1940, 1999).strftime("%d%m%y") + "-" + ds(4)
def fodsel():
    def make():
        s = day(1940, 1999).strftime("%d%m%y") + ds(3)
        a = -wsum(s, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11; s += str(a)
        b = -wsum(s, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11; return s + str(b)
    s = until(make, lambda v: len(v) == 11); return pick(s, s[:6] + " " + s[6:])
def hetu():
    d = day(1940, 1999); n = f"{R.randrange(2, 899):03}"; s = d.strftime("%d%m%y")
    return s + "-" + n + "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(s + n) % 31]
def nif():
    s = pick(*"12") + ds(7); c = 11 - wsum(s, range(9, 1, -1)) % 11; return s + str(0 if c >= 10 else c)
def ahv():
    s = "756" + ds(9); c = -wsum(s, [1, 3] * 6) % 10; s += str(c); return pick(f"{s[:3]}.{s[3:7]}.{s[7:11]}.{s[11:]}", s)
def tckn():
    s = pick(*"123456789") + ds(8); o = sum(int(c) for c in s[::2]); e = sum(int(c) for c in s[1:8:2])
    s += str((o * 7 - e) % 10); return s + str(sum(map(int, s)) % 10)
def china():
    s = pick("110101", "310104", "440305") + day().strftime("%Y%m%d") + ds(3)
    return s + "10X98765432"[wsum(s, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11]
def rrn():
    s = day(1940, 1999).strftime("%y%m%d") + pick("1", "2") + ds(5); c = (11 - wsum(s, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10
    return s[:6] + "-" + s[6:] + str(c)
def mynumber():
    s = ds(11); r = wsum(s, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11; s += str(0 if r <= 1 else 11 - r); return pick(s, chunks(s, 4, 4))
def nric():
    p = pick(*"STFG"); s = ds(7); t = wsum(s, [2, 7, 6, 5, 4, 3, 2]) + (4 if p in "TG" else 0)
    return p + s + ("JZIHGFEDCBA" if p in "ST" else "XWUTRQPNMLK")[t % 11]
def zaid():
    s = with_luhn(day(1950, 1999).strftime("%y%m%d") + ds(4) + pick("08", "18")); return pick(s, chunks(s, 6, 4))
def tfn(): s = until(lambda: ds(9), lambda v: v[0] != "0" and wsum(v, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0); return pick(s, chunks(s, 3, 3))
def medicare():
    s = pick(*"23456") + ds(7); s += str(wsum(s, [1, 3, 7, 9, 1, 3, 7, 9]) % 10) + "1"; return pick(s, chunks(s, 4, 5))
def phone_intl():
    return pick(f"+44 7700 900{ds(3)}", f"+1 202-555-01{ds(2)}", f"+1 (415) 555-01{ds(2)}", f"+91 98{ds(3)} {ds(5)}", f"+49 151 {ds(8)}", f"+33 6 39 98 {ds(2)} {ds(2)}",
                f"+34 612 {ds(3)} {ds(3)}", f"+61 491 570 {ds(3)}", f"+55 11 9{ds(4)}-{ds(4)}", f"+81 90-{ds(4)}-{ds(4)}", f"+353 85 {ds(3)} {ds(4)}", f"+971 50 {ds(3)} {ds(4)}", f"+4915{ds(9)}", f"+9198{ds(8)}")
def phone_nat():
    return pick(f"(202) 555-01{ds(2)}", f"415-555-01{ds(2)}", f"07700 900{ds(3)}", f"020 7946 0{ds(3)}", f"98{ds(3)} {ds(5)}", f"06 39 98 {ds(2)} {ds(2)}", f"030 23125 {ds(3)}", f"0491 570 {ds(3)}", f"(11) 9{ds(4)}-{ds(4)}", f"0171 {ds(7)}", f"612 {ds(2)} {ds(2)} {ds(2)}")
def phone_plain(): return pick(f"9{ds(9)}", f"8{ds(9)}", f"07700900{ds(3)}", f"202555{ds(4)}", f"612{ds(6)}")
def email(): return pick("asha.rao", "j.smith", "lena", "info+news", "m_keller", "r2d2") + "@" + pick("example.com", "mail.example.org", "firma-beispiel.de", "example.co.in", "uni.example.edu", "bücher.example")
def email_obf():
    u = pick("asha", "john.smith", "lena", "support"); return pick(f"{u} at example dot com", f"{u} [at] example [dot] org", f"{u}(at)example.net", f"{u} (at) example (dot) de", f"{u}[at]example.com", f"{u} AT example DOT co DOT uk")
MON = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
def dob():
    d = day(); return pick(d.strftime("%d/%m/%Y"), d.strftime("%Y-%m-%d"), d.strftime("%d.%m.%Y"), f"{d.day} {MON[d.month - 1]} {d.year}", f"{MON[d.month - 1]} {d.day}, {d.year}", d.strftime("%m/%d/%Y"), f"{d.day}th of {MON[d.month - 1]} {d.year}", f"{d.day} {MON[d.month - 1][:3]} {d.year}")
def name(): return pick("Anna", "Rahul", "Maria", "Tomasz", "Fatima", "Liam", "Chen") + " " + pick("Keller", "Iyer", "Rossi", "Nowak", "Haddad", "O'Brien", "Wei")
def address():
    n = R.randrange(1, 400); return pick(f"{n} Baker Street", f"{n} Old Mill Road", f"{n} Sunset Boulevard", f"{n} Maple Avenue", f"{n} Hill View Lane", f"{n}B King's Road", f"{n} West Park Drive")
def ip():
    v4 = f"{R.randrange(11, 200)}.{R.randrange(256)}.{R.randrange(256)}.{R.randrange(1, 255)}"
    if v4.startswith("127."): v4 = "203.0.113.7"
    return pick(v4, v4, f"2001:db8:{ds(4)}::{ds(2)}", f"2001:db8:85a3:{ds(4)}:{ds(4)}:8a2e:370:{ds(4)}", f"fe80::{ds(4)}:{up(2, 'abcdef')}{ds(2)}")
def mac():
    b = [f"{R.randrange(256):02x}" for _ in range(6)]; b[0] = "00"; b[1] = "1b"
    return pick(":".join(b), "-".join(b).upper(), "".join(b[:2]) + "." + "".join(b[2:4]) + "." + "".join(b[4:]))
def imei(): s = with_luhn("35" + ds(12)); return pick(s, f"{s[:2]}-{s[2:8]}-{s[8:14]}-{s[14]}")
def device(): return str(U.UUID(int=R.getrandbits(128), version=4)).upper()
def cookie(): return "".join(R.choice(string.ascii_lowercase + D) for _ in range(26)) + ds(3) + up(2).lower()
def geo():
    a, b = R.uniform(-60, 70), R.uniform(-170, 170)
    if R.random() < .25: return f"{R.randrange(10, 60)}°{R.randrange(10, 59)}'{R.randrange(10, 59)}\"N {R.randrange(10, 80)}°{R.randrange(10, 59)}'{R.randrange(10, 59)}\"E"
    return pick(f"{a:.5f}, {b:.5f}", f"{a:.6f},{b:.6f}", f"{a:.4f}, {b:.4f}")
def vin():
    al = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"; tr = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", [1,2,3,4,5,6,7,8,1,2,3,4,5,7,9,2,3,4,5,6,7,8,9] + list(range(10))))
    w = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
    s = pick("WVW", "1HG", "JTD", "WBA") + up(5, al) + "0" + up(3, al) + ds(5); r = sum(tr[c] * x for c, x in zip(s, w)) % 11
    return s[:8] + ("X" if r == 10 else str(r)) + s[9:]
AN = string.ascii_letters + D
def key():
    return pick("AKIA" + up(16, string.ascii_uppercase + "234567"), "ghp_" + up(36, AN), "xoxb-" + ds(12) + "-" + up(24, AN), "sk_live_" + up(24, AN), "AIza" + up(35, AN), "glpat-" + up(20, AN),
                "sk-proj-" + up(48, AN), "npm_" + up(36, AN), "hf_" + up(34, AN), "SG." + up(22, AN) + "." + up(43, AN), "sk-ant-api03-" + up(40, AN), "dop_v1_" + up(64, "0123456789abcdef"))
def assigned(): return up(12, AN) + ds(6) + up(14, AN)
def pem():
    k = pick("RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"); b = base64.b64encode(bytes(R.randrange(256) for _ in range(96))).decode()
    return f"-----BEGIN {k}-----\n{b[:64]}\n{b[64:]}\n-----END {k}-----"
def b64u(o): return base64.urlsafe_b64encode(json.dumps(o).encode()).decode().rstrip("=")
def jwt(): return b64u({"alg": pick("RS256", "ES256", "EdDSA"), "typ": "JWT"}) + "." + b64u({"sub": ds(8), "exp": 1900000000}) + "." + up(43, AN + "-_")
def password(): return pick("Tr0ub4dor&3", "hunter2!", "S0mmer2024", "p4ssw0rd-x", "Xy7$kLm9", "blue!Fish42", "qwe123RTY", "Winter#2025")
def mrn(): return pick(ds(7), ds(8), up(1) + ds(7))
def wallet():
    al = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    if R.random() < .5: return "0x" + "".join(R.choice("0123456789abcdef") for _ in range(40))
    data = [0] + [R.randrange(32) for _ in range(32)]; hrp = [3, 3, 0, 2, 3]
    def poly(v):
        g = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]; c = 1
        for x in v:
            b = c >> 25; c = (c & 0x1ffffff) << 5 ^ x
            for i in range(5): c ^= g[i] if (b >> i) & 1 else 0
        return c
    p = poly(hrp + data + [0] * 6) ^ 1
    return "bc1" + "".join(al[x] for x in data + [(p >> 5 * (5 - i)) & 31 for i in range(6)])
def account(): return pick(ds(10), ds(12), ds(14), ds(9) + pick(*"123456789"))
def bic(): return pick("DEUTDEFF", "HDFCINBBXXX", "BNPAFRPP", "CHASUS33", "UBSWCHZH80A", "SBININBB104")
def words(*a): return lambda: R.choice(a)

# ---- carriers -----------------------------------------------------------------------------------------------
PLAIN = {TUNE: ["Please use {v} for the booking.", "He wrote {v} on the form.", "{v}", "Is {v} still valid? Let me know.", "We received \"{v}\" from the branch.", "Update the record to {v}, thanks.", "Details: {v};", "See below.\n{v}\nRegards"],
         HELD: ["The value on file reads {v} since June.", "Replace it by {v} in both places.", "I read out {v} over the line.", "({v})"]}
NAMED = {TUNE: ["My {n} is {v}.", "{n}: {v}", "Customer {n} {v} was checked.", "Please find my {n} below: {v}", "The {n} {v} belongs to the applicant.", "She gave us her {n}, it is {v}.", "{n} = {v}", "For the record, {n} no. {v}.", "Could you verify the {n} {v} for me?", "Enter {v} as {n}."],
         HELD: ["I have changed my {n} to {v} last week.", "{n} ({v}) attached.", "As to the {n}: it reads {v} on the letter.", "Use {v}, that is his {n}."]}
def say(t, h): return {TUNE: t.split("|"), HELD: h.split("|")}
PHONE_NAMED = say("Call me on {v} after six.|My mobile is {v}.|Phone: {v}|You can reach her at {v}.|WhatsApp {v} please|Tel. {v}|Text the driver at {v}.|contact number {v}|Meine Handy-Nummer ist {v}.|Mi teléfono es {v}.|Mon portable: {v}|मेरा मोबाइल नंबर {v} है", "Ring the office, {v}, before noon.|His new cell is {v}.|Telefon {v}|Ligue para {v} amanhã.")
DOB = say("DOB: {v}|She was born on {v}.|Date of birth {v}|His birthday is {v}.|Patient, born {v}, came in today.|date_of_birth={v}|geboren am {v}|née le {v}|fecha de nacimiento: {v}|Applicant's birth date: {v}", "Mother's date of birth is {v} as per the file.|The twins were born {v}.|Nascimento: {v}|Birthdate ({v}) confirmed")
KINDS = [
 ("payment_card", card, PLAIN, None), ("payment_card", card, NAMED, ("card", "credit card number", "Visa card")), ("iban", iban, PLAIN, None), ("swift_bic", bic, NAMED, ("SWIFT", "BIC code", "swift code")),
 ("bank_account", account, NAMED, ("account number", "bank account", "savings account")), ("ifsc", ifsc, PLAIN, None), ("upi", upi, PLAIN, None), ("crypto_wallet", wallet, NAMED, ("wallet", "bitcoin wallet address", "eth wallet")),
 ("aadhaar", aadhaar, PLAIN, None), ("aadhaar", aadhaar_plain, NAMED, ("Aadhaar", "aadhaar number", "आधार")), ("pan", pan, PLAIN, None), ("gstin", gstin, PLAIN, None), ("voter_id", voter, NAMED, ("voter id", "EPIC number", "voter card")),
 ("driving_licence", licence, NAMED, ("driving licence", "driver's license", "DL number")), ("passport", passport, NAMED, ("passport", "passport number", "Reisepass")), ("ssn", ssn, NAMED, ("SSN", "social security number", "ssn")),
 ("canada_sin", sin, NAMED, ("SIN", "Canadian SIN", "sin number")), ("mexico_curp", curp, PLAIN, None), ("brazil_cpf", cpf, NAMED, ("CPF", "cpf", "número do CPF")), ("argentina_cuit", cuit, NAMED, ("CUIT", "CUIL", "cuit")),
 ("chile_rut", rut, PLAIN, None), ("nhs_number", nhs, NAMED, ("NHS number", "NHS no", "nhs number")), ("uk_nino", nino, PLAIN, None), ("german_tax_id", steuer, NAMED, ("Steuer-ID", "Identifikationsnummer", "German tax id")),
 ("french_nir", nir, PLAIN, None), ("spanish_dni", dni, PLAIN, None), ("italian_codice_fiscale", fiscale, PLAIN, None), ("dutch_bsn", bsn, NAMED, ("BSN", "burgerservicenummer", "bsn")), ("belgian_national_number", belgian, NAMED, ("rijksregisternummer", "Belgian national number", "NISS")),
 ("polish_pesel", pesel, NAMED, ("PESEL", "pesel", "numer PESEL")), ("swedish_personnummer", personnummer, NAMED, ("personnummer", "Swedish personnummer")), ("danish_cpr", cpr, NAMED, ("CPR", "cpr-nummer", "CPR number")), ("norwegian_fodselsnummer", fodsel, NAMED, ("fødselsnummer", "fnr")),
 ("finnish_hetu", hetu, PLAIN, None), ("portuguese_nif", nif, NAMED, ("NIF", "número de contribuinte")), ("swiss_ahv", ahv, PLAIN, None), ("turkish_tckn", tckn, NAMED, ("TC kimlik", "TCKN", "kimlik no")), ("china_resident_id", china, PLAIN, None), ("korea_rrn", rrn, PLAIN, None),
 ("japan_my_number", mynumber, NAMED, ("My Number", "individual number")), ("singapore_nric", nric, PLAIN, None), ("south_africa_id", zaid, NAMED, ("South African ID", "identity number", "ID number")), ("australia_tfn", tfn, NAMED, ("TFN", "tfn")), ("australia_medicare", medicare, NAMED, ("Medicare number", "medicare card")),
 ("phone", phone_intl, PLAIN, None), ("phone", phone_nat, PHONE_NAMED, None), ("phone", phone_plain, PHONE_NAMED, None), ("email", email, PLAIN, None), ("email_obfuscated", email_obf, PLAIN, None), ("date_of_birth", dob, DOB, None),
 ("person_name", name, say("My name is {v}.|Name: {v}|Mr. {v} called.|Ms {v} will join us.|Frau {v} ist da.|The applicant's name is {v}, as you know.|\"name\": \"{v}\"|Surname and name: {v}", "Mrs {v} asked twice.|Her full name is {v} now.|Herr {v} kommt später.|name = {v}"), None),
 ("postal_address", address, say("I live at {v}.|Send it to {v}, please.|Address: {v}|The house at {v} is empty.|We moved to {v} in May.|Home address {v}, second floor.|Deliver to {v} before noon.|He resides at {v}", "Her residence is {v} since 2019.|Pick me up at {v} at nine.|Billing address: {v}.|Visit {v} for the keys"), None),
 ("ip_address", ip, say("Login from {v} at noon.|Her IP address is {v}.|client_ip={v}|Blocked {v} after three tries.|The laptop has {v}.|Connection from {v}: refused|X-Forwarded-For: {v}|host {v} is down", "The last session came from {v}.|ip: {v}|We saw {v} in the access log.|Ping {v} please."), None),
 ("mac_address", mac, PLAIN, None), ("imei", imei, NAMED, ("IMEI", "imei number", "handset IMEI")), ("device_id", device, NAMED, ("advertising id", "IDFA", "device id")), ("cookie", cookie, say("Cookie: sessionid={v}|Set-Cookie: PHPSESSID={v}; path=/|session cookie={v}|\"sessionid\": \"{v}\"|JSESSIONID={v}|curl -b sid={v} https://x.example", "The sessionid={v} was stolen.|Cookie: JSESSIONID={v};|phpsessid={v} expired"), None),
 ("geo_location", geo, say("She is at {v} now.|location: {v}|GPS {v}|Meet me at {v}.|The photo was taken at {v}|position={v}|coordinates {v}, bring water|Parked here: {v}", "Her phone reported {v} at midnight.|geo {v}|My place is {v}, come by|He stood at {v} for an hour"), None), ("vehicle_vin", vin, PLAIN, None),
 ("secret_key", key, PLAIN, None), ("secret_key", assigned, say("api_key={v}|API key: {v}|secret = \"{v}\"|Authorization: Bearer {v}|export TOKEN={v}|client_secret: {v}|access_token={v}&x=1|'secret': '{v}'", "token: {v} please rotate|The apikey={v} leaked.|\"secret\": \"{v}\",|auth_token = {v}"), None), ("private_key", pem, PLAIN, None), ("jwt", jwt, PLAIN, None),
 ("password", password, say("password: {v}|My password is {v}.|pwd={v}|login anna, password = {v}|\"password\": \"{v}\"|the passphrase is {v}|Passwort: {v}|contraseña: {v}|postgres://app:{v}@db.example.com/x", "his passwd was {v} until May|PASSWORD={v}|mot de passe, clave: {v}|mysql://root:{v}@10.1.2.3/y"), None),
 ("medical_record", mrn, NAMED, ("MRN", "UHID", "mrn")),
 ("health", words("diabetes", "HIV", "epilepsy", "breast cancer", "depression", "asthma", "hepatitis", "schizophrenia"), say("The patient was diagnosed with {v}.|My mother suffers from {v}.|He is treated for {v} at the clinic.|She has {v} since 2011.|Her son was hospitalised because of {v}.|I tested positive for {v}.|The employee told us about his {v}.|Claimant: {v}, under therapy", "My father has had {v} for years.|Their client is treated for {v}.|She tested positive, {v} again.|the patient's {v} got worse"), None),
 ("genetic", words("BRCA1", "BRCA2", "DNA"), say("Her {v} test shows a mutation.|The {v} profile of the patient is attached.|He carries a {v} variant.|The patient's {v} result was positive.|my {v} sequencing report|{v} mutation found in the mother's sample", "His {v} marker came back positive.|The {v} variant of my daughter"), None),
 ("biometric", words("fingerprint", "iris", "voiceprint", "faceprint", "retina"), say("The {v} template of the employee is stored.|Her {v} scan was captured at the gate.|We enrolled his {v} last week.|{v} data of each customer|my {v} was scanned at the border|The {v} samples of the applicant", "His {v} image is kept for a year.|a {v} match for the candidate"), None),
 ("belief", words("Muslim", "Jewish", "Hindu", "Catholic", "atheist", "Buddhist", "Sikh"), say("The applicant is {v}, practising.|He converted and is now {v}.|Her religion: {v}|My wife is {v}.|The patient identifies as {v}.|Religion of the employee is {v}.|She was raised {v}.|his faith is {v}", "Candidate's religion was noted as {v}.|Her husband is {v}.|I am a devout {v}."), None),
 ("political", words("Republican", "Democrat", "socialist", "Tory", "communist"), say("He is a registered {v} voter.|She votes {v}.|member of the {v} party|The employee supports the {v} party.|a {v} activist since 2010|He donated to the {v} party.", "She voted {v} last year.|known {v} supporter"), None),
 ("ethnicity", words("Dalit", "Roma", "Hispanic", "Kurdish", "Brahmin", "Uyghur"), say("The applicant is {v}.|His caste is {v}.|She belongs to the {v} community.|My mother is {v}.|The patient is {v}, aged forty.|her {v} caste certificate", "The candidate comes from a {v} community.|He identifies as {v}."), None),
 ("sexuality", words("gay", "lesbian", "bisexual", "transgender", "asexual"), say("He is {v} and married.|She came out as {v}.|The employee identifies as {v}.|My son is {v}.|openly {v} colleague|The patient is {v}.", "I am {v}, she said.|her {v} daughter moved out"), None),
 ("union_membership", words("union"), say("She is a trade {v} member.|He pays his {v} dues.|Her {v} membership ended.|trade {v}: yes|The {v} steward of the plant is Tom.", "a labor {v} member since 2001|his {v} branch meets on Monday"), None),
 ("criminal_record", words("fraud", "theft", "burglary", "assault"), say("He was convicted of {v}.|sentenced for {v} in 2015|Her criminal record shows {v}.|arrested for {v} last year|He served two years in prison for {v}.|found guilty of {v}", "a conviction, {v}, jail for a year|he got probation for {v}"), None),
]

def personal():
    rows = []
    for kind, make, carriers, names in KINDS:
        for side, count in ((TUNE, 14), (HELD, 5)):
            for i in range(count):
                v = make(); c = carriers[side][i % len(carriers[side])]
                n = names[i % len(names)] if names else ""
                text = c.replace("{n}", n).replace("{v}", v)
                start = text.index(v) if "{n}" not in c or c.index("{v}") < c.index("{n}") else text.rindex(v)
                rows.append({"id": "", "kind": kind, "text": text, "value": v, "held_out": side == HELD})
    return rows

# ---- hard negatives -----------------------------------------------------------------------------------------
def bad(make, change):
    v = make(); return change(v)
def off(v):
    i = max(i for i, c in enumerate(v) if c in D); return v[:i] + str((int(v[i]) + 1 + R.randrange(8)) % 10) + v[i + 1:]
def sha(n): return hashlib.sha256(ds(9).encode()).hexdigest()[:n]
def isbn(): s = "978" + ds(9); s += str(-wsum(s, [1, 3] * 6) % 10); return pick(s, f"{s[:3]}-{s[3]}-{s[4:8]}-{s[8:12]}-{s[12]}")
NEG = [
 ("order number", lambda: ds(10), say("Order {v} has shipped.|order number {v}|Your order #{v} is ready.|Track order no. {v} online.", "The order {v} was cancelled.|order id: {v}")),
 ("long order number", lambda: "10" + ds(14), say("invoice {v} is overdue|Ticket {v} was closed.|Reference {v}, please quote it.", "The reference is {v}.|parcel {v}")),
 ("millisecond timestamp", lambda: "17" + ds(11), say("created at {v}|timestamp={v}|{v} INFO started|ts: {v}, level: warn", "The event of {v} was late.|\"time\": {v}")),
 ("second timestamp", lambda: "17" + ds(8), say("epoch {v}|expires={v}|iat: {v}|valid until {v} (unix)", "unix time {v}|\"exp\": {v}")),
 ("amount", lambda: f"{R.randrange(10**6, 10**9):,}", say("The total is {v} rupees.|We paid ${v}.00 in March.|revenue of {v} euros|Budget: {v}", "A sum of {v} was booked.|{v} units sold")),
 ("plain amount", lambda: str(R.randrange(10**9, 10**10)), say("the total was {v} rupees|amount={v}|a price of {v} yen|population {v}", "cost: {v}|about {v} dollars")),
 ("uuid", lambda: str(U.UUID(int=R.getrandbits(128), version=4)), say("request {v} failed|id={v}|/api/items/{v}|trace {v}", "Correlation id {v} found.|{v}.json")),
 ("hash", lambda: pick(sha(64), sha(40), sha(32)), say("commit {v}|sha256:{v}|The digest is {v}.|etag \"{v}\"", "checksum {v}|merge {v} into main")),
 ("version", lambda: f"{R.randrange(20)}.{R.randrange(30)}.{R.randrange(99)}.{R.randrange(200)}", say("version {v} is out|Upgrade to v{v} today.|release {v}|firmware {v} fixes it", "build {v} failed|patched in version {v}")),
 ("semver", lambda: f"{R.randrange(20)}.{R.randrange(30)}.{R.randrange(99)}", say("lodash@{v}|tokio = \"{v}\"|npm i react@{v}|python {v}", "kernel {v}|node-{v}.tar.gz")),
 ("isbn", isbn, say("ISBN {v}|The book (ISBN {v}) is sold out.|isbn: {v}", "Find it under ISBN {v}.|isbn={v}")),
 ("code place", lambda: f"{R.randrange(1, 900)}:{R.randrange(1, 99)}", say("error at main.rs:{v}|see line {v}|src/lib.rs:{v}: warning|File x.py, {v}", "panicked at src/a.rs:{v}|lint at {v}")),
 ("pixels", lambda: f"{R.randrange(100, 2000)}, {R.randrange(100, 2000)}", say("click at ({v})|the window is at {v}|size {v} px|point({v})", "drag it to {v}|resolution {v}")),
 ("vector", lambda: ", ".join(f"{R.uniform(-1, 1):.4f}" for _ in range(5)), say("embedding: [{v}]|weights = [{v}]|vec({v})|values [{v}]", "the row [{v}] is wrong|tensor([{v}])")),
 ("card with a wrong digit", lambda: bad(lambda: with_luhn("4" + ds(14)), lambda s: chunks(off(s), 4, 4, 4)), say("The number {v} was mistyped.|{v} does not exist|sample {v}|use {v}?", "{v} is no card|check {v}")),
 ("aadhaar with a wrong digit", lambda: chunks(off(aadhaar_plain()), 4, 4), say("The code {v} is printed inside.|serial {v}|{v} on the box|label {v}", "type {v} to unlock|code {v}")),
 ("iban with a wrong digit", lambda: off(iban()), say("The text {v} is no IBAN.|{v} failed the check|sample {v}", "mistyped: {v}|see {v}")),
 ("ssn never issued", lambda: pick("000", "666") + "-" + f"{R.randrange(1, 99):02}-{ds(4)}", say("Placeholder {v} on the form.|use {v} in tests|{v}", "dummy {v}|form shows {v}")),
 ("other dates", lambda: day(1990, 2026).strftime(pick("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y")), say("The meeting is on {v}.|Invoice date {v}|valid until {v}|updated {v}", "released {v}|delivery on {v}")),
 ("handles", lambda: pick("@types/node", "@angular/core", "@Override", "@media", "@here", "@channel"), say("install {v} first|add {v} above the line|{v} please read|see {v}", "import from {v}|{v} is required")),
 ("ssh remote", lambda: "git@" + pick("github.com", "gitlab.com") + ":" + pick("acme/app.git", "team/api.git"), say("git clone {v}|remote: {v}|origin {v}", "push to {v}|url = {v}")),
 ("hex colour", lambda: "#" + sha(6), say("background {v}|use {v} for the border|color: {v};|{v} is too dark", "fill={v}|the logo is {v}")),
 ("part number", lambda: up(2) + "-" + ds(4) + "-" + up(1), say("part {v} is out of stock|SKU {v}|model {v}|Article {v} arrived.", "spare part {v}|item {v}")),
 ("flight", lambda: pick("LH", "AI", "BA") + ds(3), say("flight {v} is late|Board {v} at gate 4.|{v} departs at noon", "{v} landed|my flight is {v}")),
 ("time", lambda: f"{R.randrange(24):02}:{R.randrange(60):02}:{R.randrange(60):02}", say("at {v} sharp|[{v}] started|uptime {v}|lap time {v}", "since {v}|clock shows {v}")),
 ("range of years", lambda: f"{R.randrange(1900, 2000)}-{R.randrange(2000, 2026)}", say("in the years {v}|the period {v}|copyright {v}|season {v}", "from {v}|data of {v}")),
 ("table of numbers", lambda: " ".join(str(R.randrange(100, 999)) for _ in range(6)), say("row: {v}|{v}|counts {v} in order|values {v}", "series {v}|scores {v}")),
 ("score", lambda: f"{R.randrange(0, 99)}-{R.randrange(0, 99)}", say("they won {v}|final score {v}|{v} at half time", "lost {v}|a {v} draw")),
 ("tracking", lambda: "1Z" + up(8, string.ascii_uppercase + D) + ds(8), say("tracking number {v}|parcel {v} is on its way|track {v}", "shipment {v}|UPS {v}")),
 ("scientific", lambda: f"{R.uniform(1, 9):.6f}e-{R.randrange(2, 20)}", say("p = {v}|loss {v}|the constant is {v}|error {v}", "rate {v}|epsilon {v}")),
 ("base64 image", lambda: "data:image/png;base64," + base64.b64encode(bytes(R.randrange(256) for _ in range(90))).decode(), say("<img src=\"{v}\">|icon: {v}", "background {v}|favicon {v}")),
 ("loopback and masks", words("127.0.0.1", "0.0.0.0", "255.255.255.0", "255.255.255.255"), say("listening on {v}|bind {v}:8080|netmask {v}|host {v}", "http://{v}/health|server {v}")),
 ("mac of nobody", words("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"), say("ether {v}|mac {v}|broadcast {v}", "interface {v}|lladdr {v}")),
 ("talk of passwords", words("must be changed", "is required", "was reset", "expired", "has to be strong"), say("Your password {v}.|The password {v} every month.|password {v}", "A new password {v}|the PIN {v}")),
 ("password placeholders", words("********", "${DB_PASSWORD}", "<password>", "{{password}}", "xxxxxxxx", "getenv('PW')"), say("password: {v}|pwd={v}|\"password\": \"{v}\"", "PASSWORD={v}|passwd = {v}")),
 ("talk of keys", words("key", "token", "secret", "credentials"), say("The {v} is in the drawer.|Rotate the {v} every year.|a {v} to success|store the {v} in the vault", "no {v} was found|the {v} rotated")),
 ("talk of health", words("health check", "healthy build", "cancer research fund", "stroke of luck", "asthma week in May"), say("The {v} passed.|We support the {v}.|A {v} again.|see {v}", "one more {v}|about the {v}")),
 ("talk of belief", words("Christian Dior", "Jewish quarter", "Catholic church on the square", "Hindu Kush"), say("We visited the {v}.|Near the {v} turn left.|A shop by {v}|the {v} map", "pictures of the {v}|{v}, page two")),
 ("talk of politics", words("conservative estimate", "liberal arts", "labour market", "democratic process"), say("A {v} of the cost.|the {v} improves|report on {v}|{v} matters", "more on {v}|our {v}")),
 ("talk of unions", words("union of two sets", "credit union hours", "SQL UNION query", "European Union law"), say("The {v} is shown.|see the {v}|about {v}|a {v}", "{v} explained|the {v} slide")),
 ("talk of bodies", words("browser fingerprint", "certificate fingerprint", "SSH key fingerprint", "iris flower", "race condition"), say("The {v} has changed.|compare the {v}|a {v} again|fix the {v}", "show the {v}|one {v}")),
 ("houses and streets", words("Wall Street closed higher", "the road to success", "Main Street shops", "a two lane road"), say("{v}.|They say {v}|news: {v}", "still {v}|{v} today")),
 ("names of things", words("file name is report.txt", "name: backend", "the variable name is count", "project name = remit"), say("{v}|note: {v}|{v}, ok", "now {v}|see {v}")),
 ("at and dot", words("meet at noon", "look at the dot on the map", "at example level", "good at math dot"), say("Please {v}.|We {v} today|{v}", "they {v}|{v}, fine")),
 ("phone-like maths", lambda: f"{R.randrange(100, 999)} + {R.randrange(100, 999)} = {R.randrange(1000, 1999)}", say("{v}|compute {v}|so {v} holds", "thus {v}|proof: {v}")),
 ("bytes", lambda: str(R.randrange(10**7, 10**9)), say("{v} bytes written|size {v} bytes|offset {v}|content-length: {v}", "read {v} bytes|file of {v} bytes")),
 ("legal references", lambda: f"{R.randrange(1, 20)}.{R.randrange(1, 20)}.{R.randrange(1, 20)}", say("see section {v}|clause {v} applies|RFC 8693, section {v}|chapter {v}", "under {v}|paragraph {v}")),
 ("dois", lambda: f"10.{R.randrange(1000, 9999)}/{sha(6)}.{R.randrange(2000, 2026)}.{ds(6)}", say("doi:{v}|https://doi.org/{v}|cited as {v}", "paper {v}|DOI {v}")),
 ("last four", lambda: ds(4), say("card ending in {v}|the last four digits are {v}|Aadhaar XXXX XXXX {v}|account ****{v}", "visa ...{v}|ends with {v}")),
 ("barcode", lambda: (lambda s: s + str(-wsum(s, [1, 3] * 6) % 10))("40" + ds(10)), say("EAN {v}|barcode {v}|scan {v} at the till", "product {v}|UPC {v}")),
 ("temperatures", lambda: f"{R.randrange(-20, 40)}°C", say("It is {v} outside.|between 10°C and {v}|bake at {v}", "{v} in the shade|up to {v}")),
 ("ratio", lambda: f"{R.randrange(1, 30)}/{R.randrange(30, 90)}/{R.randrange(100, 999)}", say("tests {v}|ratio {v}|path a/{v}/b", "{v} split|score {v}")),
]
def harmless():
    rows = []
    for shape, make, carriers in NEG:
        for side, count in ((TUNE, 20), (HELD, 7)):
            for i in range(count):
                rows.append({"id": "", "shape": shape, "text": carriers[side][i % len(carriers[side])].replace("{v}", make()), "held_out": side == HELD})
    return rows

def write(name, prefix, rows):
    seen = set(); n = 0
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", name), "w", encoding="utf-8") as f:
        for row in rows:
            if row["text"] in seen: continue
            seen.add(row["text"]); n += 1; row["id"] = f"{prefix}-{n:04}"
            f.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(name, n, "held out", sum(r["held_out"] for r in rows))
write("personal.jsonl", "pii", personal())
write("harmless.jsonl", "neg", harmless())
