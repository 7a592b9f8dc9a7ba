//! From the text of a policy to what it says, line by line.

use std::collections::{HashMap, HashSet};

use super::{Group, MAX_BYTES, MAX_ITEMS, Member, PolicyLog, PolicyWitness, WitnessPolicy, WitnessPolicyError};
use crate::checkpoint::{KeyRole, VerifierKey};

/// The quorum that asks for nobody; no group or witness may be called so.
const NONE: &str = "none";

pub(super) fn policy(text: &str) -> Result<WitnessPolicy, WitnessPolicyError> {
    if text.len() > MAX_BYTES {
        return Err(WitnessPolicyError::TooLarge { actual: text.len() });
    }
    if text.bytes().any(|byte| byte.is_ascii_control() && byte != b'\n' && byte != b'\t') {
        return Err(WitnessPolicyError::ControlCharacter);
    }
    let mut reading = Reading::default();
    for (line, number) in text.split('\n').zip(1..) {
        let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        reading.take(&words, number)?;
    }
    let [quorum] = *reading.quorums.as_slice() else {
        return Err(WitnessPolicyError::Quorum { actual: reading.quorums.len() });
    };
    Ok(WitnessPolicy { logs: reading.logs, witnesses: reading.witnesses, groups: reading.groups, quorum })
}

/// What the lines before have said.
#[derive(Default)]
struct Reading {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    quorums: Vec<Option<Member>>,
    names: HashMap<String, Member>,
    keys: HashSet<[u8; 32]>,
    /// Members of groups: each may be one once.
    spent: HashSet<String>,
}

impl Reading {
    fn take(&mut self, words: &[&str], line: usize) -> Result<(), WitnessPolicyError> {
        match words {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key, url @ ..] if url.len() <= 1 => self.log(key, url.first().copied(), line),
            ["witness", name, key, url @ ..] if url.len() <= 1 => self.witness(name, key, url.first().copied(), line),
            ["group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members, line)
            }
            ["quorum", NONE] => {
                self.quorums.push(None);
                Ok(())
            }
            ["quorum", name] => {
                let quorum = self.defined(name, line)?;
                self.quorums.push(Some(quorum));
                Ok(())
            }
            _ => Err(WitnessPolicyError::Line { line }),
        }
    }

    fn log(&mut self, key: &str, url: Option<&str>, line: usize) -> Result<(), WitnessPolicyError> {
        let key = self.key(key, KeyRole::Log, line)?;
        self.logs.push(PolicyLog { key, url: url.map(str::to_owned) });
        check_count(self.logs.len(), line)
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&str>, line: usize) -> Result<(), WitnessPolicyError> {
        let key = self.key(key, KeyRole::Witness, line)?;
        self.define(name, Member::Witness(self.witnesses.len()), line)?;
        self.witnesses.push(PolicyWitness { name: name.to_owned(), key, url: url.map(str::to_owned) });
        check_count(self.witnesses.len(), line)
    }

    fn group(&mut self, name: &str, k: &str, names: &[&str], line: usize) -> Result<(), WitnessPolicyError> {
        let mut members = Vec::with_capacity(names.len());
        for member in names {
            members.push(self.defined(member, line)?);
            if !self.spent.insert((*member).to_owned()) {
                return Err(WitnessPolicyError::Member { line, name: (*member).to_owned() });
            }
        }
        let threshold = match k {
            "any" => Some(1),
            "all" => Some(members.len()),
            number => number.parse().ok().filter(|k: &usize| k.to_string() == number),
        };
        let threshold = threshold.filter(|k| (1..=members.len()).contains(k));
        let threshold = threshold.ok_or(WitnessPolicyError::Threshold { line })?;
        self.define(name, Member::Group(self.groups.len()), line)?;
        self.groups.push(Group { threshold, members });
        check_count(self.groups.len(), line)
    }

    fn key(&mut self, text: &str, role: KeyRole, line: usize) -> Result<VerifierKey, WitnessPolicyError> {
        let key: VerifierKey = text.parse().map_err(|source| WitnessPolicyError::Key { line, source })?;
        if key.role() != role {
            return Err(WitnessPolicyError::KeyRole { line });
        }
        // The bare key decides: a v1 cosignature does not bind the witness's name.
        if self.keys.insert(*key.key().as_bytes()) { Ok(key) } else { Err(WitnessPolicyError::DuplicateKey { line }) }
    }

    fn define(&mut self, name: &str, member: Member, line: usize) -> Result<(), WitnessPolicyError> {
        if name == NONE || self.names.insert(name.to_owned(), member).is_some() {
            return Err(WitnessPolicyError::DuplicateName { line, name: name.to_owned() });
        }
        Ok(())
    }

    fn defined(&self, name: &str, line: usize) -> Result<Member, WitnessPolicyError> {
        self.names.get(name).copied().ok_or_else(|| WitnessPolicyError::Undefined { line, name: name.to_owned() })
    }
}

fn check_count(count: usize, line: usize) -> Result<(), WitnessPolicyError> {
    if count <= MAX_ITEMS { Ok(()) } else { Err(WitnessPolicyError::TooMany { line }) }
}
