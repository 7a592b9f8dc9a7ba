//! What is printed: one JSON document a line on stdout, remarks on stderr.

use std::io::Write;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

/// Prints one document.
pub(crate) fn answer(document: &Value) -> Result<()> {
    writeln!(std::io::stdout(), "{document}")?;
    Ok(())
}

/// Prints a line for people.
pub(crate) fn remark(text: &str) {
    let _nobody_listens = writeln!(std::io::stderr(), "{text}");
}

/// How long things took.
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn new(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    /// Number, rate and quantiles over `elapsed`.
    pub(crate) fn document(&self, elapsed: Duration) -> Value {
        let count = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        json!({
            "count": count,
            "seconds": rounded(elapsed.as_secs_f64()),
            "per_second": rounded(f64::from(count) / elapsed.as_secs_f64().max(f64::MIN_POSITIVE)),
            "p50_ms": self.quantile(50), "p99_ms": self.quantile(99), "max_ms": self.quantile(100),
        })
    }

    /// The value that `percent` of all do not exceed, in milliseconds.
    pub(crate) fn quantile(&self, percent: usize) -> Option<f64> {
        let place = self.0.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
        self.0.get(place).map(|value| rounded(value.as_secs_f64() * 1000.0))
    }
}

/// With three decimals.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Seconds of processor time this process has used.
pub(crate) fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Fields 14 and 15, counted after the name, which may hold anything; 100 ticks a second on Linux.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}
