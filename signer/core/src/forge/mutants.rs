//! Other bytes with nearly the same meaning: every element of a DER structure, spoiled in every way known.

use crate::forge::signed_data::elements;
use crate::tlv::{self, Reader};

/// Ways to spoil one element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Spoil {
    /// BER: indefinite length.
    Indefinite,
    /// BER: a length with a leading zero.
    WastefulLength,
    /// BER: the same octets in two segments of a constructed string.
    Segmented,
    /// The element is gone.
    Removed,
    /// The element stands twice.
    Doubled,
    /// A NULL follows inside.
    Padded,
    /// The content is gone.
    Emptied,
}

const ALL: [Spoil; 7] = [
    Spoil::Indefinite,
    Spoil::WastefulLength,
    Spoil::Segmented,
    Spoil::Removed,
    Spoil::Doubled,
    Spoil::Padded,
    Spoil::Emptied,
];

/// Every way to spoil one element of `der` or to swap it with the next, lengths around it put right.
pub(crate) fn of(der: &[u8]) -> Vec<Vec<u8>> {
    let mut mutants: Vec<Vec<u8>> = ALL.iter().filter_map(|how| spoil(der, *how)).collect();
    let element = Reader::new(der).element().unwrap();
    if element.tag & 0x20 == 0 {
        return mutants;
    }
    let children = elements(der);
    for (index, child) in children.iter().enumerate() {
        let around = |inside: Vec<u8>| {
            let (before, after) = (children[..index].concat(), children[index + 1..].concat());
            tlv::write(element.tag, &[&before, &inside, &after])
        };
        mutants.extend(of(child).into_iter().map(around));
        if let Some(next) = children.get(index + 1) {
            let (before, after) = (children[..index].concat(), children[index + 2..].concat());
            mutants.push(tlv::write(element.tag, &[&before, next, child, &after]));
        }
    }
    mutants
}

fn spoil(der: &[u8], how: Spoil) -> Option<Vec<u8>> {
    let element = Reader::new(der).element().unwrap();
    let (tag, content) = (element.tag, element.content);
    let is_constructed = tag & 0x20 != 0;
    let spoiled = match how {
        Spoil::Indefinite if is_constructed => [&[tag, 0x80], content, &[0, 0]].concat(),
        Spoil::Segmented if !is_constructed => {
            let (first, second) = content.split_at(content.len() / 2);
            tlv::write(tag | 0x20, &[&tlv::write(tag, &[first]), &tlv::write(tag, &[second])])
        }
        Spoil::WastefulLength => {
            let length = u16::try_from(content.len()).unwrap().to_be_bytes();
            [&[tag, 0x83, 0], length.as_slice(), content].concat()
        }
        Spoil::Removed => Vec::new(),
        Spoil::Doubled => [der, der].concat(),
        Spoil::Padded if is_constructed => tlv::write(tag, &[content, &[5, 0]]),
        Spoil::Emptied if !content.is_empty() => tlv::write(tag, &[]),
        _ => return None,
    };
    Some(spoiled)
}
