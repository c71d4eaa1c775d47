//! The order of a WebAssembly module's functions. gzip finds again what it has read within the last 32 kB, so functions
//! that are alike should stand near each other: the Worker becomes a twentieth smaller, and nothing else changes.

use anyhow::{Context, Result, ensure};
use std::collections::{BTreeMap, VecDeque};

/// How many bytes in a row two functions have to share to be alike there.
const SHARED: usize = 6;
/// Of such pieces, one in so many is looked at: all of them make no better order.
const ONE_IN: u64 = 4;
/// A piece that more functions have says nothing of any.
const COMMON: usize = 300;
/// For how many bytes a function is looked back at: somewhat less than gzip does, which sees the end of its own window.
const WINDOW: usize = 24_576;

/// The same module with names for its functions, such that sorted by name they stand in the best order found.
/// It must not have names yet.
pub(crate) fn name_functions(module: &[u8]) -> Result<Vec<u8>> {
    let functions = Functions::read(module)?;
    let mut names: Vec<_> = by_likeness(&functions.bodies)
        .into_iter()
        .enumerate()
        .map(|(place, function)| (functions.imported + function, format!("{place:08}")))
        .collect();
    names.sort_unstable();
    let mut named = module.to_vec();
    named.extend(section(0, [text("name"), section(1, function_names(&names))].concat()));
    Ok(named)
}

/// Which function comes first, second, and so on: after each the one that shares the most of itself with those just before
/// it; where none shares anything, the first that is left.
fn by_likeness(bodies: &[&[u8]]) -> Vec<usize> {
    let (pieces, holders) = shared_pieces(bodies);
    let mut shared: Vec<Option<usize>> = vec![Some(0); bodies.len()];
    let mut times_in_window = vec![0_usize; holders.len()];
    let (mut window, mut window_bytes) = (VecDeque::new(), 0);
    let mut order = Vec::with_capacity(bodies.len());
    let pieces_of = |function: usize| pieces.get(function).map_or(&[][..], Vec::as_slice);
    let bytes_of = |function: usize| bodies.get(function).map_or(0, |body| body.len());
    while let Some(next) = most_alike(&shared, &pieces) {
        order.push(next);
        if let Some(placed) = shared.get_mut(next) {
            *placed = None;
        }
        window.push_back(next);
        window_bytes += bytes_of(next);
        for &piece in pieces_of(next) {
            if let Some(times) = times_in_window.get_mut(piece) {
                *times += 1;
                if *times == 1 {
                    count(&mut shared, holders.get(piece), |shared| shared + 1);
                }
            }
        }
        while window_bytes > WINDOW && window.len() > 1 {
            let Some(oldest) = window.pop_front() else { break };
            window_bytes -= bytes_of(oldest);
            for &piece in pieces_of(oldest) {
                if let Some(times) = times_in_window.get_mut(piece) {
                    *times -= 1;
                    if *times == 0 {
                        count(&mut shared, holders.get(piece), |shared| shared - 1);
                    }
                }
            }
        }
    }
    order
}

/// The function without a place yet that shares the largest part of its pieces.
fn most_alike(shared: &[Option<usize>], pieces: &[Vec<usize>]) -> Option<usize> {
    // Of functions of a few bytes alone, a part says little: they are taken for somewhat longer.
    const SHORT: usize = 8;
    let mut best: Option<(usize, usize, usize)> = None;
    for (function, (shared, pieces)) in shared.iter().zip(pieces).enumerate() {
        let Some(shared) = *shared else { continue };
        let length = pieces.len() + SHORT;
        if best.is_none_or(|(_, most, of)| shared * of > most * length) {
            best = Some((function, shared, length));
        }
    }
    best.map(|(function, ..)| function)
}

fn count(shared: &mut [Option<usize>], holders: Option<&Vec<usize>>, change: impl Fn(usize) -> usize) {
    for &holder in holders.into_iter().flatten() {
        if let Some(Some(shared)) = shared.get_mut(holder) {
            *shared = change(*shared);
        }
    }
}

/// The pieces that each function shares with some other, and the functions that have each piece.
fn shared_pieces(bodies: &[&[u8]]) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let mut by_digest = BTreeMap::<u64, Vec<usize>>::new();
    for (function, body) in bodies.iter().enumerate() {
        for digest in body.windows(SHARED).map(digest).filter(|digest| digest.is_multiple_of(ONE_IN)) {
            let holders = by_digest.entry(digest).or_default();
            if holders.last() != Some(&function) {
                holders.push(function);
            }
        }
    }
    let holders: Vec<_> = by_digest.into_values().filter(|holders| (2..COMMON).contains(&holders.len())).collect();
    let mut pieces = vec![Vec::new(); bodies.len()];
    for (piece, holders) in holders.iter().enumerate() {
        for &holder in holders {
            if let Some(pieces) = pieces.get_mut(holder) {
                pieces.push(piece);
            }
        }
    }
    (pieces, holders)
}

/// FNV-1a, the upper half, whose bits depend on all bytes.
fn digest(piece: &[u8]) -> u64 {
    let mix = |digest: u64, byte: &u8| (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    piece.iter().fold(0xcbf2_9ce4_8422_2325, mix) >> 32
}

/// The functions of a module.
struct Functions<'module> {
    /// How many it imports: their numbers come first.
    imported: usize,
    bodies: Vec<&'module [u8]>,
}

impl<'module> Functions<'module> {
    /// Reads the sections of imports and code (WebAssembly Core Specification 3.0, 5.5).
    fn read(module: &'module [u8]) -> Result<Self> {
        const IMPORTS: u8 = 2;
        const CODE: u8 = 10;
        let mut functions = Self { imported: 0, bodies: Vec::new() };
        let mut module = Reader(module);
        ensure!(module.take(8)? == b"\0asm\x01\0\0\0", "this is no WebAssembly module");
        while !module.0.is_empty() {
            let kind = module.byte()?;
            let mut section = Reader(module.vector()?);
            match kind {
                IMPORTS => functions.imported = section.imported_functions()?,
                CODE => {
                    functions.bodies = (0..section.number()?).map(|_| section.vector()).collect::<Result<_>>()?;
                }
                _ => (),
            }
        }
        Ok(functions)
    }
}

/// What is left of a module to read.
struct Reader<'module>(&'module [u8]);

impl<'module> Reader<'module> {
    fn take(&mut self, length: usize) -> Result<&'module [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).context("the WebAssembly module ends too early")?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        self.take(1)?.first().copied().context("the WebAssembly module ends too early")
    }

    /// A number in LEB128.
    fn number(&mut self) -> Result<usize> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            ensure!(shift < usize::BITS, "the WebAssembly module has a number that is too long");
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
            shift += 7;
        }
    }

    /// Bytes with their number before them.
    fn vector(&mut self) -> Result<&'module [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    /// How many of a section's imports are functions.
    fn imported_functions(&mut self) -> Result<usize> {
        let mut functions = 0;
        for _ in 0..self.number()? {
            let (_module, _name) = (self.vector()?, self.vector()?);
            match self.byte()? {
                0 => {
                    self.number()?;
                    functions += 1;
                }
                1 => {
                    self.byte()?;
                    self.limits()?;
                }
                2 => self.limits()?,
                3 => {
                    self.take(2)?;
                }
                _ => {
                    self.byte()?;
                    self.number()?;
                }
            }
        }
        Ok(functions)
    }

    /// How long a table or memory is: at least, and where a flag says so, at most.
    fn limits(&mut self) -> Result<()> {
        let bounded = self.byte()? & 1 == 1;
        self.number()?;
        if bounded {
            self.number()?;
        }
        Ok(())
    }
}

fn section(kind: u8, contents: Vec<u8>) -> Vec<u8> {
    [vec![kind], number(contents.len()), contents].concat()
}

fn function_names(names: &[(usize, String)]) -> Vec<u8> {
    let entries = names.iter().flat_map(|(function, name)| [number(*function), text(name)].concat());
    number(names.len()).into_iter().chain(entries).collect()
}

fn text(text: &str) -> Vec<u8> {
    [number(text.len()), text.as_bytes().to_vec()].concat()
}

/// LEB128.
fn number(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports one function and a memory, and has these.
    fn module(bodies: &[&[u8]]) -> Vec<u8> {
        let imports = [number(2), text("m"), text("f"), vec![0, 0], text("m"), text("g"), vec![2, 1, 1, 2]].concat();
        let bodies_in_full: Vec<u8> =
            bodies.iter().flat_map(|body| [number(body.len()), body.to_vec()].concat()).collect();
        let code = [number(bodies.len()), bodies_in_full].concat();
        [b"\0asm\x01\0\0\0".to_vec(), section(2, imports), section(10, code)].concat()
    }

    #[test]
    fn functions_that_share_code_stand_beside_each_other() {
        let (one, other): (Vec<u8>, Vec<u8>) = ((0..100).collect(), (100..200).collect());
        let like_one = [&one[..], b"end"].concat();
        assert_eq!(by_likeness(&[&one, &other, &like_one, &other]), [0, 2, 1, 3]);
    }

    #[test]
    fn every_function_has_one_place() {
        let bodies: Vec<Vec<u8>> =
            (0..50_u8).map(|seed| (0..seed * 3).map(|byte| byte % (seed + 1)).collect()).collect();
        let mut order = by_likeness(&bodies.iter().map(Vec::as_slice).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn functions_are_numbered_after_those_that_are_imported() {
        let module = module(&[b"abcdefgh", b"01234567"]);
        let named = name_functions(&module).unwrap();
        let names = named.strip_prefix(module.as_slice()).unwrap();
        assert_eq!(names, b"\x00\x1c\x04name\x01\x15\x02\x01\x0800000000\x02\x0800000001");
    }

    #[test]
    fn a_module_that_ends_too_early_is_refused() {
        let module = module(&[b"abcdefgh"]);
        assert!(name_functions(&module[..module.len() - 1]).is_err());
    }
}
