//! The `remit` binary as tests run it.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot run its subject shall say so"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the root").to_owned()
}

/// The binary, built by cargo once a run, so that no stale one is tested.
#[must_use]
pub fn remit() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "remit-cli"]).current_dir(root());
        // WHY: a test run that measures is itself optimised, and looks for its like.
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo runs").success(), "the binary builds");
        let mut path = std::env::current_exe().expect("a path");
        path.pop();
        if path.ends_with("deps") {
            path.pop();
        }
        path.join(format!("remit{}", std::env::consts::EXE_SUFFIX))
    })
}

/// A command that runs the binary, told nothing by the environment: what steers tests (`REMIT_FULL` and its like) is no setting of
/// a service, which would refuse it.
#[must_use]
pub fn command() -> Command {
    let mut command = Command::new(remit());
    untold(&mut command);
    command
}

/// Keeps what steers tests from whatever this command starts.
pub fn untold(command: &mut Command) {
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| name.to_string_lossy().starts_with("REMIT_")).for_each(|name| {
        command.env_remove(name);
    });
}

/// Runs the binary in the root of the repository to its end.
#[must_use]
pub fn run(args: &[&str]) -> Output {
    command().args(args).current_dir(root()).output().expect("remit runs")
}

/// All that it said.
#[must_use]
pub fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
