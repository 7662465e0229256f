//! The bundle that would be published, and the candidate in the shadow.

use std::path::Path;

use remit_pdp::bundle::{self, Purpose};
use remit_server::Config;

use super::finding::Finding;

/// Loads and checks what the configuration names, as a start would.
pub fn look(config: &Config) -> Vec<Finding> {
    let mut found = vec![one("bundle", &config.bundle)];
    if let Some(shadow) = &config.shadow {
        found.push(one("shadow", &shadow.bundle));
    }
    found
}

fn one(check: &'static str, dir: &Path) -> Finding {
    let place = dir.display();
    match bundle::load(dir, Purpose::Serve) {
        Err(error) => Finding::fail(
            check,
            error.to_string(),
            format!("`remit check {place}` shows every error with its place"),
        ),
        Ok(loaded) if loaded.warnings.is_empty() => {
            Finding::ok(check, format!("`{place}`, policies {}", short(&loaded.policy_digest)))
        }
        Ok(loaded) => {
            let what = format!("`{place}` loads with {} warnings", loaded.warnings.len());
            Finding::warn(check, what, format!("`remit check {place}` shows them"))
        }
    }
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use remit_server::config::Shadow;

    const GOOD: &str = "package p\n\nentity user {}\nentity doc {}\naction read on doc\n\npermit everyone for user to read on doc\n";

    #[test]
    fn a_bundle_that_compiles_and_one_that_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("p.ibac");
        std::fs::write(&file, GOOD).unwrap();
        let level = || one("bundle", folder.path());
        assert_eq!(level().level, Level::Ok, "{}", level());
        std::fs::write(&file, GOOD.replace("for user", "for usr")).unwrap();
        assert_eq!(level().level, Level::Fail);
        assert!(level().found.contains("`usr`"), "{}", level());
        std::fs::remove_file(&file).unwrap();
        assert_eq!(level().level, Level::Fail, "an empty folder is no bundle");
    }

    #[test]
    fn a_candidate_is_looked_at_like_the_bundle() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("p.ibac"), GOOD).unwrap();
        let bundle = folder.path().to_owned();
        let with = |shadow| Config {
            bundle: bundle.clone(),
            shadow: Some(Shadow { bundle: shadow }),
            ..Config::default()
        };
        let levels = |config: &Config| look(config).iter().map(|it| (it.check, it.level)).collect::<Vec<_>>();
        assert_eq!(levels(&with(bundle.clone())), [("bundle", Level::Ok), ("shadow", Level::Ok)]);
        assert_eq!(levels(&with("/absent".into())), [("bundle", Level::Ok), ("shadow", Level::Fail)]);
    }
}
