//! The rows, in a file that is there whole or not at all.

use crate::process::Row;
use clap::ValueEnum;
use nimsync::fs::File;
use nimsync::io::AsyncWriteExt;
use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// Rows are written when there is so much of them.
const BLOCK: usize = 64 * 1024;

/// How rows are written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Comma-separated values with a header, as RFC 4180 has them
    Csv,
    /// A JSON object on each line
    Jsonl,
}

/// A file that is being written under another name.
pub(crate) struct Output {
    format: Format,
    file: File,
    /// Its name meanwhile; removed when this is dropped.
    temporary: TempPath,
    path: PathBuf,
    block: Vec<u8>,
}

impl Output {
    /// Makes the file beside the one that it will replace.
    pub(crate) async fn create(path: PathBuf, format: Format) -> io::Result<Self> {
        let target = path.clone();
        let made = nimsync::unblock(move || {
            // To take the name of a device, or of a pipe, would end it for everybody.
            if target.metadata().is_ok_and(|old| !old.is_file()) {
                return Err(io::Error::other("it is no regular file"));
            }
            let folder = target.parent().filter(|it| !it.as_os_str().is_empty());
            let name = target.file_name().unwrap_or_default();
            tempfile::Builder::new()
                .prefix(&format!(".{}.", name.to_string_lossy()))
                .suffix(".part")
                // As for any new file; what is temporary is private else.
                .permissions(Permissions::from_mode(0o666))
                .tempfile_in(folder.unwrap_or(Path::new(".")))
        });
        let (file, temporary) = made.await?.into_parts();
        let mut block = Vec::with_capacity(BLOCK);
        if format == Format::Csv {
            block.extend_from_slice(b"path,extension,bytes,lines,words,checksum\n");
        }
        Ok(Self {
            format,
            file: File::from_std(file, &temporary),
            temporary,
            path,
            block,
        })
    }

    /// Adds a row.
    pub(crate) async fn row(&mut self, row: &Row) -> io::Result<()> {
        match self.format {
            Format::Csv => write_csv(&mut self.block, row)?,
            Format::Jsonl => {
                serde_json::to_writer(&mut self.block, row)?;
                self.block.push(b'\n');
            }
        }
        if self.block.len() >= BLOCK {
            self.write_block().await?;
        }
        Ok(())
    }

    async fn write_block(&mut self) -> io::Result<()> {
        self.file.write_all(&self.block).await?;
        self.block.clear();
        Ok(())
    }

    /// Gives the file its name, when its bytes are on the disk.
    pub(crate) async fn finish(mut self) -> io::Result<()> {
        self.write_block().await?;
        self.file.sync_all().await?;
        let Self {
            temporary, path, ..
        } = self;
        nimsync::unblock(move || Ok(temporary.persist(path)?)).await
    }
}

fn write_csv(out: &mut Vec<u8>, row: &Row) -> io::Result<()> {
    write_field(out, &row.path);
    out.push(b',');
    write_field(out, &row.extension);
    let Row {
        bytes,
        lines,
        words,
        checksum,
        ..
    } = row;
    writeln!(out, ",{bytes},{lines},{words},{checksum}")
}

fn write_field(out: &mut Vec<u8>, text: &str) {
    if text.contains(['"', ',', '\n', '\r']) {
        let quoted = format!("\"{}\"", text.replace('"', "\"\""));
        out.extend_from_slice(quoted.as_bytes());
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_have_commas_and_quotes() {
        let row = Row {
            path: "say \"a, b\".txt".into(),
            extension: "txt".into(),
            bytes: 1,
            lines: 2,
            words: 3,
            checksum: "00".into(),
        };
        let mut out = Vec::new();
        write_csv(&mut out, &row).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"say \"\"a, b\"\".txt\",txt,1,2,3,00\n"
        );
    }
}
