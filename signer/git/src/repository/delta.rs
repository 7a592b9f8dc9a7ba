//! Deltas of packs (gitformat-pack, "Deltified representation"): two sizes, then copies of the base and new bytes.

/// What the longest copy without a length has.
const DEFAULT_COPY: usize = 0x10000;

/// Why a delta makes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeltaError {
    /// It is of another base, reaches beyond it, is cut short, or makes another number of bytes than it says.
    Malformed,
    /// It makes more than is wanted.
    TooLarge { size: usize },
}

/// What `delta` makes of `base`. Nothing is allocated for more than `limit` bytes.
pub(super) fn apply(base: &[u8], delta: &[u8], limit: usize) -> Result<Vec<u8>, DeltaError> {
    let mut rest = delta;
    if number(&mut rest)? != base.len() {
        return Err(DeltaError::Malformed);
    }
    let size = number(&mut rest)?;
    if size > limit {
        return Err(DeltaError::TooLarge { size });
    }
    let mut made = Vec::with_capacity(size);
    while let Some(instruction) = byte(&mut rest) {
        let piece = match instruction {
            0 => None,
            0x80.. => copied(base, instruction, &mut rest),
            length => rest.split_at_checked(usize::from(length)).map(|(new, behind)| {
                rest = behind;
                new
            }),
        };
        let piece = piece.filter(|piece| piece.len() <= size - made.len()).ok_or(DeltaError::Malformed)?;
        made.extend_from_slice(piece);
    }
    if made.len() == size { Ok(made) } else { Err(DeltaError::Malformed) }
}

/// The piece of the base that an instruction copies; its bits say which bytes of offset and length follow.
fn copied<'b>(base: &'b [u8], instruction: u8, rest: &mut &[u8]) -> Option<&'b [u8]> {
    let mut field = |first: u8, bytes: u8| {
        (0..bytes)
            .filter(|at| instruction & (1 << (first + at)) != 0)
            .try_fold(0_usize, |value, at| Some(value | usize::from(byte(rest)?) << (8 * at)))
    };
    let offset = field(0, 4)?;
    let length = field(4, 3)?;
    let length = if length == 0 { DEFAULT_COPY } else { length };
    base.get(offset..offset.checked_add(length)?)
}

/// A number in groups of seven bits, lowest first.
fn number(rest: &mut &[u8]) -> Result<usize, DeltaError> {
    let mut value = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let next = byte(rest).ok_or(DeltaError::Malformed)?;
        let group = usize::from(next & 0x7f);
        if group << shift >> shift != group {
            break;
        }
        value |= group << shift;
        if next & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(DeltaError::Malformed)
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, behind) = rest.split_first()?;
    *rest = behind;
    Some(*first)
}

#[cfg(test)]
mod tests;
