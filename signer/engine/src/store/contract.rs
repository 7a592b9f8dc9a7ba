//! What every store must do, as checks that run against any of them: the engine's tests run them on the store in
//! memory, the server's on the embedded database.

use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Custody, IdentityError, Purpose, Subject};
use signer_core::protocol::AgentRecord;
use signer_core::revocation::{Action, Cause, Selector, SelectorError};
use signer_core::scope::{Operation, Scope};
use signer_core::time::{TimeError, Timestamp, Window};
use signer_log::Node;

use super::rows::{
    AgentRow, AnswerRow, Batch, CertificateRow, CheckpointRow, EntryRow, EventRow, GrantRow, PersonRow, PolicyRow,
    PromptRow, RevocationRow, SessionRow, State, StatementRow, Wanted, Write,
};
use super::{StoreError, StoreReader, StoreWriter, Unique};

/// Checks a fresh store: empty at first, true to what was committed, and all or nothing.
pub fn check(reader: &dyn StoreReader, writer: &mut dyn StoreWriter) -> Result<(), Violation> {
    check_empty(reader, writer)?;
    let rows = Rows::sample()?;
    let state = state(1)?;
    writer.commit(&Batch { state: state.clone(), writes: rows.writes() })?;
    claim(writer.load()? == Some(state.clone()), "the state is the committed one")?;
    check_registry(reader, &rows)?;
    check_evidence(reader, &rows)?;
    check_conflicts(reader, writer, &rows, &state)?;
    check_changes(reader, writer, &rows)
}

fn check_empty(reader: &dyn StoreReader, writer: &mut dyn StoreWriter) -> Result<(), Violation> {
    claim(writer.load()?.is_none(), "a fresh store has no state")?;
    claim(reader.newest_checkpoint()?.is_none(), "a fresh store has no checkpoint")?;
    claim(reader.entries(0, 10)?.is_empty(), "a fresh store has no entries")?;
    claim(reader.nodes(1, 0, 10)?.is_empty(), "a fresh store has no nodes")?;
    claim(reader.frozen()?.is_none(), "a fresh store is not frozen")?;
    claim(reader.persons()?.is_empty(), "a fresh store has no persons")?;
    claim(reader.policies()?.is_empty(), "a fresh store has no policy set")?;
    claim(reader.revocations()?.is_empty(), "a fresh store has no revocations")?;
    claim(reader.agents()?.is_empty(), "a fresh store has no agents")
}

fn check_registry(reader: &dyn StoreReader, rows: &Rows) -> Result<(), Violation> {
    let Rows { person, agent, session, grant, .. } = rows;
    claim(reader.person(&person.subject)?.as_ref() == Some(person), "a person is found")?;
    claim(reader.persons()? == [person.clone()], "persons are listed")?;
    claim(reader.agent(&agent.name)?.as_ref() == Some(agent), "an agent is found")?;
    claim(reader.agents()? == [agent.clone()], "agents are listed")?;
    claim(reader.session(&session.id)?.as_ref() == Some(session), "a session is found by its id")?;
    claim(reader.session_of(&session.credential)?.as_ref() == Some(session), "a session is found by its credential")?;
    claim(reader.session_of(&digest("another"))?.is_none(), "another credential finds nothing")?;
    claim(reader.revocations()? == rows.revocations, "revocations are listed in the order they were made")?;
    claim(reader.policies()? == [rows.policy], "policy sets are listed")?;
    claim(reader.grant(&grant.leaf)?.as_ref() == Some(grant), "a grant is found")?;
    check_lists(
        |wanted| reader.sessions(wanted),
        session,
        (&session.sponsor, session.window),
        "a session is listed as it is wanted",
    )?;
    check_lists(
        |wanted| reader.grants(wanted),
        grant,
        (&grant.sponsor, grant.window),
        "a grant is listed as it is wanted",
    )
}

/// Lists of one row of that sponsor and window.
fn check_lists<T: PartialEq + Clone>(
    list: impl Fn(&Wanted) -> Result<Vec<(u64, T)>, StoreError>,
    row: &T,
    (sponsor, window): (&Subject, Window),
    what: &'static str,
) -> Result<(), Violation> {
    let any = Wanted { count: 10, ..Wanted::default() };
    let found = list(&any)?;
    let number = found.first().map_or(0, |(number, _)| *number);
    claim(found == [(number, row.clone())] && number > 0, what)?;
    let nobody: Subject = "nobody@example.org".parse()?;
    for (wanted, rows) in [
        (Wanted { sponsor: Some(sponsor.clone()), at: Some(window.start), before: Some(number + 1), ..any.clone() }, 1),
        (Wanted { count: 0, ..any.clone() }, 0),
        (Wanted { before: Some(number), ..any.clone() }, 0),
        (Wanted { sponsor: Some(nobody), ..any.clone() }, 0),
        (Wanted { agent: Some("nobody".parse()?), ..any.clone() }, 0),
        (Wanted { at: Some(window.end), ..any.clone() }, 0),
    ] {
        claim(list(&wanted)?.len() == rows, what)?;
    }
    Ok(())
}

fn check_evidence(reader: &dyn StoreReader, rows: &Rows) -> Result<(), Violation> {
    let Rows { certificate, prompt, statement, answer, checkpoint, entry, event, node, .. } = rows;
    claim(reader.certificate(&certificate.digest)?.as_ref() == Some(certificate), "a certificate is found")?;
    claim(reader.is_key_used(&certificate.key)?, "its key is used")?;
    claim(!reader.is_key_used(&digest("another"))?, "another key is not")?;
    claim(reader.prompt(&prompt.leaf)?.as_ref() == Some(prompt), "a prompt is found")?;
    claim(!reader.is_nonce_burnt(&prompt.nonce)?, "its nonce is unburnt")?;
    claim(reader.statement(&statement.leaf)?.as_ref() == Some(statement), "a statement is found")?;
    claim(reader.answer(&answer.key)?.as_ref() == Some(&answer.document), "an answer is found")?;
    for (kind, name) in [(Unique::Answer, answer.key), (Unique::CertifiedKey, certificate.key)] {
        let first = Digest::from_bytes([0; 32]);
        claim(reader.names_after(kind, &first, 10)? == [name], "names are listed")?;
        claim(reader.names_after(kind, &first, 0)?.is_empty(), "no more names are listed than were asked for")?;
        claim(reader.names_after(kind, &name, 10)?.is_empty(), "no name stands behind the last")?;
    }
    claim(reader.checkpoint(checkpoint.size)?.as_ref() == Some(checkpoint), "a checkpoint is found by its size")?;
    claim(reader.checkpoint(7)?.is_none(), "no other checkpoint is")?;
    let after = |size| Ok::<_, Violation>(reader.checkpoint_after(size)?);
    claim(after(0)?.as_ref() == Some(checkpoint), "a checkpoint is found by a smaller size")?;
    claim(after(checkpoint.size)?.is_none(), "no checkpoint follows the newest")?;
    claim(reader.newest_checkpoint()?.as_ref() == Some(checkpoint), "the newest checkpoint is found")?;
    claim(reader.entries(0, 10)? == [entry.body.clone()], "entries are listed")?;
    claim(reader.entries(1, 10)?.is_empty(), "no entry stands after the last")?;
    claim(reader.leaves(0, 10)? == [entry.leaf], "leaf hashes are listed")?;
    claim(reader.leaves(1, 10)?.is_empty(), "no leaf hash stands after the last")?;
    claim(reader.nodes(1, 0, 10)? == [node.hash], "nodes of a level are listed")?;
    claim(reader.nodes(1, 1, 10)?.is_empty(), "no node stands after the last")?;
    claim(reader.nodes(2, 0, 10)?.is_empty(), "no node stands at another level")?;
    claim(reader.events(0, 10)? == [event.document.clone()], "events are listed")
}

/// Each of these rows exists already; a batch that brings it again leaves nothing behind.
fn check_conflicts(
    reader: &dyn StoreReader,
    writer: &mut dyn StoreWriter,
    rows: &Rows,
    before: &State,
) -> Result<(), Violation> {
    let again = [
        Write::Agent(rows.agent.clone()),
        Write::Answer(rows.answer.clone()),
        Write::Certificate(CertificateRow { digest: digest("other certificate"), ..rows.certificate.clone() }),
        Write::Checkpoint(rows.checkpoint.clone()),
        Write::Entry(EntryRow { leaf: digest("other entry"), ..rows.entry.clone() }),
        Write::Event(rows.event.clone()),
        Write::Grant(rows.grant.clone()),
        Write::Node(Node { hash: digest("other node"), ..rows.node }),
        Write::Person(rows.person.clone()),
        Write::Prompt(rows.prompt.clone()),
        Write::Revocation(RevocationRow { action: Action::Revoke, ..revocations()?.remove(0) }),
        Write::Session(SessionRow { id: "another".to_owned(), ..rows.session.clone() }),
        Write::Statement(rows.statement.clone()),
    ];
    for write in again {
        let fresh = AnswerRow { key: digest("fresh"), document: b"{}".to_vec() };
        let batch = Batch { state: state(2)?, writes: vec![Write::Answer(fresh.clone()), write] };
        claim(matches!(writer.commit(&batch), Err(StoreError::Conflict)), "a second row of one name is refused")?;
        claim(reader.answer(&fresh.key)?.is_none(), "nothing of a refused batch is left")?;
        claim(writer.load()?.as_ref() == Some(before), "the state of a refused batch is not taken")?;
    }
    Ok(())
}

fn check_changes(reader: &dyn StoreReader, writer: &mut dyn StoreWriter, rows: &Rows) -> Result<(), Violation> {
    let id = rows.session.id.clone();
    let acceptance = Write::Acceptance { prompt: rows.prompt.leaf, session: id.clone(), nonce: rows.prompt.nonce };
    let redemption = Write::Redemption { grant: rows.grant.leaf, session: id.clone() };
    let at = rows.session.window.start.plus(5);
    let end = Write::SessionEnd { session: id.clone(), at };
    let all = vec![acceptance.clone(), redemption.clone(), end];
    writer.commit(&Batch { state: state(2)?, writes: all })?;
    let session = reader.session(&id)?;
    claim(session.as_ref().and_then(|row| row.prompt) == Some(rows.prompt.leaf), "acceptance sets the prompt")?;
    claim(session.is_some_and(|row| row.window.end == at), "an ended session has ended")?;
    claim(reader.is_nonce_burnt(&rows.prompt.nonce)?, "acceptance burns the nonce")?;
    let redeemed = reader.grant(&rows.grant.leaf)?.and_then(|row| row.redeemed);
    claim(redeemed == Some(id), "a redeemed grant names its session")?;
    let freeze = Write::Freeze { at };
    writer.commit(&Batch { state: state(2)?, writes: vec![freeze.clone()] })?;
    claim(reader.frozen()? == Some(at), "a frozen log is frozen since then")?;
    for write in [acceptance, redemption, freeze] {
        let batch = Batch { state: state(3)?, writes: vec![write] };
        claim(matches!(writer.commit(&batch), Err(StoreError::Conflict)), "what happens once happens once")?;
    }
    Ok(())
}

/// One row of each kind.
struct Rows {
    person: PersonRow,
    agent: AgentRecord,
    session: SessionRow,
    grant: GrantRow,
    certificate: CertificateRow,
    prompt: PromptRow,
    statement: StatementRow,
    answer: AnswerRow,
    checkpoint: CheckpointRow,
    entry: EntryRow,
    event: EventRow,
    node: Node,
    revocations: Vec<RevocationRow>,
    policy: PolicyRow,
}

impl Rows {
    fn sample() -> Result<Self, Violation> {
        let alice: Subject = "alice@example.org".parse()?;
        let start = Timestamp::from_unix(1_795_000_000)?;
        let window = Window { start, end: start.plus(3600) };
        let agent = AgentRow { name: "builder".parse()?, class: "coder".parse()? };
        let leaf = digest("entry");
        Ok(Self {
            person: PersonRow { subject: alice.clone(), registered: start },
            agent: AgentRecord {
                name: agent.name.clone(),
                class: agent.class.clone(),
                sponsor: alice.clone(),
                registered: start,
            },
            session: session_row(&alice, &agent, window)?,
            grant: GrantRow {
                leaf: digest("grant"),
                actor: alice.clone(),
                class: ActorClass::Person,
                certificate: digest("certificate of alice"),
                agent,
                sponsor: alice.clone(),
                scope: scope(),
                window,
                depth: 2,
                parents: vec![digest("parent")],
                redeemed: None,
            },
            certificate: CertificateRow {
                digest: digest("certificate"),
                session: "00ff".to_owned(),
                key: digest("key"),
                der: b"certificate".to_vec(),
            },
            prompt: PromptRow {
                leaf: digest("prompt"),
                signer: alice,
                repository: "repository".to_owned(),
                target: "refs/heads/main".to_owned(),
                session: Some("00ff".to_owned()),
                expires: window.end,
                nonce: digest("nonce"),
                previous: Some(digest("previous prompt")),
            },
            statement: StatementRow {
                leaf,
                payload_type: "application/vnd.in-toto+json".to_owned(),
                payload: b"{}".to_vec(),
                signature: b"signature".to_vec(),
                certificate: digest("certificate"),
            },
            answer: AnswerRow { key: digest("answer"), document: b"{\"a\":1}".to_vec() },
            checkpoint: CheckpointRow { size: 1, root: digest("root"), note: "log\n1\n".to_owned() },
            entry: EntryRow { index: 0, leaf, body: b"body".to_vec() },
            event: EventRow { number: 0, digest: digest("event"), document: b"{}".to_vec() },
            node: Node { level: 1, index: 0, hash: digest("node") },
            revocations: revocations()?,
            policy: PolicyRow { digest: digest("policy"), since: window.start },
        })
    }

    fn writes(&self) -> Vec<Write> {
        vec![
            Write::Person(self.person.clone()),
            Write::Agent(self.agent.clone()),
            Write::Grant(self.grant.clone()),
            Write::Session(self.session.clone()),
            Write::Certificate(self.certificate.clone()),
            Write::Entry(self.entry.clone()),
            Write::Statement(self.statement.clone()),
            Write::Prompt(self.prompt.clone()),
            Write::Answer(self.answer.clone()),
            Write::Event(self.event.clone()),
            Write::Node(self.node),
            Write::Checkpoint(self.checkpoint.clone()),
            Write::Policy(self.policy),
        ]
        .into_iter()
        .chain(self.revocations.iter().cloned().map(Write::Revocation))
        .collect()
    }
}

/// A hold and its release, whose order is their number.
fn revocations() -> Result<Vec<RevocationRow>, Violation> {
    let selector: Selector = "agent:builder".parse()?;
    let row =
        |leaf, action| RevocationRow { leaf: digest(leaf), action, cause: Cause::Misuse, selector: selector.clone() };
    Ok(vec![row("z hold", Action::Hold), row("a release", Action::Release)])
}

fn session_row(alice: &Subject, agent: &AgentRow, window: Window) -> Result<SessionRow, Violation> {
    Ok(SessionRow {
        id: "00ff".to_owned(),
        credential: digest("credential"),
        subject: "spiffe://example.internal/agent/builder/00ff".parse()?,
        agent: Some(agent.clone()),
        sponsor: alice.clone(),
        scope: scope(),
        grants: vec![digest("parent"), digest("grant")],
        custody: Custody::SharedUser,
        claims: vec![("model".to_owned(), "m-1".to_owned())],
        window,
        prompt: None,
    })
}

fn scope() -> Scope {
    Scope {
        repositories: vec!["repository".to_owned()],
        targets: vec!["refs/heads/".to_owned()],
        paths: vec!["src/".to_owned(), "docs/".to_owned()],
        operations: vec![Operation::Add, Operation::Tag],
        purposes: vec![Purpose::Commit, Purpose::Attestation],
        max_paths: 9,
        max_bytes: (1 << 53) - 1,
    }
}

fn state(events: u64) -> Result<State, Violation> {
    Ok(State {
        frontier: vec![0, 1, 2, 255],
        last_time: Some(Timestamp::from_unix(1_795_000_000)?.plus(events)),
        events,
        event_head: digest("event"),
        feed: 4,
    })
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

const fn claim(holds: bool, claim: &'static str) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::Broken { claim }) }
}

/// A claim that a store does not keep.
#[derive(Debug, thiserror::Error)]
pub enum Violation {
    /// The claim itself.
    #[error("the store does not hold that {claim}")]
    Broken {
        /// What should hold.
        claim: &'static str,
    },
    /// The sample is at fault.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The sample is at fault.
    #[error(transparent)]
    Selector(#[from] SelectorError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sample is at fault.
    #[error(transparent)]
    Time(#[from] TimeError),
}
