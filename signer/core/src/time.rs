//! Points in time, in whole seconds: what certificates, tokens and grants are compared in.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use der::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Seconds since 1970-01-01T00:00:00Z, never negative and never after year 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(u64);

/// 9999-12-31T23:59:59Z, the last second RFC 5280 can write.
const LAST: u64 = 253_402_300_799;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// A time from seconds since the epoch. Fails after year 9999.
    pub const fn from_unix(seconds: u64) -> Result<Self, TimeError> {
        if seconds > LAST { Err(TimeError::OutOfRange) } else { Ok(Self(seconds)) }
    }

    /// Seconds since the epoch.
    pub const fn unix(self) -> u64 {
        self.0
    }

    /// This time moved forward; stops at year 9999.
    #[must_use]
    pub const fn plus(self, seconds: u64) -> Self {
        let sum = self.0.saturating_add(seconds);
        Self(if sum > LAST { LAST } else { sum })
    }

    /// This time moved backward; stops at the epoch.
    #[must_use]
    pub const fn minus(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// The ASN.1 form. Fails never for a value of this type, but the library says it may.
    pub fn to_der(self) -> Result<DateTime, TimeError> {
        DateTime::from_unix_duration(Duration::from_secs(self.0)).map_err(|_| TimeError::OutOfRange)
    }
}

impl From<DateTime> for Timestamp {
    fn from(time: DateTime) -> Self {
        Self(time.unix_duration().as_secs())
    }
}

impl From<x509_cert::time::Time> for Timestamp {
    fn from(time: x509_cert::time::Time) -> Self {
        Self(time.to_unix_duration().as_secs())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_der() {
            Ok(time) => fmt::Display::fmt(&time, f),
            Err(_) => f.write_str("invalid"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Reads `2026-11-22T10:00:00Z` and no other form.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let time: DateTime = text.parse().map_err(|_| TimeError::Malformed)?;
        let stamp = Self::from(time);
        if stamp.to_string() == text { Ok(stamp) } else { Err(TimeError::Malformed) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A span with both ends: `start <= t < end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first second inside.
    pub start: Timestamp,
    /// The first second outside.
    pub end: Timestamp,
}

impl Window {
    /// Whether `time` lies inside.
    pub fn contains(&self, time: Timestamp) -> bool {
        self.start <= time && time < self.end
    }

    /// Whether all of `inner` lies inside.
    pub fn encloses(&self, inner: &Self) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }
}

/// Why a value is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not of the form `2026-11-22T10:00:00Z`.
    #[error("a time is written like `2026-11-22T10:00:00Z`")]
    Malformed,
    /// After year 9999.
    #[error("a time after year 9999 cannot be written in a certificate")]
    OutOfRange,
}
