//! A folder of broken policies and what their authors read.

use std::path::Path;

use remit_lang::diagnostic::render;
use remit_lang::source::Sources;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its own cases")]
fn broken_policies_say_what_is_wrong() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let files =
        std::fs::read_dir(folder).expect("the cases are there").map(|file| file.expect("a file").path());
    let mut cases: Vec<_> = files.filter(|path| path.extension().is_some_and(|it| it == "ibac")).collect();
    cases.sort();
    assert!(!cases.is_empty(), "there are cases");
    for path in cases {
        let policy = std::fs::read_to_string(&path).expect("a case is readable");
        let name = path.file_name().expect("a case has a name").to_string_lossy();
        let mut sources = Sources::default();
        let id = sources.add(name.clone(), policy);
        let (_, errors) = remit_lang::parse(id, &sources);
        insta::with_settings!({
            prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "diagnostics", snapshot_suffix => name,
        }, {
            insta::assert_snapshot!("broken_policies_say_what_is_wrong", render::terminal(&errors, &sources, false));
        });
    }
}
