//! Characters that a reviewer does not see, or sees as something else (attacks PRM-04 to PRM-09).
//!
//! A closed list over Unicode's format, control, private and blank characters, and heuristics for what viewers hide.
//! It does not judge meaning.

mod viewer;

use std::fmt;

use serde::Serialize;

use crate::reason::Code;

/// Most findings recorded for one text.
pub const MAX_FINDINGS: usize = 256;

/// One thing found in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// Byte offset.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// The character's number, where it is one.
    pub character: Option<u32>,
}

/// Kinds of findings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Changes the direction of text.
    Bidi,
    /// A word that mixes scripts.
    Confusable,
    /// A control character; terminals obey it.
    Control,
    /// A format character without width, or a blank that is no space.
    Invisible,
    /// Text that viewers fold away: comments, very long lines, many blank lines.
    Markup,
    /// Without a meaning of its own: private use and noncharacters.
    Private,
    /// Tag characters, which spell text nobody sees.
    Tag,
    /// A variation selector where nothing varies.
    Variation,
}

impl FindingKind {
    /// Whether a text with it is refused; the others are warnings.
    pub const fn is_refused(self) -> bool {
        !matches!(self, Self::Confusable | Self::Markup)
    }
}

impl Finding {
    /// The code it is reported under.
    pub const fn code(&self) -> Code {
        match self.kind {
            FindingKind::Confusable => Code::PromptConfusable,
            FindingKind::Markup => Code::PromptMarkup,
            _ => Code::PromptHidden,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            FindingKind::Bidi => "a character that changes the direction of text",
            FindingKind::Confusable => "a word that mixes scripts",
            FindingKind::Control => "a control character",
            FindingKind::Invisible => "an invisible character",
            FindingKind::Markup => "text that viewers may hide",
            FindingKind::Private => "a character without a meaning",
            FindingKind::Tag => "a tag character",
            FindingKind::Variation => "a stray variation selector",
        };
        write!(f, "{what} on line {}, byte {}", self.line, self.offset)?;
        match self.character {
            Some(number) => write!(f, " (U+{number:04X})"),
            None => Ok(()),
        }
    }
}

/// What a reader of `text` would not see, in the order of the text; the first [`MAX_FINDINGS`] of refused kinds, then
/// warnings.
pub(super) fn findings(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let (mut line, mut previous) = (1, None);
    let mut characters = text.char_indices().peekable();
    while let Some((offset, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        if let Some(kind) = kind_in_context(character, previous, next) {
            found.push(Finding { kind, offset, line, character: Some(u32::from(character)) });
        }
        if found.len() == MAX_FINDINGS {
            return found;
        }
        line += usize::from(character == '\n');
        previous = Some(character);
    }
    viewer::warn(text, &mut found);
    found.truncate(MAX_FINDINGS);
    found
}

/// Whether a character is of a refused kind wherever it stands; names of files are held to this.
pub(crate) fn is_hidden(character: char) -> bool {
    kind_alone(character).is_some()
}

/// Line ends, joiners and selectors are good where they do their work and hidden text elsewhere.
fn kind_in_context(character: char, previous: Option<char>, next: Option<char>) -> Option<FindingKind> {
    match character {
        '\n' | '\t' => None,
        '\r' if next == Some('\n') => None,
        '\u{200c}' | '\u{200d}' if previous.is_some_and(joins) && next.is_some_and(joins) => None,
        '\u{fe0e}' | '\u{fe0f}' if previous.is_some_and(has_presentations) => None,
        other => kind_alone(other),
    }
}

fn kind_alone(character: char) -> Option<FindingKind> {
    let kind = match u32::from(character) {
        0x00..=0x1f | 0x7f..=0x9f => FindingKind::Control,
        0x061c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069 => FindingKind::Bidi,
        0xe0000..=0xe007f => FindingKind::Tag,
        0xfe00..=0xfe0f | 0xe0100..=0xe01ef | 0x180b..=0x180d | 0x180f => FindingKind::Variation,
        // Default ignorable code points, line and paragraph separators, and blanks that no keyboard types.
        0x00ad
        | 0x034f
        | 0x115f
        | 0x1160
        | 0x17b4
        | 0x17b5
        | 0x180e
        | 0x200b..=0x200d
        | 0x2028
        | 0x2029
        | 0x2060..=0x2065
        | 0x206a..=0x206f
        | 0x2800
        | 0x3164
        | 0xfeff
        | 0xffa0
        | 0xfff0..=0xfffb
        | 0x1bca0..=0x1bca3
        | 0x1d173..=0x1d17a => FindingKind::Invisible,
        0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xe0080..=0xe00ff | 0xe01f0..=0xe0fff | 0xf0000..=0x0010_ffff => {
            FindingKind::Private
        }
        number if number & 0xfffe == 0xfffe => FindingKind::Private,
        _ => return None,
    };
    Some(kind)
}

/// Characters that U+200C and U+200D join: Arabic to Sinhala and beyond, and pictographs.
fn joins(character: char) -> bool {
    matches!(u32::from(character),
        0x0600..=0x06ff | 0x0700..=0x08ff | 0x0900..=0x0dff | 0x1000..=0x109f | 0x1780..=0x17b3 | 0x1800..=0x18af
        | 0x2190..=0x21ff | 0x2600..=0x27bf | 0x2b00..=0x2bff | 0xfe0f | 0xfb50..=0xfdcf | 0x1f000..=0x1faff)
}

/// Characters with a text and an emoji presentation.
fn has_presentations(character: char) -> bool {
    matches!(u32::from(character),
        0x23 | 0x2a | 0x30..=0x39 | 0xa9 | 0xae | 0x203c | 0x2049 | 0x2122 | 0x2139 | 0x2190..=0x21ff | 0x2300..=0x23ff
        | 0x24c2 | 0x25aa..=0x25fe | 0x2600..=0x27bf | 0x2934 | 0x2935 | 0x2b00..=0x2bff | 0x3030 | 0x303d | 0x3297
        | 0x3299 | 0x1f000..=0x1faff)
}
