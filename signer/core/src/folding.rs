//! Names as forgiving file systems compare them: two that fold alike may be one file after a checkout.
//!
//! Every system's rules hold at once, since who verifies is rarely who checks out: APFS, NTFS and ext4 fold case, HFS+
//! and ext4 normalise and ignore what nobody sees, Windows drops dots and spaces at the end of a name. Protecting and
//! refusing go by this; what is allowed is always compared as bytes. Where a path is held, so is what its short names
//! (`GITHUB~1`) write over on Windows; two names of one folder are not taken for each other by them.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization as _;

/// Where policy, anchors and configuration lie (docs/formats.md F7).
const GOVERNED: &[u8] = b".chancery";

/// A folded path, `/` between its segments. Bytes that are not UTF-8 stand for themselves.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Folded(Vec<u8>);

/// Most bytes of a short name before its extension, and of its extension.
const SHORT_STEM: usize = 8;
const SHORT_EXTENSION: usize = 3;

impl Folded {
    /// Folds a path or a single name.
    pub fn of(path: &[u8]) -> Self {
        let folded = if path.is_ascii() { path.to_ascii_lowercase() } else { fold(path) };
        Self(folded.split(|byte| *byte == b'/').map(without_ending).collect::<Vec<_>>().join(&b'/'))
    }

    /// Whether a segment of it is `name`, or its short name.
    pub fn has_segment(&self, name: &Self) -> bool {
        self.segments().any(|segment| segment == name.0 || is_short_name(segment, &name.0))
    }

    /// Whether this is `path`, by short names too.
    pub fn is(&self, path: &Self) -> bool {
        self == path || (self.0.contains(&b'~') && self.after(&path.0).is_some_and(|mut rest| rest.next().is_none()))
    }

    /// Whether a segment of it is empty, as one is that held nothing but what is dropped.
    pub fn has_empty_segment(&self) -> bool {
        self.has_segment(&Self(Vec::new()))
    }

    /// Whether this is `folder` itself or lies below it.
    pub fn is_within(&self, folder: &Self) -> bool {
        self.is_within_bytes(&folder.0)
    }

    fn is_within_bytes(&self, folder: &[u8]) -> bool {
        let spelt = self.0.strip_prefix(folder).is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b'/'));
        spelt || (self.0.contains(&b'~') && self.after(folder).is_some())
    }

    /// The segments after those that name `folder`.
    fn after(&self, folder: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
        let mut segments = self.segments();
        for held in folder.split(|byte| *byte == b'/') {
            segments.next().filter(|segment| *segment == held || is_short_name(segment, held))?;
        }
        Some(segments)
    }

    fn segments(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|byte| *byte == b'/')
    }
}

/// Whether `path` is `.chancery` or lies below it, in any spelling.
pub fn is_governed(path: &[u8]) -> bool {
    Folded::of(path).is_within_bytes(GOVERNED)
}

/// The first two of these names, the entries of one folder, that differ and fold alike.
pub fn collision<'n>(names: impl IntoIterator<Item = &'n [u8]>) -> Option<(&'n [u8], &'n [u8])> {
    let mut seen = HashMap::new();
    names.into_iter().find_map(|name| {
        let earlier = *seen.entry(Folded::of(name)).or_insert(name);
        (earlier != name).then_some((earlier, name))
    })
}

fn fold(path: &[u8]) -> Vec<u8> {
    let mut folded = Vec::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        folded.extend_from_slice(fold_text(chunk.valid()).as_bytes());
        folded.extend_from_slice(chunk.invalid());
    }
    folded
}

/// Upper case comes first because `ſ` and `ς` are lower case already, and are `s` and `σ` to whoever ignores case.
/// Normalising comes second, since characters that are ignored keep accents from their letters.
fn fold_text(text: &str) -> String {
    let visible = text.chars().filter(|character| !is_ignorable(*character)).nfc();
    visible.flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// Unicode's `Default_Ignorable_Code_Point`, all of which ext4 ignores; HFS+ ignores those of U+200C to U+206F and
/// U+FEFF (git: `utf8.c`, `next_hfs_char`).
const fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether Windows may take `given` for the file `long`: six letters and a number (MS-FSCC 2.1.5.2.1), or, where many begin
/// alike, two letters, four hexadecimal digits and a number (git: `path.c`, `is_ntfs_dot_generic`). Both are folded.
fn is_short_name(given: &[u8], long: &[u8]) -> bool {
    let (stem, extension) = halves(given);
    let Some(tilde) = stem.iter().rposition(|byte| *byte == b'~').filter(|_| stem.len() <= SHORT_STEM) else {
        return false;
    };
    let (letters, number) = (stem.get(..tilde).unwrap_or_default(), stem.get(tilde + 1..).unwrap_or_default());
    let start = long.iter().position(|byte| *byte != b'.').unwrap_or(long.len());
    let (name, long_extension) = halves(long.get(start..).unwrap_or_default());
    let name = name.iter().copied().filter(|byte| !matches!(byte, b'.' | b' ')).collect::<Vec<_>>();
    let is_cut = letters.len() == name.len() || stem.len() == SHORT_STEM;
    let is_hashed = matches!((letters, name.as_slice()), ([a, b, hash @ ..], [c, d, ..])
        if a == c && b == d && hash.len() == 4 && hash.iter().all(u8::is_ascii_hexdigit));
    !number.is_empty()
        && number.iter().all(u8::is_ascii_digit)
        && extension == long_extension.get(..SHORT_EXTENSION).unwrap_or(long_extension)
        && !letters.is_empty()
        && (is_hashed || (is_cut && name.starts_with(letters)))
}

/// A name before its last dot, and after it.
fn halves(name: &[u8]) -> (&[u8], &[u8]) {
    match name.iter().rposition(|byte| *byte == b'.').and_then(|dot| name.split_at_checked(dot)) {
        Some((stem, extension)) => (stem, extension.get(1..).unwrap_or_default()),
        None => (name, &[]),
    }
}

fn without_ending(mut segment: &[u8]) -> &[u8] {
    while let [kept @ .., b'.' | b' '] = segment {
        segment = kept;
    }
    segment
}

#[cfg(test)]
mod tests;
