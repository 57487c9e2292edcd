//! Where a board is served: a TCP port, or a socket in the file system. Both are listened at alike.

use crate::failure::{Result, argument, not_served};
use std::{
    fmt, fs,
    io::{self, Read, Write},
    net::TcpListener,
    os::unix::net::UnixListener,
    path::PathBuf,
};

/// Comes before the path of a socket.
const UNIX: &str = "unix:";

/// An address as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// HOST:PORT.
    Tcp(String),
    /// unix:/PATH.
    Unix(PathBuf),
}

impl Address {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Address> {
        if let Some(path) = text.strip_prefix(UNIX)
            && !path.is_empty()
        {
            return Ok(Address::Unix(path.into()));
        }
        match text.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                Ok(Address::Tcp(text.into()))
            }
            _ => Err(argument(
                format!("`{text}` is not an address"),
                "write HOST:PORT, such as 127.0.0.1:0 for any free port, or unix:/PATH",
            )
            .into()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Tcp(text) => f.write_str(text),
            Address::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

/// A connection.
pub trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// An open address.
pub enum Listener {
    Tcp(TcpListener),
    /// With its path.
    Unix(UnixListener, PathBuf),
}

impl Listener {
    /// Opens an address.
    pub fn open(address: &Address) -> Result<Listener> {
        let listener = match address {
            Address::Tcp(text) => TcpListener::bind(text).map(Listener::Tcp),
            Address::Unix(path) => {
                UnixListener::bind(path).map(|listener| Listener::Unix(listener, path.clone()))
            }
        };
        Ok(listener.map_err(|error| not_served(address, error))?)
    }

    /// The address as it is now: with the port that the system chose.
    pub fn address(&self) -> Address {
        match self {
            Listener::Tcp(listener) => Address::Tcp(
                listener
                    .local_addr()
                    .map_or_else(|error| error.to_string(), |address| address.to_string()),
            ),
            Listener::Unix(_, path) => Address::Unix(path.clone()),
        }
    }

    /// Waits for a client.
    pub fn accept(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match self {
            Listener::Tcp(listener) => {
                let (stream, _) = listener.accept()?;
                // Every answer is waited for.
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            Listener::Unix(listener, _) => Box::new(listener.accept()?.0),
        })
    }

    /// Takes the socket out of the file system.
    pub fn remove(&self) {
        if let Listener::Unix(_, path) = self {
            // Somebody may have taken it away before.
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("127.0.0.1:0", Some(Address::Tcp("127.0.0.1:0".into()))),
            ("[::1]:5555", Some(Address::Tcp("[::1]:5555".into()))),
            ("unix:/tmp/a b", Some(Address::Unix("/tmp/a b".into()))),
            ("unix:", None),
            ("5555", None),
            (":5555", None),
            ("localhost:", None),
            ("localhost:65536", None),
            ("localhost", None),
        ] {
            assert_eq!(Address::parse(text).ok(), expected, "{text}");
            if let Some(address) = expected {
                assert_eq!(address.to_string(), text);
            }
        }
    }
}
