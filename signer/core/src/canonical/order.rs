//! Members in the order of RFC 8785: what `serde_json` writes differs from it in nothing else, as long as names are ASCII
//! and numbers are integers that a double holds. Our documents have no others.

/// The largest integer with one spelling (RFC 8785 3.2.2.3).
const LARGEST: u64 = (1 << 53) - 1;

/// A document that `serde_json` wrote without spaces, with its members sorted; none where there is more to do than that.
pub(super) fn sorted(written: Vec<u8>) -> Option<Vec<u8>> {
    // Most documents declare their members in order, and are only looked through.
    let looked = Text::read(&written, false)?;
    if looked.is_sorted {
        return Some(written);
    }
    Some(Text::read(&written, true)?.out)
}

/// What is still to be read, and what was written.
struct Text<'a> {
    rest: &'a [u8],
    /// Whether what is read is written too.
    is_copied: bool,
    out: Vec<u8>,
    /// Whether every object stood in order so far.
    is_sorted: bool,
}

impl<'a> Text<'a> {
    fn read(written: &'a [u8], is_copied: bool) -> Option<Self> {
        let out = Vec::with_capacity(if is_copied { written.len() } else { 0 });
        let mut text = Self { rest: written, is_copied, out, is_sorted: true };
        text.value()?;
        text.rest.is_empty().then_some(text)
    }

    fn value(&mut self) -> Option<()> {
        match self.rest.first()? {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => self.string().map(drop),
            _ => self.word(),
        }
    }

    fn array(&mut self) -> Option<()> {
        self.take(1)?;
        while self.rest.first()? != &b']' {
            self.value()?;
            if self.rest.first()? == &b',' {
                self.take(1)?;
            }
        }
        self.take(1).map(drop)
    }

    fn object(&mut self) -> Option<()> {
        self.take(1)?;
        let start = self.out.len();
        // Where each member begins and ends in what was written, by its name.
        let mut members: Vec<(&'a [u8], usize, usize)> = Vec::new();
        let mut last = None;
        while self.rest.first()? != &b'}' {
            let begun = self.out.len();
            let name = self.string()?;
            // UTF-16 and UTF-8 sort ASCII alike; an escape hides what would be sorted.
            if !name.is_ascii() || name.contains(&b'\\') {
                return None;
            }
            self.take(1)?;
            self.value()?;
            self.is_sorted &= last.replace(name) < Some(name);
            if self.is_copied {
                members.push((name, begun, self.out.len()));
            }
            if self.rest.first()? == &b',' {
                self.take(1)?;
            }
        }
        if !members.is_sorted_by(|(left, ..), (right, ..)| left < right) {
            members.sort_unstable();
            let mut ordered = Vec::with_capacity(self.out.len().checked_sub(start)?);
            let mut last = None;
            for (name, begun, ended) in members {
                if last.replace(name) == Some(name) {
                    return None;
                }
                if !ordered.is_empty() {
                    ordered.push(b',');
                }
                ordered.extend_from_slice(self.out.get(begun..ended)?);
            }
            self.out.truncate(start);
            self.out.extend_from_slice(&ordered);
        }
        self.take(1).map(drop)
    }

    /// A string, and what stands between its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let mut end = 1_usize;
        loop {
            let special = self.rest.get(end..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            end = end.checked_add(special)?;
            if self.rest.get(end) == Some(&b'"') {
                return self.take(end.checked_add(1)?)?.get(1..end);
            }
            end = end.checked_add(2)?;
        }
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<()> {
        let length = self.rest.iter().position(|byte| matches!(byte, b',' | b']' | b'}'));
        let word = self.take(length.unwrap_or(self.rest.len()))?;
        if matches!(word, b"true" | b"false" | b"null") {
            return Some(());
        }
        let text = std::str::from_utf8(word).ok()?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let exact =
            digits.bytes().all(|digit| digit.is_ascii_digit()) && digits.parse::<u64>().is_ok_and(|n| n <= LARGEST);
        exact.then_some(())
    }

    /// Writes the next bytes as they are.
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        if self.is_copied {
            self.out.extend_from_slice(taken);
        }
        Some(taken)
    }
}
