//! What viewers fold away, and words that look like others: warnings, since honest text has them too.

use super::{Finding, FindingKind};

/// Bytes from which on a line is scrolled out of sight.
const LONG_LINE: usize = 4000;
/// Blank lines in a row from which on readers stop.
const BLANK_LINES: usize = 40;
/// Markup that renders as nothing.
const MARKUP: &[&str] =
    &["<!--", "<details", "display:none", "display: none", "font-size:0", "font-size: 0", "visibility:hidden"];

pub(super) fn warn(text: &str, found: &mut Vec<Finding>) {
    let (mut offset, mut blank) = (0, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let at = |kind, inside: usize| Finding { kind, offset: offset + inside, line: index + 1, character: None };
        let lower = line.to_ascii_lowercase();
        blank = if line.trim().is_empty() { blank + 1 } else { 0 };
        if line.len() > LONG_LINE || blank == BLANK_LINES {
            found.push(at(FindingKind::Markup, 0));
        } else if let Some(inside) = MARKUP.iter().find_map(|markup| lower.find(markup)) {
            found.push(at(FindingKind::Markup, inside));
        }
        if let Some(inside) = mixed_word(line) {
            found.push(at(FindingKind::Confusable, inside));
        }
        offset += line.len();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    LooksLatin,
    Other,
}

/// Where the first word starts that mixes ASCII letters with letters that look like them.
fn mixed_word(line: &str) -> Option<usize> {
    let (mut start, mut latin, mut lookalike) = (0, false, false);
    for (offset, character) in line.char_indices() {
        match script(character) {
            Script::Latin => latin = true,
            Script::LooksLatin => lookalike = true,
            Script::Other => (start, latin, lookalike) = (offset + character.len_utf8(), false, false),
        }
        if latin && lookalike {
            return Some(start);
        }
    }
    None
}

fn script(character: char) -> Script {
    match u32::from(character) {
        0x41..=0x5a | 0x61..=0x7a => Script::Latin,
        // Greek, Cyrillic, Armenian, Cherokee, letter-like and full-width forms, mathematical alphabets.
        0x0370..=0x03ff
        | 0x0400..=0x052f
        | 0x0531..=0x0587
        | 0x13a0..=0x13ff
        | 0x1d00..=0x1d2b
        | 0xab70..=0xabbf
        | 0xff21..=0xff3a
        | 0xff41..=0xff5a
        | 0x1d400..=0x1d7ff => Script::LooksLatin,
        _ => Script::Other,
    }
}
