//! How deep rules may nest, checked before Cedar reads them.
//!
//! Cedar 4.14 parses by recursion without a bound (fifty parentheses overflow a thread's stack in a debug build), and
//! where its type checker runs out of stack it reports nothing, so that a rule nobody checked passes strict validation.

/// Most brackets open at one place.
pub(crate) const MAX_OPEN: usize = 16;
/// Most operators, conditionals and accesses in one rule: each can be one more level of its tree.
pub(crate) const MAX_OPERATORS: usize = 128;

/// What is too deep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Excess {
    /// Brackets.
    Open,
    /// Operators.
    Operators,
}

/// What in `text` nests too deep, if anything does.
pub(crate) fn excess(text: &str) -> Option<Excess> {
    let code = code(text);
    let mut open = 0_usize;
    for byte in code.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > MAX_OPEN {
            return Some(Excess::Open);
        }
    }
    code.split(';').any(|rule| operators(rule) > MAX_OPERATORS).then_some(Excess::Operators)
}

fn operators(rule: &str) -> usize {
    let signs = rule.bytes().filter(|byte| b".+-*/%!&|<>=[{".contains(byte)).count();
    let words = rule.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    signs + words.filter(|word| *word == "if").count()
}

/// The text without what Cedar's lexer takes as comments and strings.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '/' if rest.peek() == Some(&'/') => {
                // A comment ends with its line.
                rest.by_ref().find(|c| matches!(c, '\n' | '\r'));
                code.push('\n');
            }
            '"' => {
                while let Some(inner) = rest.next() {
                    match inner {
                        '\\' => drop(rest.next()),
                        '"' => break,
                        _ => {}
                    }
                }
                code.push_str("\"\"");
            }
            other => code.push(other),
        }
    }
    code
}

#[cfg(test)]
mod tests;
