//! Checksums.

use clap::ValueEnum;
use sha2::Digest;
use std::fmt::Write;

/// Which checksum.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Algorithm {
    /// Finds accidents; the fastest
    Crc32,
    /// Finds forgeries
    Sha256,
    /// Finds forgeries, and is faster
    Blake3,
}

/// A checksum that is being computed.
pub(crate) enum Checksum {
    Crc32(crc32fast::Hasher),
    Sha256(Box<sha2::Sha256>),
    Blake3(Box<blake3::Hasher>),
}

impl Checksum {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Crc32 => Self::Crc32(crc32fast::Hasher::new()),
            Algorithm::Sha256 => Self::Sha256(Box::default()),
            Algorithm::Blake3 => Self::Blake3(Box::default()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Blake3(hasher) => drop(hasher.update(bytes)),
        }
    }

    /// The checksum of all that came, in hexadecimal.
    pub(crate) fn finish(self) -> String {
        match self {
            Self::Crc32(hasher) => format!("{:08x}", hasher.finalize()),
            Self::Sha256(hasher) => hexadecimal(&hasher.finalize()),
            Self::Blake3(hasher) => hexadecimal(hasher.finalize().as_bytes()),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_abc(algorithm: Algorithm) -> String {
        let mut checksum = Checksum::new(algorithm);
        checksum.update(b"a");
        checksum.update(b"bc");
        checksum.finish()
    }

    #[test]
    fn known_checksums() {
        assert_eq!(of_abc(Algorithm::Crc32), "352441c2");
        assert_eq!(
            of_abc(Algorithm::Sha256),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            of_abc(Algorithm::Blake3),
            "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
        );
    }
}
