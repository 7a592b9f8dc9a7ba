//! Who there is: certificates of anybody else are issuance that nothing explains.

use signer_client::Credential;
use signer_core::identity::ActorClass;
use signer_core::log_entry::Observed;

use super::pattern::Pattern;
use crate::args::log::LogMonitor;
use crate::config::Config;
use crate::failure::Failure;

/// The persons and agents there are; neither where nobody says.
#[derive(Default)]
pub(super) struct Known {
    agents: Option<Vec<String>>,
    persons: Option<Vec<Pattern>>,
}

impl Known {
    /// Those that were named, else those that the engine tells its owner.
    pub(super) fn find(config: &Config, arguments: &LogMonitor) -> Result<Self, Failure> {
        let named = |names: &[String]| (!names.is_empty()).then(|| names.to_vec());
        let (mut agents, mut persons) = (named(&arguments.agents), named(&arguments.persons));
        if let (None, Some(owner)) = (&arguments.log, config.owner_for_scripts()?) {
            let (engine, owner) = (config.engine()?, Credential::new(owner.expose().to_owned())?);
            if agents.is_none() {
                agents = Some(engine.agents(&owner)?.into_iter().map(|record| record.name.to_string()).collect());
            }
            if persons.is_none() {
                persons = Some(engine.persons(&owner)?.into_iter().map(|record| record.person.to_string()).collect());
            }
        }
        let patterns = |names: Vec<String>| names.iter().map(|name| Pattern::new(name)).collect();
        Ok(Self { agents, persons: persons.map(patterns) })
    }

    /// Why nobody there is explains a certificate in the log with this origin.
    pub(super) fn unexplained(&self, origin: &str, observed: &Observed) -> Option<String> {
        if let Some(agent) = &observed.agent {
            let is_known = self.agents.as_ref().is_none_or(|agents| agents.iter().any(|known| known == agent.as_str()));
            return (!is_known).then(|| format!("by agent `{agent}`, which nobody registered"));
        }
        let persons = self.persons.as_ref()?;
        let is_known = |subject: &&String| {
            is_engine(origin, observed, subject) || persons.iter().any(|person| person.matches(subject))
        };
        match observed.subjects.iter().find(|subject| !is_known(subject)) {
            Some(stranger) => Some(format!("under `{stranger}`, whom nobody registered")),
            None if observed.subjects.is_empty() => Some("under no name at all".to_owned()),
            None => None,
        }
    }
}

/// Whether it is the engine itself, which signs the heads of its events: `log-<id>.<trust domain>` is written by
/// `spiffe://<trust domain>/engine`.
fn is_engine(origin: &str, observed: &Observed, subject: &str) -> bool {
    let domain = origin.split_once('.').map(|(_, domain)| domain);
    observed.class == Some(ActorClass::Workload)
        && domain.is_some_and(|domain| subject.strip_prefix("spiffe://") == Some(&format!("{domain}/engine")))
}

#[cfg(test)]
mod tests {
    use signer_core::digest::Digest;

    use super::*;

    const ORIGIN: &str = "log-7f.example.internal";

    fn known() -> Known {
        let persons = ["alice@example.org", "*@team.example"].map(Pattern::new);
        Known { agents: Some(vec!["builder".to_owned()]), persons: Some(persons.into()) }
    }

    fn seen(class: Option<ActorClass>, agent: Option<&str>, subjects: &[&str]) -> Observed {
        Observed {
            certificate: Digest::of(b"certificate"),
            subjects: subjects.iter().map(|subject| (*subject).to_owned()).collect(),
            class,
            agent: agent.map(|agent| agent.parse().unwrap()),
            issuer: String::new(),
        }
    }

    #[test]
    fn registered_persons_agents_and_the_engine_explain_their_certificates() {
        for observed in [
            seen(Some(ActorClass::Person), None, &["alice@example.org"]),
            seen(None, None, &["bob@team.example"]),
            seen(Some(ActorClass::Agent), Some("builder"), &["spiffe://example.internal/agent/builder/1"]),
            seen(Some(ActorClass::Workload), None, &["spiffe://example.internal/engine"]),
        ] {
            assert_eq!(known().unexplained(ORIGIN, &observed), None, "{observed:?}");
        }
    }

    #[test]
    fn everybody_else_is_unexplained() {
        for observed in [
            seen(Some(ActorClass::Person), None, &["mallory@example.org"]),
            seen(Some(ActorClass::Person), None, &["alice@example.org", "mallory@example.org"]),
            seen(Some(ActorClass::Agent), Some("other"), &["alice@example.org"]),
            // A name like the engine's, by somebody who is none, or of another log's domain.
            seen(Some(ActorClass::Person), None, &["spiffe://example.internal/engine"]),
            seen(None, None, &["spiffe://example.internal/engine"]),
            seen(Some(ActorClass::Workload), None, &["spiffe://other.internal/engine"]),
            seen(Some(ActorClass::Workload), None, &["spiffe://example.internal/engine/x"]),
            seen(None, None, &[]),
        ] {
            assert!(known().unexplained(ORIGIN, &observed).is_some(), "{observed:?}");
        }
    }

    #[test]
    fn where_nobody_says_who_there_is_nothing_is_unexplained() {
        let stranger = seen(Some(ActorClass::Person), None, &["mallory@example.org"]);
        assert_eq!(Known::default().unexplained(ORIGIN, &stranger), None);
    }
}
