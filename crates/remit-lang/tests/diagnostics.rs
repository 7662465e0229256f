//! A folder of broken policies and what their authors read.

use remit_lang::diagnostic::render;
use remit_lang::source::Sources;

#[test]
fn broken_policies_say_what_is_wrong() {
    insta::glob!("diagnostics/*.ibac", |path| {
        #[expect(clippy::disallowed_methods, reason = "a test reads its own cases")]
        let policy = std::fs::read_to_string(path).expect("a case is readable");
        let name = path.file_name().expect("a case has a name").to_string_lossy();
        let mut sources = Sources::default();
        let id = sources.add(name, policy);
        let (_, errors) = remit_lang::parse(id, &sources);
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "diagnostics" }, {
            insta::assert_snapshot!(render::terminal(&errors, &sources, false));
        });
    });
}
