//! Notes: signed, read back, refused when anything of them is changed.

use super::*;

fn signer(name: &str, secret: u8) -> Signer {
    Signer::new(name, [secret; 32]).unwrap()
}

#[test]
fn the_note_of_the_specification_is_believed() {
    // c2sp.org/signed-note does not print the key; golang.org/x/mod/sumdb/note does for this one.
    let key = Vkey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n";
    let note = format!(
        "{text}\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    );
    assert_eq!(open(&note, std::slice::from_ref(&key)), Ok(text));
    assert_eq!(open(&note, &[]), Err(NoteError::Unsigned));
    assert_eq!(super::text(&note), Ok(text), "what is read before there is a key to look with");
    let forged = note.replace("cryptography", "Cryptography");
    assert_eq!(open(&forged, &[key]), Err(NoteError::Signature("PeterNeumann".into())));
}

#[test]
fn cloudflares_port_reads_our_keys_and_notes_and_we_read_theirs() {
    use signed_note::{Note, Signer as _, StandardSigner, StandardVerifier, VerifierList};
    let ours = signer("log.example/a", 7);
    let known =
        || VerifierList::new(vec![Box::new(StandardVerifier::new(&ours.vkey().to_string()).unwrap())]);
    let note = sign("one\ntwo\n", [&ours]);
    assert!(Note::from_bytes(note.as_bytes()).unwrap().verify(&known()).is_ok());
    assert!(Note::from_bytes(note.replace("one", "0ne").as_bytes()).unwrap().verify(&known()).is_err());
    let theirs = StandardSigner::new(&ours.secret_text()).unwrap();
    let mut signed = Note::new(b"three\n", &[]).unwrap();
    signed.add_sigs(&[&theirs]).unwrap();
    let bytes = signed.to_bytes();
    assert_eq!(open(std::str::from_utf8(&bytes).unwrap(), &[ours.vkey().clone()]), Ok("three\n"));
    assert_eq!(theirs.key_id().to_be_bytes(), ours.vkey().id());
}

#[test]
fn keys_come_back_from_their_text_and_nothing_else_is_a_key() {
    let key = signer("log.example/a", 1);
    let public = key.vkey().to_string();
    assert_eq!(Vkey::parse(&public).as_ref(), Ok(key.vkey()));
    assert_eq!(Signer::parse(&key.secret_text()).unwrap().vkey(), key.vkey());
    assert!(!format!("{key:?}").contains(&key.secret_text()));
    let other = signer("log.example/b", 1);
    let id = |key: &Signer| hex(key.vkey().id());
    assert_ne!(id(&key), id(&key).to_uppercase(), "some digit is a letter");
    let bytes = STANDARD.decode(public.rsplit('+').next().unwrap()).unwrap();
    assert_eq!(bytes[1..], key.vkey().public()[..]);
    for bad in [
        String::new(),
        "log.example/a".into(),
        public.replace(&id(&key), &id(&other)),
        public.replace("+A", "+B"),
        public.replace("log.example/a", "log example/a"),
        format!("{public}AAAA"),
        public.to_uppercase(),
        public.replace(&id(&key), &id(&key).to_uppercase()),
        key.secret_text(),
    ] {
        assert!(Vkey::parse(&bad).is_err(), "{bad}");
    }
    assert!(Signer::parse(&public).is_err());
    for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b"] {
        assert!(Signer::new(name, [1; 32]).is_err(), "{name:?}");
    }
}

#[test]
fn one_known_key_suffices_and_a_wrong_signature_of_a_known_key_does_not() {
    let (old, new) = (signer("log.example/a", 1), signer("log.example/a", 2));
    let text = "a text\n\nwith a blank line\n";
    let note = sign(text, [&old, &new]);
    for keys in
        [vec![old.vkey().clone()], vec![new.vkey().clone()], vec![old.vkey().clone(), new.vkey().clone()]]
    {
        assert_eq!(open(&note, &keys), Ok(text));
    }
    assert_eq!(open(&note, &[signer("log.example/a", 3).vkey().clone()]), Err(NoteError::Unsigned));
    // The same key under another name is another key.
    assert_eq!(open(&note, &[signer("log.example/b", 1).vkey().clone()]), Err(NoteError::Unsigned));
    let half = sign("another text\n", [&old]);
    let mixed = note.replace(note.lines().nth(4).unwrap(), half.lines().nth(2).unwrap());
    assert_eq!(open(&mixed, &[new.vkey().clone()]), Ok(text), "the old key is unknown here");
    assert!(matches!(open(&mixed, &[old.vkey().clone(), new.vkey().clone()]), Err(NoteError::Signature(_))));
}

#[test]
fn each_changed_bit_of_a_note_is_refused() {
    let key = signer("log.example/a", 9);
    let good = sign("origin\n42\n", [&key]);
    for bit in 0..good.len() * 8 {
        let mut bytes = good.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let believed =
            std::str::from_utf8(&bytes).is_ok_and(|note| open(note, &[key.vkey().clone()]).is_ok());
        assert!(!believed, "bit {bit}");
    }
    let more = format!("{good}\u{2014} other AAAAAAA=\n");
    assert!(open(&more, &[key.vkey().clone()]).is_ok(), "one that nobody here knows");
    for bad in [
        "",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n\nno signature\n",
        &good[..good.len() - 1],
        &format!("{good}\n"),
        &format!("{good}\u{2014} a+b AAAAAAA=\n"),
        &format!("{good}\u{2014} other AAAAAA==\n"),
    ] {
        assert!(open(bad, &[key.vkey().clone()]).is_err(), "{bad:?}");
    }
}

#[test]
fn a_note_may_be_so_long_and_have_so_many_signatures_and_no_more() {
    let key = signer("log.example/a", 9);
    let of = |bytes: usize| sign(&format!("{}\n", "x".repeat(bytes)), [&key]);
    let room = NOTE_BYTES - of(0).len();
    assert!(open(&of(room), &[key.vkey().clone()]).is_ok());
    let long = of(room + 1);
    assert_eq!(open(&long, &[key.vkey().clone()]), Err(NoteError::Format("it is too long")));
    let by = |signers: usize| sign("x\n", std::iter::repeat_n(&key, signers));
    assert_eq!(open(&by(NOTE_SIGNATURES), &[key.vkey().clone()]), Ok("x\n"));
    let many = by(NOTE_SIGNATURES + 1);
    assert_eq!(open(&many, &[key.vkey().clone()]), Err(NoteError::Format("it has too many signatures")));
}
