//! The shipped bundles compile as they stand.
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test reads its data and may fail loudly"
)]

use std::path::Path;

use remit_lang::compile;
use remit_lang::diagnostic::Diagnostic;
use remit_lang::source::Sources;

/// The texts of a bundle, with those of its strict profile where it has profiles.
fn bundle(folder: &Path) -> Sources {
    let folders = [folder.to_owned(), folder.join("profiles/strict")];
    let mut files: Vec<_> = folders
        .iter()
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| std::fs::read_dir(folder).expect("the folder is readable"))
        .map(|entry| entry.expect("the entry is readable").path())
        .filter(|path| path.extension().is_some_and(|end| end == "ibac"))
        .collect();
    files.sort();
    let mut sources = Sources::default();
    for path in files {
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        sources.add(name, std::fs::read_to_string(&path).expect("the file is text"));
    }
    sources
}

fn shown(sources: &Sources, diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics
        .iter()
        .map(|one| {
            let span = one.place().unwrap_or_default();
            let file = sources.file(span.file).expect("the file is of the set");
            format!("{}:{} {} {}", file.name, file.place(span.start).line, one.code, one.message)
        })
        .collect()
}

#[test]
fn every_shipped_bundle_compiles() {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let mut seen = 0;
    for entry in std::fs::read_dir(policies).expect("policies are there") {
        let folder = entry.expect("the entry is readable").path();
        if !folder.is_dir() {
            continue;
        }
        let sources = bundle(&folder);
        match compile(&sources) {
            Ok((set, warnings)) => {
                assert!(!set.rules.is_empty() && !set.expects.is_empty(), "{}", folder.display());
                // What the demonstration bank declares is a whole graph's; no rule needs to speak of all of it.
                let remarks = shown(&sources, &warnings);
                assert!(remarks.iter().all(|one| one.starts_with("canbank.ibac")), "{remarks:#?}");
            }
            Err(errors) => panic!("{}: {:#?}", folder.display(), shown(&sources, &errors)),
        }
        seen += 1;
    }
    assert!(seen >= 7, "{seen} bundles");
}
