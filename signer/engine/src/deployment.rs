//! Which engine this is: names that never depend on where the server listens.

/// The fixed names of one engine, chosen at `init`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deployment {
    /// The host in every SPIFFE id, such as `<id>.chancery.internal`.
    pub trust_domain: String,
    /// Origin line of the log, `log-<id>.<trust domain>`.
    pub origin: String,
    /// What leaves name as their issuer, `https://<trust domain>`.
    pub issuer_url: String,
}
