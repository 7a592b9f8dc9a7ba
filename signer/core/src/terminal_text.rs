//! Text for people's terminals: whatever others wrote is made visible once, where it is shown.

/// Text as it may reach a terminal: control, invisible and direction-changing characters escaped, lines kept.
pub fn escape(text: &str) -> String {
    escaped(text).collect()
}

/// The same character by character, for whoever may keep no copy of it.
pub fn escaped(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(|character| {
        let is_hidden = (character.is_control() && character != '\n')
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}');
        let (shown, plain) = if is_hidden { (Some(character.escape_unicode()), None) } else { (None, Some(character)) };
        shown.into_iter().flatten().chain(plain)
    })
}

/// Foreign text that belongs on one line, as a name does: no line of it can pass for one of ours.
pub fn one_line(text: &str) -> String {
    text.replace('\n', "\\u{a}")
}

#[cfg(test)]
mod tests {
    use super::{escape, one_line};

    #[test]
    fn text_for_people_is_escaped_once_and_keeps_its_lines() {
        let said = escape("prompt \u{1b}[31m\u{202e}\nbundle C:\\a\\x1b\r");
        assert_eq!(said, "prompt \\u{1b}[31m\\u{202e}\nbundle C:\\a\\x1b\\u{d}");
        assert_eq!(escape(&said), said);
    }

    #[test]
    fn a_name_brings_no_line_of_its_own() {
        assert_eq!(escape(&one_line("x\naccepted y\u{1b}")), "x\\u{a}accepted y\\u{1b}");
    }

    #[test]
    fn the_programs_own_words_stay() {
        assert_eq!(escape("the engine's \"x\\\u{1b}[2J\u{202e}\n`b`"), "the engine's \"x\\\\u{1b}[2J\\u{202e}\n`b`");
    }
}
