//! The verdict document as a table for people. As JSON it is printed as it is.

use std::fmt::Write as _;

use signer_core::verdict::{Outcome, SubjectVerdict, Verdict};

/// The table: one line a subject, its reasons beneath, a summary last. Foreign text is escaped.
pub fn table(verdict: &Verdict) -> String {
    let mut out = String::new();
    for subject in &verdict.subjects {
        row(&mut out, subject);
    }
    let summary = verdict.summary;
    let trust =
        verdict.trust.map_or(String::new(), |trust| format!(", trust: {}", format!("{trust:?}").to_lowercase()));
    let _infallible = write!(
        out,
        "{}: {} accepted, {} rejected, {} undetermined{trust}",
        word(verdict.verdict),
        summary.accepted,
        summary.rejected,
        summary.undetermined
    );
    out
}

fn row(out: &mut String, subject: &SubjectVerdict) {
    let id: String = escape(&subject.id).chars().take(12).collect();
    let signer = match (&subject.signer, &subject.sigstore_signer) {
        (Some(signer), _) => {
            let sponsor = signer.sponsor.as_deref().map(|sponsor| format!(" for {sponsor}")).unwrap_or_default();
            let name = signer.agent.as_deref().unwrap_or(&signer.identity);
            format!("{} {name}{sponsor}, custody {}", signer.class, signer.custody)
        }
        (None, Some(signer)) => format!("{} by {}", signer.identity, signer.issuer),
        (None, None) => "-".to_owned(),
    };
    let when = subject.signed_at.map_or_else(|| "-".to_owned(), |time| time.to_string());
    let place = subject.log.as_ref().map_or_else(|| "-".to_owned(), |log| format!("#{}", log.index));
    let _infallible =
        writeln!(out, "{:<12} {:<12} {:<20} {:>8}  {}", word(subject.verdict), id, when, place, escape(&signer));
    if let Some(prompt) = &subject.prompt {
        let _infallible = writeln!(out, "             under prompt {prompt}");
    }
    for reason in &subject.reasons {
        let _infallible = writeln!(out, "             {}: {}", reason.code, escape(&reason.message));
        let _infallible = writeln!(out, "             help: {}", reason.help);
    }
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "accepted",
        Outcome::Rejected => "rejected",
        Outcome::Undetermined => "undetermined",
    }
}

/// Foreign text as it may reach a terminal: printable ASCII as it is, everything else escaped.
pub fn escape(text: &str) -> String {
    text.chars()
        .map(|c| if c == ' ' || c.is_ascii_graphic() { c.to_string() } else { c.escape_default().to_string() })
        .collect()
}
