//! Who else can read or change what the service rests on: its data directory and the files with secrets.
//!
//! The rule: a secret that everybody on the machine may read or change, and a data directory that everybody may change, are
//! refused. What a group may change, and a data directory that others may read, is warned of. (The keys of the ledger and of
//! pseudonyms are the ledger's to judge: they are refused unless they are their owner's alone.)

use std::path::{Path, PathBuf};

use crate::config::Config;

/// A file or folder that is more open than it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// Which.
    pub path: PathBuf,
    /// What it is.
    pub what: &'static str,
    /// Its mode.
    pub mode: u32,
    /// Whether the service must not start with it.
    pub refused: bool,
}

impl std::fmt::Display for Exposure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, what, mode, .. } = self;
        let mended = if *what == DATA { "700" } else { "600, or 640 for a group" };
        write!(f, "{what} `{}` has mode {mode:03o}: others may reach it; use {mended}", path.display())
    }
}

const DATA: &str = "the data directory";
/// Others may change it.
const OTHERS_WRITE: u32 = 0o002;
/// Others may do anything with it.
const OTHERS: u32 = 0o007;
/// Its group may change it.
const GROUP_WRITES: u32 = 0o020;

/// Everything that is more open than it should be. What is not there is somebody else's to refuse.
#[must_use]
pub fn exposures(config: &Config) -> Vec<Exposure> {
    let secrets = secrets(config).into_iter().filter_map(|(what, path)| {
        let mode = mode(&path)?;
        let found = |refused| Exposure { path: path.clone(), what, mode, refused };
        (mode & (OTHERS | GROUP_WRITES) != 0).then(|| found(mode & OTHERS != 0))
    });
    let data = mode(&config.data).filter(|mode| mode & (OTHERS | GROUP_WRITES) != 0);
    let data = data.map(|mode| Exposure {
        path: config.data.clone(),
        what: DATA,
        mode,
        refused: mode & OTHERS_WRITE != 0,
    });
    secrets.chain(data).collect()
}

/// Makes the data directory, for nobody but its owner; one that is there stays as it is.
///
/// # Errors
/// The disk refuses.
pub fn make_private(data: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data)
}

/// The files whose content nobody else may know.
fn secrets(config: &Config) -> Vec<(&'static str, PathBuf)> {
    let mut found = Vec::new();
    let mut add = |what, path: Option<&PathBuf>| found.extend(path.map(|path| (what, path.clone())));
    add("the key of the certificate", config.tls.as_ref().map(|tls| &tls.key_file));
    let admin = config.admin.as_ref().and_then(|admin| admin.tls.as_ref());
    add("the key of the certificate for people", admin.map(|tls| &tls.key_file));
    add("the key of outcomes", config.transactions.outcome_key_file.as_ref());
    add("the secret of the webhook", config.incidents.webhook.as_ref().map(|webhook| &webhook.secret_file));
    for source in config.sources.values() {
        add("the credential of a source", source.authorization_file.as_ref());
    }
    for issuer in &config.identity.issuers {
        let asked = issuer.introspection.as_ref().and_then(|asked| asked.authorization_file.as_ref());
        add("the credential for introspection", asked);
    }
    found
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).ok().map(|found| found.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::config::{Tls, Transactions, Webhook};

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    }

    #[test]
    fn secrets_are_their_owners_or_a_groups_and_the_data_directory_is_its_owners() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, name).expect("writes");
            path
        };
        let (key, outcomes, secret) = (file("tls"), file("outcomes"), file("webhook"));
        let data = folder.path().join("data");
        make_private(&data).expect("makes");
        let mut config = Config {
            tls: Some(Tls { cert_file: file("cert"), key_file: key.clone(), clients: None }),
            transactions: Transactions { outcome_key_file: Some(outcomes.clone()) },
            data: data.clone(),
            ..Config::default()
        };
        config.incidents.webhook =
            Some(Webhook { url: String::new(), secret_file: secret.clone(), private_addresses: false });
        for mode in [0o600, 0o400, 0o440, 0o640] {
            for path in [&key, &outcomes, &secret] {
                set(path, mode);
            }
            assert_eq!(exposures(&config), [], "{mode:o}");
        }
        for path in [&key, &outcomes, &secret] {
            set(path, 0o600);
        }
        let told = |path: &Path, mode: u32| {
            let before = std::fs::metadata(path).expect("is there").permissions().mode();
            set(path, mode);
            let found: Vec<_> = exposures(&config).into_iter().map(|it| (it.path, it.refused)).collect();
            set(path, before);
            found
        };
        for path in [&key, &outcomes, &secret] {
            for (mode, refused) in [(0o644, true), (0o604, true), (0o602, true), (0o660, false)] {
                assert_eq!(told(path, mode), [(path.clone(), refused)], "{mode:o}");
            }
        }
        for (mode, refused) in [(0o755, false), (0o770, false), (0o777, true), (0o703, true)] {
            assert_eq!(told(&data, mode), [(data.clone(), refused)], "{mode:o}");
        }
        let told = Exposure { path: data, what: DATA, mode: 0o755, refused: false }.to_string();
        assert!(told.contains("755") && told.contains("700"), "{told}");
    }
}
