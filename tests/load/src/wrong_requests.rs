//! Requests that are wrong in one way each.

use std::thread;
use std::time::Duration;

use anyhow::Result;
use signer_client::{Credential, Engine};
use signer_core::crypto::P256Key;
use signer_core::csr;
use signer_core::identity::Purpose;
use signer_core::protocol::{Base64, CertificateRequest, MAX_BODY, Presence, RedeemGrant};
use signer_core::reason::Code;

use crate::arguments::SideDoors;
use crate::door::Doors;
use crate::hand::anyhow_of;
use crate::office;
use crate::raw_http::{self, RawHttp};
use crate::side_doors::Insider;
use crate::synthetic;

/// Sends them all.
pub(crate) fn perform(doors: &mut Doors, insider: &Insider, arguments: &SideDoors) -> Result<()> {
    grants(doors, insider)?;
    certificates(doors, insider)?;
    countersigning(doors, insider)?;
    malformed(doors, arguments)?;
    let nobody = Engine::new("http://127.0.0.1:1")?;
    doors.engine("nobody listens", Code::EngineUnreachable, nobody.status())
}

fn grants(doors: &mut Doors, insider: &Insider) -> Result<()> {
    let office = &insider.office;
    let scope = || office::scope(&insider.repository, &insider.target, "docs/");
    doors.engine("a grant for an unknown agent", Code::AgentUnknown, office.grant("nobody", scope(), 600))?;
    let redeemed = office.grant("load", scope(), 600).map_err(anyhow_of)?;
    office.redeem(&redeemed).map_err(anyhow_of)?;
    doors.engine("a grant redeemed twice", Code::IssueGrantRedeemed, office.redeem(&redeemed))?;
    let short = office.grant("load", scope(), 2).map_err(anyhow_of)?;
    thread::sleep(Duration::from_secs(3));
    doors.engine("a grant past its window", Code::IssueGrantExpired, office.redeem(&short))?;
    let guess = RedeemGrant {
        grant: redeemed.grant,
        redemption: "0".repeat(64),
        custody: signer_core::identity::Custody::Broker,
        claims: Vec::new(),
    };
    doors.engine("a guessed redemption code", Code::IssueGrantUnknown, office.engine.redeem_grant(&guess))?;
    let request = office::grant_request("load", scope(), 600, &office.hand)?;
    let outcome = office.engine.grant(&insider.session, None, &request);
    doors.engine("an agent presents a person's grant", Code::SignNotSession, outcome)
}

fn certificates(doors: &mut Doors, insider: &Insider) -> Result<()> {
    let engine = &insider.office.engine;
    let ask = |purpose, csr: Vec<u8>, presence| {
        let request = CertificateRequest { purpose, csr: Base64(csr), presence };
        engine.issue(&insider.session, None, &request)
    };
    let fresh = || -> Result<Vec<u8>> { Ok(csr::make(&P256Key::generate()?)?) };
    doors.engine("a purpose outside the grant", Code::IssuePurpose, ask(Purpose::Attestation, fresh()?, None))?;
    doors.engine("the purpose open", Code::IssuePurpose, ask(Purpose::Open, fresh()?, None))?;
    let used = csr::make(insider.hand.key())?;
    doors.engine("a key used before", Code::IssueCsrKey, ask(Purpose::Commit, used, None))?;
    let mut flipped = fresh()?;
    // The last byte is the signature's.
    if let Some(last) = flipped.last_mut() {
        *last ^= 1;
    }
    doors.engine("a request signed by another key", Code::IssueCsrProof, ask(Purpose::Commit, flipped, None))?;
    let mut cut = fresh()?;
    cut.pop();
    doors.engine("half a request", Code::IssueCsrMalformed, ask(Purpose::Commit, cut, None))?;
    let pem = b"-----BEGIN CERTIFICATE REQUEST-----\n".to_vec();
    doors.engine("a request in PEM", Code::IssueCsrMalformed, ask(Purpose::Commit, pem, None))?;
    let person = ask(Purpose::Commit, fresh()?, Some(Presence::Terminal));
    doors.engine("an agent says it is a person", Code::AgentCallerNotPerson, person)?;
    let absent = CertificateRequest { purpose: Purpose::Commit, csr: Base64(fresh()?), presence: None };
    let outcome = engine.issue(&insider.office.person, None, &absent);
    doors.engine("a person who is not present", Code::AgentPresence, outcome)?;
    let guessed = Credential::new("0".repeat(64))?;
    doors.engine("a guessed session", Code::AgentSessionUnknown, engine.issue(&guessed, None, &absent))
}

fn countersigning(doors: &mut Doors, insider: &Insider) -> Result<()> {
    let engine = &insider.office.engine;
    let changes = synthetic::changes("docs/", 21)?;
    let payload = synthetic::payload(0, 21)?;
    let honest = || synthetic::request(&insider.hand, &insider.claims(&payload, &changes, &changes), None);
    let mut request = honest()?;
    request.signed_attributes.0.pop();
    let outcome = engine.countersign(&insider.session, None, &request);
    doors.engine("half of the signed attributes", Code::CmsNotDer, outcome)?;
    let mut request = honest()?;
    request.change_list = None;
    let outcome = engine.countersign(&insider.session, None, &request);
    doors.engine("no change list", Code::RequestMalformed, outcome)?;
    let mut request = honest()?;
    request.signature = honest()?.signature;
    let outcome = engine.countersign(&insider.session, None, &request);
    doors.engine("a signature over other attributes", Code::CmsSignatureInvalid, outcome)?;
    let mut request = honest()?;
    request.certificate.0.clone_from(&insider.office.hand.certificate);
    let outcome = engine.countersign(&insider.session, None, &request);
    doors.engine("a person's certificate in an agent's session", Code::SignNotSession, outcome)
}

fn malformed(doors: &mut Doors, arguments: &SideDoors) -> Result<()> {
    let target = &arguments.target;
    let http = RawHttp::new(&target.engine)?;
    let host = target.engine.trim_start_matches("http://");
    let owner = raw_http::credential(&target.owner_file)?;
    let json = br#"{"person":"x@example.org","admin":true}"#;
    let codes = http.post("/v1/persons", &owner, json.len(), json)?;
    doors.note("an unknown member", Code::RequestMalformed, &codes)?;
    doors.note("no JSON", Code::RequestMalformed, &http.post("/v1/persons", &owner, 1, b"{")?)?;
    let codes = http.post("/v1/persons", &owner, 1 << 20, b"")?;
    doors.note("a body over the limit of names", Code::RequestTooLarge, &codes)?;
    let codes = http.post("/v1/persons", "own_guess", json.len(), json)?;
    doors.note("a guessed owner credential", Code::IssueUnauthorized, &codes)?;
    let codes = http.post("/v1/countersign", &owner, MAX_BODY + 1, b"")?;
    doors.note("the owner credential as a session's", Code::AgentSessionUnknown, &codes)?;
    let codes = http.send("GET /v1/status HTTP/1.1", "attacker.example", &owner, None, b"")?;
    doors.note("a name that a web page chose", Code::RequestHost, &codes)?;
    let codes = http.send("PUT /v1/persons HTTP/1.1", host, &owner, Some(0), b"")?;
    doors.note("another method", Code::RequestMethod, &codes)?;
    let codes = http.send("POST /v1/administration HTTP/1.1", host, &owner, Some(0), b"")?;
    doors.note("no such route", Code::RequestRoute, &codes)
}
