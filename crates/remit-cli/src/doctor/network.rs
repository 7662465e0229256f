//! The address that is listened on, and the issuers whose keys are fetched.

use std::net::TcpListener;

use remit_pdp::Timestamp;
use remit_server::{Config, reach};

use super::finding::Finding;

/// Whether the address is free, or taken by the process that has the ledger as well.
pub fn listener(config: &Config, running: bool) -> Finding {
    let address = config.listen;
    match TcpListener::bind(address) {
        Ok(_) => Finding::ok("port", format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && running => {
            Finding::ok("port", format!("{address} is taken, as it should be while the service runs"))
        }
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let advice = "`ss -ltnp` names the program; stop it or set `listen`";
            Finding::fail("port", format!("another program has {address}"), advice)
        }
        Err(error) => {
            let advice =
                "set `listen` to an address of this host; ports below 1024 need CAP_NET_BIND_SERVICE";
            Finding::fail("port", format!("{address} cannot be listened on: {error}"), advice)
        }
    }
}

/// Whether the key set of every issuer can be read now.
pub async fn issuers(config: &Config) -> Vec<Finding> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = since.ok().and_then(|since| i64::try_from(since.as_secs()).ok());
    let Some(now) = seconds.and_then(Timestamp::from_unix_seconds) else { return Vec::new() };
    let tried = match reach::issuers(config, now).await {
        Ok(tried) if tried.is_empty() => return vec![Finding::ok("issuers", "none is configured")],
        Ok(tried) => tried,
        Err(error) => {
            return vec![Finding::fail("issuers", error.to_string(), "see `identity` and `issuer_ca_file`")];
        }
    };
    let judged = tried.into_iter().map(|(issuer, outcome)| match outcome {
        Ok(()) => Finding::ok("issuers", format!("`{issuer}`")),
        Err(cause) => {
            let advice = "until its keys can be read its tokens count for nothing: look at address, name resolution, \
                          `issuer_ca_file`, `identity.allow_private_addresses`";
            Finding::fail("issuers", cause, advice)
        }
    });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    fn run<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn a_free_port_a_taken_one_and_an_address_that_is_not_ours() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let at = |listen| Config { listen, ..Config::default() };
        let config = at(taken.local_addr().unwrap());
        assert_eq!(listener(&config, false).level, Level::Fail);
        assert_eq!(listener(&config, true).level, Level::Ok, "the service itself");
        drop(taken);
        assert_eq!(listener(&config, false).level, Level::Ok);
        for running in [false, true] {
            assert_eq!(listener(&at(([192, 0, 2, 1], 8181).into()), running).level, Level::Fail);
        }
    }

    #[test]
    fn an_issuer_whose_keys_can_be_read_and_one_whose_cannot() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys.json");
        let settings = folder.path().join("remit.toml");
        let text = format!(
            "insecure_loopback = true\n[[identity.issuers]]\nissuer = \"https://login.example\"\n\
             accepts = [\"access_token\"]\naudiences = [\"https://pdp.example\"]\nkeys = {{ file = {keys:?} }}\n"
        );
        std::fs::write(&settings, text).unwrap();
        let config = Config::load(Some(&settings), &Default::default()).unwrap();
        let level = || run(issuers(&config)).remove(0).level;
        assert_eq!(level(), Level::Fail, "no file");
        // The public key of RFC 7517, appendix A.1.
        let key = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"1","alg":"ES256"}]}"#;
        std::fs::write(&keys, key).unwrap();
        assert_eq!(level(), Level::Ok);
        std::fs::write(&keys, r#"{"keys":"#).unwrap();
        assert_eq!(level(), Level::Fail, "no key set");
        assert_eq!(run(issuers(&Config::default())).remove(0).level, Level::Ok, "none is configured");
    }
}
