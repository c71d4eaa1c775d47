//! A ZIP archive whose files are stored as they are (APPNOTE 6.3, method 0), put out file by file: the size of each is known
//! before it goes out, so any reader takes it. Pure.

use chrono::{DateTime, Datelike, Timelike};

use crate::platform::clock::Timestamp;

/// What a file needs of its reader: version 2.0. That its name is UTF-8. That it is stored.
const NEEDED: [u8; 6] = [20, 0, 0, 8, 0, 0];

/// An archive under way.
pub struct Zip {
    /// When its files are said to be of, in the format's own way.
    moment: [u8; 4],
    /// What has gone out, in bytes.
    offset: u32,
    files: u16,
    directory: Vec<u8>,
}

impl Zip {
    pub fn new(at: Timestamp) -> Self {
        let utc = DateTime::from_timestamp_millis(at.0).unwrap_or_default();
        let year = u32::try_from(utc.year()).unwrap_or_default().clamp(1980, 2107) - 1980;
        let date = year << 9 | utc.month() << 5 | utc.day();
        let time = utc.hour() << 11 | utc.minute() << 5 | utc.second() >> 1;
        Self { moment: (date << 16 | time).to_le_bytes(), offset: 0, files: 0, directory: Vec::new() }
    }

    /// The next file, as it goes out. All of them together have to be smaller than 4 GiB.
    pub fn file(&mut self, name: &str, contents: &[u8]) -> Vec<u8> {
        let size = u32::try_from(contents.len()).unwrap_or(u32::MAX).to_le_bytes();
        let length = u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes();
        // What the file and its entry of the directory say alike: up to the lengths of the name and of what is extra.
        let facts =
            [&NEEDED[..], &self.moment, &crc32(contents).to_le_bytes(), &size, &size, &length, &[0, 0]].concat();
        // No comment, no other disk, no attributes.
        let entry =
            [b"PK\x01\x02", &[20, 0][..], &facts, &[0; 10], &self.offset.to_le_bytes(), name.as_bytes()].concat();
        self.directory.extend(entry);
        self.files += 1;
        self.gone_out([b"PK\x03\x04", &facts[..], name.as_bytes(), contents].concat())
    }

    /// What comes behind the last file.
    pub fn end(mut self) -> Vec<u8> {
        let (files, start) = (self.files.to_le_bytes(), self.offset.to_le_bytes());
        let size = u32::try_from(self.directory.len()).unwrap_or(u32::MAX).to_le_bytes();
        let directory = std::mem::take(&mut self.directory);
        [&directory, &b"PK\x05\x06"[..], &[0; 4], &files, &files, &size, &start, &[0; 2]].concat()
    }

    fn gone_out(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        self.offset = self.offset.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        bytes
    }
}

/// The checksum of ISO/IEC 8802-3 that the format asks for, half a byte at a time.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = table();
    let step = |sum: u32, half: u32| {
        let index = usize::try_from((sum ^ half) & 15).unwrap_or_default();
        TABLE.get(index).copied().unwrap_or_default() ^ (sum >> 4)
    };
    !bytes.iter().fold(!0, |sum, byte| step(step(sum, u32::from(*byte)), u32::from(byte >> 4)))
}

const fn table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut rest: &mut [u32] = &mut table;
    let mut half = 0;
    while let [first, others @ ..] = rest {
        let (mut sum, mut bit) = (half, 0);
        while bit < 4 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
            bit += 1;
        }
        *first = sum;
        half += 1;
        rest = others;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standards_example() {
        assert_eq!((crc32(b"123456789"), crc32(b"")), (0xcbf4_3926, 0));
    }

    #[test]
    fn a_file_says_its_size_before_it_comes() {
        let bytes = Zip::new(Timestamp(0)).file("a", b"xyz");
        assert_eq!(bytes.get(18..22), Some(&[3, 0, 0, 0][..]));
        assert!(bytes.ends_with(b"axyz"));
    }

    #[test]
    fn the_directory_leads_to_every_file() {
        let mut zip = Zip::new(Timestamp(0));
        let files = [zip.file("one.txt", b"one"), zip.file("two", b""), zip.file("three", &[0; 300])].concat();
        let end = zip.end();
        let mut entries = end.as_slice();
        for (name, start) in [("one.txt", 0), ("two", 40), ("three", 73)] {
            let (entry, rest) = entries.split_at(46 + name.len());
            assert!(entry.starts_with(b"PK\x01\x02") && entry.ends_with(name.as_bytes()), "{entry:?}");
            let offset: [u8; 4] = entry.get(42..46).and_then(|bytes| bytes.try_into().ok()).unwrap();
            assert_eq!(u32::from_le_bytes(offset), start, "{name}");
            assert!(files.get(start as usize..).unwrap().starts_with(b"PK\x03\x04"));
            entries = rest;
        }
        assert!(entries.starts_with(b"PK\x05\x06") && entries.len() == 22, "{entries:?}");
        assert_eq!(entries.get(8..12), Some(&[3, 0, 3, 0][..]));
    }

    #[test]
    fn a_file_is_of_the_moment_of_the_archive() {
        // 2026-01-01 00:05:04, as the format counts two seconds at a time and years from 1980.
        assert_eq!(
            u32::from_le_bytes(Zip::new(Timestamp(1_767_225_905_000)).moment),
            (46 << 9 | 1 << 5 | 1) << 16 | 5 << 5 | 2
        );
    }
}
