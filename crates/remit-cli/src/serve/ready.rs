//! What a supervisor is told over the socket that it names (the protocol of `sd_notify`): ready, and stopping. A supervisor
//! that does not listen changes nothing.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Decisions are made and recorded, and the address is bound.
pub const READY: &str = "READY=1";
/// A stop was asked for.
pub const STOPPING: &str = "STOPPING=1";

/// Tells the supervisor, when there is one.
pub fn tell(state: &str) {
    if let Some(socket) = std::env::var_os("NOTIFY_SOCKET")
        && let Err(error) = send(&socket, state)
    {
        // A late or missing word is for the supervisor to judge.
        crate::output::note(&format!("the supervisor was not told `{state}`: {error}"));
    }
}

fn send(socket: &OsStr, state: &str) -> io::Result<()> {
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_with_a_path_and_one_without_hear_it_and_a_missing_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let named = UnixDatagram::bind(&path).unwrap();
        let name = format!("remit-ready-{}", std::process::id());
        let hidden = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        let mut buffer = [0; 64];
        for (socket, listener) in
            [(path.clone().into_os_string(), named), (format!("@{name}").into(), hidden)]
        {
            send(&socket, READY).unwrap();
            let length = listener.recv(&mut buffer).unwrap();
            assert_eq!(&buffer[..length], READY.as_bytes());
        }
        assert!(send(folder.path().join("absent").as_os_str(), READY).is_err());
    }
}
