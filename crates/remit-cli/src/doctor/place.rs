//! The data directory: there or possible, writable, closed to others, with room left.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use remit_server::Config;

use super::finding::Finding;

/// Free bytes below which a start makes no sense: less than one segment of the log beside its index.
const LEAST_FREE: u64 = 128 << 20;
/// Free bytes below which somebody should look: some millions of records.
const LITTLE_FREE: u64 = 2 << 30;

/// Looks at the data directory, or at the place where it would be made.
pub fn look(config: &Config) -> Vec<Finding> {
    let dir = &config.data;
    let mut found = vec![writable(dir)];
    if dir.is_dir() {
        found.push(modes(dir));
    }
    found.push(room(dir));
    found
}

/// The directory itself, or the nearest one above it that exists.
fn standing(dir: &Path) -> &Path {
    let parents = dir.ancestors().filter(|it| !it.as_os_str().is_empty());
    parents.into_iter().find(|it| it.exists()).unwrap_or(Path::new("."))
}

fn writable(dir: &Path) -> Finding {
    let at = standing(dir);
    let advice = format!("give `{}` to the user that runs the service, or set `data`", dir.display());
    match tempfile::NamedTempFile::new_in(at).and_then(|file| file.as_file().sync_all()) {
        Ok(()) if at == dir => Finding::ok("data", format!("`{}` can be written", dir.display())),
        Ok(()) => Finding::ok("data", format!("`{}` will be made at the first start", dir.display())),
        Err(error) => {
            Finding::fail("data", format!("`{}` cannot be written: {}", at.display(), bare(&error)), advice)
        }
    }
}

/// The cause without the name of the file that was tried.
fn bare(error: &io::Error) -> String {
    error.kind().to_string()
}

/// Whether others may write into it, or read what is secret in it.
fn modes(dir: &Path) -> Finding {
    let mode = |path: &Path| fs::metadata(path).map(|it| it.permissions().mode() & 0o777).ok();
    let group = fs::metadata(dir).map(|it| it.gid()).ok();
    let ours = group == Some(rustix::process::getegid().as_raw());
    if let Some(wide) = mode(dir).filter(|mode| is_wide(*mode, ours)) {
        let what = format!("others may write into `{}` (mode {wide:o})", dir.display());
        return Finding::fail("modes", what, format!("chmod 750 {}", dir.display()));
    }
    for secret in ["ledger.key", "pseudonyms.json"] {
        let path = dir.join(secret);
        if let Some(wide) = mode(&path).filter(|mode| mode & 0o077 != 0) {
            let what = format!("others may use `{}` (mode {wide:o}); a start refuses it", path.display());
            return Finding::fail("modes", what, format!("chmod 600 {}", path.display()));
        }
    }
    Finding::ok("modes", "nobody else can write it, or read the keys in it")
}

/// Others may write: everybody, or a group that is not the one of this process. A volume of a container belongs to its group.
fn is_wide(mode: u32, group_is_ours: bool) -> bool {
    mode & 0o002 != 0 || (mode & 0o020 != 0 && !group_is_ours)
}

fn room(dir: &Path) -> Finding {
    match rustix::fs::statvfs(standing(dir)) {
        Ok(disk) => judged(disk.f_bavail.saturating_mul(disk.f_frsize)),
        Err(error) => Finding::warn("space", format!("free space is not known: {error}"), "look with `df`"),
    }
}

fn judged(free: u64) -> Finding {
    let shown = format!("{} MiB are free", free >> 20);
    let advice = "make room or set `ledger.retain`; with a full disk every question is answered 503";
    match free {
        _ if free < LEAST_FREE => Finding::fail("space", shown, advice),
        _ if free < LITTLE_FREE => Finding::warn("space", shown, advice),
        _ => Finding::ok("space", shown),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_directory_that_is_there_one_that_can_be_made_and_one_that_cannot() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(writable(folder.path()).level, Level::Ok);
        let later = writable(&folder.path().join("a/b"));
        assert!(later.level == Level::Ok && later.found.contains("first start"), "{later}");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(writable(&file).level, Level::Fail, "a file is no directory");
        assert_eq!(writable(&file.join("data")).level, Level::Fail, "nor can one be below it");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "looking leaves nothing behind");
    }

    #[test]
    fn what_others_may_do_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        for (mode, level) in
            [(0o700, Level::Ok), (0o755, Level::Ok), (0o757, Level::Fail), (0o777, Level::Fail)]
        {
            chmod(dir, mode);
            assert_eq!(modes(dir).level, level, "{mode:o}");
        }
        assert!(is_wide(0o770, false) && !is_wide(0o770, true) && !is_wide(0o750, false));
        chmod(dir, 0o700);
        for secret in ["ledger.key", "pseudonyms.json"] {
            let path = dir.join(secret);
            fs::write(&path, "").unwrap();
            for (mode, level) in
                [(0o600, Level::Ok), (0o640, Level::Fail), (0o604, Level::Fail), (0o600, Level::Ok)]
            {
                chmod(&path, mode);
                assert_eq!(modes(dir).level, level, "{secret} {mode:o}");
            }
        }
    }

    #[test]
    fn little_room_is_told_before_there_is_none() {
        let table = [
            (0, Level::Fail),
            (LEAST_FREE - 1, Level::Fail),
            (LEAST_FREE, Level::Warn),
            (LITTLE_FREE, Level::Ok),
        ];
        for (free, level) in table {
            assert_eq!(judged(free).level, level, "{free}");
        }
        let measured = room(Path::new("/proc"));
        assert_ne!(measured.level, Level::Ok, "a place without blocks has no room: {measured}");
    }
}
