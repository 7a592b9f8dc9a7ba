//! Foreign text made visible before it reaches a terminal, a status line or a log.

use std::fmt::Write as _;

/// `text` on one line: control, direction-changing and invisible characters as `\x1b` or `\u{202e}`, and no more than
/// `limit` characters of it.
pub fn visible(text: &str, limit: usize) -> String {
    let mut out = String::new();
    for (position, character) in text.chars().enumerate() {
        if position == limit {
            out.push('…');
            break;
        }
        match character {
            '\\' => out.push_str("\\\\"),
            control if control.is_ascii_control() => {
                // Writing to a `String` cannot fail.
                let _written = write!(out, "\\x{:02x}", u32::from(control));
            }
            hidden if is_hidden(hidden) => out.extend(hidden.escape_unicode()),
            plain => out.push(plain),
        }
    }
    out
}

/// C1 controls, and what Unicode prints nothing for or reorders with: TR 36 and the `Default_Ignorable_Code_Point` blocks.
fn is_hidden(character: char) -> bool {
    matches!(u32::from(character),
        0x80..=0xa0 | 0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x2000..=0x200f
        | 0x2028..=0x202f | 0x205f..=0x206f | 0x2800 | 0x3000 | 0x3164 | 0xd800..=0xf8ff | 0xfe00..=0xfe0f | 0xfeff
        | 0xffa0 | 0xfff0..=0xffff | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0x10_ffff)
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn no_control_byte_reaches_a_terminal() {
        let hostile: String = (0..0x20_u8).chain([0x7f]).map(char::from).collect();
        assert!(visible(&hostile, 1000).bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        assert_eq!(visible("a\u{1b}]0;Boo!\u{7}\r\n", 99), "a\\x1b]0;Boo!\\x07\\x0d\\x0a");
    }

    #[test]
    fn a_status_line_cannot_be_started_by_foreign_text() {
        assert!(!visible("x\n[GNUPG:] GOODSIG 0 alice", 99).contains('\n'));
    }

    #[test]
    fn direction_and_invisible_characters_are_named() {
        for hidden in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{e0041}', '\u{9b}', '\u{2028}'] {
            assert_eq!(visible(&hidden.to_string(), 9), hidden.escape_unicode().to_string());
        }
    }

    #[test]
    fn an_escape_cannot_be_forged_and_letters_stay() {
        assert_eq!(visible("\\x1b Zoë 漢字", 99), "\\\\x1b Zoë 漢字");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(visible("abcdef", 3), "abc…");
        assert_eq!(visible("abc", 3), "abc");
    }
}
