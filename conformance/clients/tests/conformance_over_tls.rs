//! The conformance runner against Remit over TLS, so that nothing has to be skipped for want of a secured connection.

use std::process::Command;

use remit_clients::{KEY, Remit};

#[tokio::test]
async fn every_level_of_the_certification_holds_over_tls_and_nothing_is_skipped() {
    for path in ["", "/t1"] {
        let remit = Remit::serve("certification", path).await;
        let runner = std::env::var_os("REMIT_CONFORMANCE_BIN")
            .expect("REMIT_CONFORMANCE_BIN names the `remit-conformance` binary; `conformance/run` sets it");
        let mut run = Command::new(runner);
        run.arg(&remit.identifier).args(["--token", KEY, "--ca"]).arg(remit.ca_file());
        let output = run_to_end(&mut run);
        assert!(output.contains("Discovery: "), "{output}");
        assert!(output.trim_end().ends_with(" passed, 0 failed"), "{output}");
        assert!(!output.lines().any(|line| line.trim_start().starts_with("skip ")), "{output}");
    }
}

fn run_to_end(command: &mut Command) -> String {
    let output = command.output().expect("the runner runs");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{text}");
    text
}
