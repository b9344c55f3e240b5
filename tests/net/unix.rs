//! Sockets within one machine.

use futures::{AsyncReadExt, AsyncWriteExt};
use nimsync::net::{UnixDatagram, UnixListener, UnixStream};
use std::io::ErrorKind;
use std::path::PathBuf;

struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let name = format!(
            "nimsync-{name}-{}-{}",
            std::process::id(),
            fastrand::u32(..)
        );
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[nimsync::test]
async fn a_listener_at_a_path() {
    let place = Place::new("listener");
    let listener = UnixListener::bind(&place.0).unwrap();
    let taken = UnixListener::bind(&place.0).unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::AddrInUse);
    let (near, far) = futures::join!(UnixStream::connect(&place.0), listener.accept());
    let ((mut far, _), mut near) = (far.unwrap(), near.unwrap());
    near.write_all(b"hello").await.unwrap();
    near.close().await.unwrap();
    let mut text = String::new();
    far.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "hello");
}

#[nimsync::test]
async fn nobody_listens_at_a_path() {
    let place = Place::new("nobody");
    let error = UnixStream::connect(&place.0).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[nimsync::test]
async fn datagrams_between_paths() {
    let (a, b) = UnixDatagram::pair().unwrap();
    a.send(b"one").await.unwrap();
    let mut bytes = [0; 8];
    assert_eq!(b.recv(&mut bytes).await.unwrap(), 3);

    let place = Place::new("datagram");
    let named = UnixDatagram::bind(&place.0).unwrap();
    let other = Place::new("sender");
    let sender = UnixDatagram::bind(&other.0).unwrap();
    sender.send_to(b"two!", &place.0).await.unwrap();
    assert_eq!(named.recv_from(&mut bytes).await.unwrap().0, 4);
}
