//! A spill to disk against plain buffered writes and reads of the same bytes.

use std::io::{BufReader, BufWriter, Read, Seek, Write};

use nimsync_benches::Bench;
use serde::{Deserialize, Serialize};

/// A line of a log.
#[derive(Serialize, Deserialize)]
struct Line {
    time: u64,
    status: u16,
    path: String,
}

fn line(number: u64) -> Line {
    Line {
        time: number,
        status: 200,
        path: format!("/articles/{number:040}/comments"),
    }
}

pub(crate) fn spill(bench: &Bench) {
    let lines = bench.size(500_000);
    let mut case = bench.timed("spill lines of 60 bytes to disk, and back", lines);
    #[cfg(feature = "nimsync")]
    case.time("nimsync", || through_spill(lines));
    case.time("BufWriter, BufReader", || through_buffers(lines));
    case.run();
}

#[cfg(feature = "nimsync")]
fn through_spill(lines: u64) {
    use nimsync::stream::{self, Backpressure, Spill};

    let spill = Spill::disk(std::env::temp_dir(), 1 << 30);
    let (tx, mut rx) = stream::with(Backpressure::Spill(spill))
        .capacity(64)
        .build();
    for number in 0..lines {
        tx.try_send(line(number))
            .expect("there is room on the disk");
    }
    drop(tx);
    let mut sum = 0;
    while let Ok(line) = rx.try_recv() {
        sum += line.time;
    }
    assert_eq!(sum, (0..lines).sum());
}

/// Encodes as the spill does, with the length in front.
fn through_buffers(lines: u64) {
    let mut file = BufWriter::with_capacity(64 * 1024, tempfile::tempfile().expect("a file"));
    let mut bytes = Vec::new();
    for number in 0..lines {
        bytes.clear();
        bytes = postcard::to_extend(&line(number), bytes).expect("it can be encoded");
        let length = (bytes.len() as u32).to_le_bytes();
        file.write_all(&length).expect("room on the disk");
        file.write_all(&bytes).expect("room on the disk");
    }
    let mut file = file.into_inner().expect("room on the disk");
    file.rewind().expect("a file can be rewound");
    let mut file = BufReader::with_capacity(64 * 1024, file);
    let mut sum = 0;
    for _ in 0..lines {
        let mut length = [0; 4];
        file.read_exact(&mut length).expect("it was written");
        bytes.resize(u32::from_le_bytes(length) as usize, 0);
        file.read_exact(&mut bytes).expect("it was written");
        let line: Line = postcard::from_bytes(&bytes).expect("it was encoded");
        sum += line.time;
    }
    assert_eq!(sum, (0..lines).sum());
}
