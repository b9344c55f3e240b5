//! Without the feature `tls`: an error that names it.

use super::transport::Transport;
use std::io;

#[derive(Clone, Debug, Default)]
pub(super) struct Https;

impl Https {
    pub(super) async fn connect(&self, _host: &str, _port: u16) -> io::Result<Transport> {
        let message = "`https` needs the feature `tls` of nimsync";
        Err(io::Error::new(io::ErrorKind::Unsupported, message))
    }
}
