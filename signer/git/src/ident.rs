//! Identity lines: `Name <mail> seconds zone`, as git writes them and no other way (git fsck: `badName`, `badEmail`,
//! `badDate`, `badTimezone` and their kin). Whom they name is a claim of the signer, never evidence.

use signer_core::time::Timestamp;

use crate::object::ObjectError;

/// Most minutes a zone is away from UTC.
const MAX_OFFSET: u16 = 14 * 60;

/// Who wrote, committed or tagged, and when: a claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ident {
    /// The name, never empty.
    pub name: String,
    /// The mail address, possibly empty.
    pub email: String,
    /// The claimed time.
    pub time: Timestamp,
    /// Minutes east of UTC.
    pub offset: i16,
}

impl Ident {
    /// Reads the value of an `author`, `committer` or `tagger` header. Fails on what git would not write.
    pub fn parse(value: &str, header: &'static str) -> Result<Self, ObjectError> {
        let malformed = ObjectError::Ident { header };
        let (name, rest) = value.split_once(" <").ok_or(malformed)?;
        let (email, rest) = rest.split_once('>').ok_or(malformed)?;
        if !is_name(name) || !is_email(email) {
            return Err(malformed);
        }
        if rest.is_empty() {
            return Err(ObjectError::Date { header });
        }
        let date = rest.strip_prefix(' ').filter(|date| !date.contains(['<', '>'])).ok_or(malformed)?;
        let (time, offset) = parse_date(date).ok_or(ObjectError::Date { header })?;
        Ok(Self { name: name.to_owned(), email: email.to_owned(), time, offset })
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.trim() == name && !name.contains(|c: char| c.is_control() || matches!(c, '<' | '>'))
}

fn is_email(email: &str) -> bool {
    !email.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '"'))
}

fn parse_date(date: &str) -> Option<(Timestamp, i16)> {
    let (seconds, zone) = date.split_once(' ')?;
    Some((parse_seconds(seconds)?, parse_zone(zone)?))
}

fn parse_seconds(digits: &str) -> Option<Timestamp> {
    let padded = digits.len() > 1 && digits.starts_with('0');
    if padded || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Timestamp::from_unix(digits.parse().ok()?).ok()
}

fn parse_zone(zone: &str) -> Option<i16> {
    let [sign @ (b'+' | b'-'), digits @ ..] = zone.as_bytes() else { return None };
    if digits.len() != 4 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: u16 = str::from_utf8(digits).ok()?.parse().ok()?;
    let (hours, minutes) = (number / 100, number % 100);
    let offset = hours * 60 + minutes;
    if minutes > 59 || offset > MAX_OFFSET {
        return None;
    }
    let offset = i16::try_from(offset).ok()?;
    Some(if *sign == b'-' { -offset } else { offset })
}

#[cfg(test)]
mod tests;
