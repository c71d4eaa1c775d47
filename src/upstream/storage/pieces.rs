//! Parts of Markdown that stand for parts of a page, and the characters that stand for them while it is read.

/// The characters that stand for pieces: for private use, and in no text.
const FIRST_PIECE: u32 = 0x10_0000;
/// How many pieces a text can have.
pub const MOST_PIECES: usize = 0xfffd;

/// A part of the Markdown that stands for a part of a page, and is a character of private use in it ([`piece`]).
#[derive(Debug)]
pub struct Piece {
    /// What stands there in the Markdown, for where it is code.
    pub spelling: String,
    pub meaning: Meaning,
}

#[derive(Debug)]
pub enum Meaning {
    /// Elements to stand there as they are: in a line, or on lines of their own.
    Elements { storage: String, is_block: bool },
    /// What a link or an image leads to.
    Target(String),
    /// Text.
    Text,
    /// Nothing that is known.
    Unknown,
}

/// The character that stands for the piece of that number.
pub fn piece(number: usize) -> Option<char> {
    let number = u32::try_from(number).ok().filter(|_| number < MOST_PIECES)?;
    char::from_u32(FIRST_PIECE + number)
}

/// The number of the piece that a character may stand for.
pub const fn piece_number(character: char) -> Option<usize> {
    let code = character as u32;
    if code >= FIRST_PIECE { Some((code - FIRST_PIECE) as usize) } else { None }
}
